import fc from 'fast-check';

import { splitDemand, type StockLevel } from './allocation';
import { scopeOfCancel } from './cancel';
import { balanceOf, worthOfOrder, type WorthOrder } from './change-money';
import { allocateCaptures, captureForHandover } from './fulfillment';
import { capRefund, refundOfShipping, refundOfUnits, sumOfRefund } from './refund';

/** Random commands on one order, by the functions that its steps use; after each the invariants of money and units. */

interface Line {
  readonly id: string;
  readonly ordered: number;
  readonly itemMinor: number;
  readonly taxMinor: number;
  wanted: number;
  reserved: number;
  shipped: number;
  capturedMinor: number;
  refundedUnits: number;
  refundedItemMinor: number;
  refundedTaxMinor: number;
}

interface Order {
  readonly lines: Line[];
  readonly levels: StockLevel[];
  readonly taxIncluded: boolean;
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly authorizedMinor: readonly number[];
  readonly capturedMinor: number[];
  shippingCapturedMinor: number;
  refundedMinor: number;
}

type Command = (order: Order) => void;

const SKU = 'A';

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The rounding rule as the contract writes it. */
function part(x: number, n: number, q: number): number {
  return q === 0 ? 0 : Math.floor((2 * x * n + q) / (2 * q));
}

function valueOf(order: Order, line: Line, units: number): number {
  const tax = order.taxIncluded ? 0 : part(line.taxMinor, units, line.ordered);
  return part(line.itemMinor, units, line.ordered) + tax;
}

function shippingOf({ shippingMinor, shippingTaxMinor, taxIncluded }: Order): number {
  return shippingMinor + (taxIncluded ? 0 : shippingTaxMinor);
}

function toWorth(order: Order): WorthOrder {
  return {
    ...order,
    lines: order.lines.map((line) => ({
      lineId: line.id,
      quantity: line.ordered,
      canceled: line.ordered - line.wanted,
      itemMinor: line.itemMinor,
      taxMinor: line.taxMinor,
      capturedMinor: line.capturedMinor,
    })),
  };
}

/** Cheaper than `expect`, which would cost more than what it looks at. */
function must(what: string, isSo: boolean): void {
  if (!isSo) throw new Error(`not so: ${what}`);
}

function unitsOf({ quantity }: { readonly quantity: number }): number {
  return quantity;
}

function take(order: Order, quantity: number): void {
  const [level] = order.levels;
  if (level !== undefined) order.levels[0] = { ...level, available: level.available - quantity };
}

/** Stock comes, and what is wanted and not reserved takes of it what is there. */
function receive(units: number): Command {
  return (order) => {
    take(order, -units);
    const there = order.levels[0]?.available ?? 0;
    const demand = order.lines
      .map((line) => ({
        ...{ lineId: line.id, sku: SKU },
        quantity: line.wanted - line.shipped - line.reserved,
      }))
      .filter(({ quantity }) => quantity > 0);
    const { parts, rest } = splitDemand(demand, order.levels);
    const wanted = sum(demand.map(unitsOf));
    must('what is there is taken', sum(parts.map(unitsOf)) === Math.min(there, wanted));
    must('no unit is lost', sum([...parts, ...rest].map(unitsOf)) === wanted);
    for (const { lineId, quantity } of parts) {
      const line = order.lines.find(({ id }) => id === lineId);
      if (line !== undefined) line.reserved += quantity;
      take(order, quantity);
    }
  };
}

function cancel(n: number, quantity: number): Command {
  return ({ lines, ...order }) => {
    const line = lines[n % lines.length];
    if (line === undefined || quantity > line.ordered) return;
    const scope = scopeOfCancel(lines, { lines: [{ lineId: line.id, quantity }] });
    const open = Math.min(quantity, line.wanted - line.shipped);
    const isLast = lines.every(
      ({ id, wanted, shipped }) => shipped === 0 && wanted === (id === line.id ? open : 0),
    );
    const ofOpen = open === 0 ? 'nothing' : isLast ? 'whole' : 'units';
    const expected = quantity > line.ordered - line.shipped ? 'handed_over' : ofOpen;
    must(`the cancel is ${expected}`, scope.kind === expected);
    if (scope.kind !== 'whole' && scope.kind !== 'units') return;
    const freed = Math.max(0, line.reserved - (line.wanted - open - line.shipped));
    line.wanted -= open;
    line.reserved -= freed;
    take({ lines, ...order }, -freed);
  };
}

function handOver(shares: readonly number[]): Command {
  return (order) => {
    const now = order.lines.map((line, n) => Math.min(line.reserved, shares[n] ?? 0));
    if (sum(now) === 0) return;
    const capture = captureForHandover({
      ...order,
      coveredMinor: 0,
      lines: order.lines.map((line, n) => ({
        lineId: line.id,
        quantity: line.ordered,
        itemValueMinor: line.itemMinor,
        taxMinor: line.taxMinor,
        shippedBefore: line.shipped,
        shippedNow: now[n] ?? 0,
        capturedBeforeMinor: line.capturedMinor,
      })),
    });
    const open = order.authorizedMinor.map((minor, n) => ({
      paymentId: String(n),
      restMinor: minor - (order.capturedMinor[n] ?? 0),
    }));
    const taken = allocateCaptures(capture.amountMinor, open);
    const takenMinor = sum(taken.map(({ amountMinor }) => amountMinor));
    must('the capture is spread', takenMinor === capture.amountMinor);
    for (const { paymentId, amountMinor } of taken)
      order.capturedMinor[Number(paymentId)] =
        (order.capturedMinor[Number(paymentId)] ?? 0) + amountMinor;
    order.shippingCapturedMinor += capture.shippingMinor;
    for (const [n, line] of order.lines.entries()) {
      line.shipped += now[n] ?? 0;
      line.reserved -= now[n] ?? 0;
      line.capturedMinor += capture.lines[n]?.amountMinor ?? 0;
    }
  };
}

function refund(shares: readonly number[]): Command {
  return (order) => {
    const lines = order.lines.map((line, n) =>
      refundOfUnits(refundable(line), Math.min(shares[n] ?? 0, line.shipped - line.refundedUnits)),
    );
    const parts = { lines, shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor: 0 };
    const rest = sum(order.capturedMinor) - order.refundedMinor;
    const capped = capRefund(parts, rest, order.taxIncluded);
    // Of units that were captured by the same rule nothing is ever cut off.
    const isCut = sumOfRefund(capped, order.taxIncluded) < sumOfRefund(parts, order.taxIncluded);
    must('the refund is whole', !isCut);
    order.refundedMinor += sumOfRefund(capped, order.taxIncluded);
    for (const [n, line] of order.lines.entries()) {
      line.refundedUnits += lines[n]?.quantity ?? 0;
      line.refundedItemMinor += lines[n]?.itemMinor ?? 0;
      line.refundedTaxMinor += lines[n]?.taxMinor ?? 0;
    }
  };
}

function refundable({ id, ordered, itemMinor, ...line }: Line) {
  return { lineId: id, quantity: ordered, itemValueMinor: itemMinor, ...line };
}

function mustHold(order: Order): void {
  for (const line of order.lines) {
    const { ordered, wanted, reserved, shipped, refundedUnits } = line;
    must('units', refundedUnits <= shipped && shipped + reserved <= wanted && wanted <= ordered);
    must('captured of a line', line.capturedMinor === valueOf(order, line, shipped));
  }
  must(
    'stock',
    order.levels.every(({ available }) => available >= 0),
  );
  const worth = sum(order.lines.map((line) => valueOf(order, line, line.wanted)));
  const hasUnits = order.lines.some(({ wanted }) => wanted > 0);
  const total = worthOfOrder(toWorth(order));
  must('worth', total === (hasUnits ? worth + shippingOf(order) : 0));
  const captured = sum(order.capturedMinor);
  const { overMinor, toCaptureMinor } = balanceOf(toWorth(order));
  must('nothing captured too much', overMinor === 0);
  must('captured and owed', !hasUnits || captured + toCaptureMinor === total);
  for (const [n, minor] of order.authorizedMinor.entries())
    must('an authorisation', (order.capturedMinor[n] ?? 0) <= minor);
  must('refunds', order.refundedMinor <= captured);
  must('whole numbers', Number.isSafeInteger(captured + order.refundedMinor));
}

const shares = fc.array(fc.nat({ max: 5 }), { minLength: 3, maxLength: 3 });
const commands = fc.oneof(
  fc.record({ kind: fc.constant('receive' as const), units: fc.nat({ max: 12 }) }),
  fc.record({
    kind: fc.constant('cancel' as const),
    line: fc.nat({ max: 2 }),
    units: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constant('hand_over' as const), shares }),
  fc.record({ kind: fc.constant('refund' as const), shares }),
);
type Drawn = typeof commands extends fc.Arbitrary<infer T> ? T : never;

function toCommand(drawn: Drawn): Command {
  switch (drawn.kind) {
    case 'receive':
      return receive(drawn.units);
    case 'cancel':
      return cancel(drawn.line, drawn.units);
    case 'hand_over':
      return handOver(drawn.shares);
    case 'refund':
      return refund(drawn.shares);
  }
}

const lines = fc.array(
  fc.record({
    ordered: fc.integer({ min: 1, max: 9 }),
    itemMinor: fc.nat({ max: 99_999 }),
    taxMinor: fc.nat({ max: 9_999 }),
  }),
  { minLength: 1, maxLength: 3 },
);
const facts = fc.record({
  lines,
  taxIncluded: fc.boolean(),
  shippingMinor: fc.nat({ max: 2_000 }),
  taxPercent: fc.nat({ max: 25 }),
  /** How much of it the first of two authorisations covers. */
  firstPercent: fc.nat({ max: 100 }),
});
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

function toOrder({ lines: given, taxIncluded, shippingMinor, ...percents }: Facts): Order {
  const none = { reserved: 0, shipped: 0, capturedMinor: 0 };
  const unpaid = { refundedUnits: 0, refundedItemMinor: 0, refundedTaxMinor: 0 };
  const order: Order = {
    ...{ taxIncluded, shippingMinor },
    shippingTaxMinor: part(shippingMinor, percents.taxPercent, 100),
    lines: given.map((line, n) => ({
      ...{ ...line, ...none, ...unpaid, id: String(n) },
      wanted: line.ordered,
    })),
    levels: [{ sku: SKU, location: 'BOS', priority: 1, available: 0 }],
    authorizedMinor: [],
    capturedMinor: [0, 0],
    shippingCapturedMinor: 0,
    refundedMinor: 0,
  };
  const total = worthOfOrder(toWorth(order));
  const first = part(total, percents.firstPercent, 100);
  return { ...order, authorizedMinor: [first, total - first] };
}

describe('random sequences on one order', () => {
  it('keep units, stock and money right, and end with nothing owed and nothing kept', () => {
    const sequences = fc.array(commands, { maxLength: 15 });
    fc.assert(
      fc.property(facts, sequences, (given, drawn) => {
        const order = toOrder(given);
        for (const run of drawn.map(toCommand)) {
          run(order);
          mustHold(order);
        }
        const all = order.lines.map(({ ordered }) => ordered);
        for (const run of [receive(sum(all)), handOver(all), refund(all)]) {
          run(order);
          mustHold(order);
        }
        const captured = sum(order.capturedMinor);
        expect(captured).toBe(worthOfOrder(toWorth(order)));
        const shipping = { ...order, refundedMinor: 0, refundedTaxMinor: 0 };
        const rest = order.shippingCapturedMinor === 0 ? 0 : order.shippingMinor;
        const last = { lines: [], adjustmentMinor: 0, ...refundOfShipping(shipping, rest) };
        expect(order.refundedMinor + sumOfRefund(last, order.taxIncluded)).toBe(captured);
      }),
      { numRuns: 2000 },
    );
  });
});
