import fc from 'fast-check';
import {
  balanceOf,
  type MoneyFacts,
  planPayment,
  refundOf,
  type WorthOrder,
  worthOfOrder,
} from './change-money';
import { captureForHandover } from './fulfillment';

function anOrder(overrides: Partial<WorthOrder> = {}): WorthOrder {
  return {
    taxIncluded: false,
    lines: [
      { lineId: 'a', quantity: 2, canceled: 0, itemMinor: 2000, taxMinor: 200, capturedMinor: 0 },
      { lineId: 'b', quantity: 1, canceled: 0, itemMinor: 1000, taxMinor: 100, capturedMinor: 0 },
    ],
    shippingMinor: 500,
    shippingTaxMinor: 50,
    shippingCapturedMinor: 0,
    ...overrides,
  };
}

function withLine(order: WorthOrder, lineId: string, overrides: object): WorthOrder {
  const lines = order.lines.map((line) =>
    line.lineId === lineId ? { ...line, ...overrides } : line,
  );
  return { ...order, lines };
}

const CARD: MoneyFacts = {
  method: 'card',
  coveredMinor: 0,
  coveredLeftMinor: 0,
  paidMinor: 0,
  openMinor: 3850,
  isCardUntried: false,
  isAwaited: false,
};

describe('planPayment', () => {
  const raised = withLine(anOrder(), 'b', { quantity: 2, itemMinor: 2000, taxMinor: 200 });
  const lowered = withLine(anOrder(), 'a', { quantity: 1, itemMinor: 1000, taxMinor: 100 });

  it('authorises more, captures less, or does nothing', () => {
    expect(planPayment(anOrder(), raised, CARD)).toMatchObject({
      action: 'authorize',
      amountMinor: 1100,
    });
    expect(planPayment(anOrder(), lowered, CARD)).toMatchObject({
      action: 'capture_less',
      amountMinor: 1100,
    });
    expect(planPayment(anOrder(), anOrder(), CARD)).toMatchObject({
      action: 'none',
      amountMinor: 0,
    });
  });

  it('authorises only what is not authorised already', () => {
    expect(planPayment(lowered, anOrder(), CARD)).toMatchObject({
      action: 'none',
      authorizeMinor: 0,
    });
  });

  it('refunds what a line had captured and is not worth any more, though another line is still to be captured', () => {
    const shipped = anOrder({ shippingCapturedMinor: 550 });
    const before = withLine(shipped, 'b', { capturedMinor: 1100 });
    const after = withLine(before, 'b', { itemMinor: 500, taxMinor: 50 });

    expect(planPayment(before, after, { ...CARD, paidMinor: 1650, openMinor: 2200 })).toMatchObject(
      {
        action: 'refund',
        amountMinor: 550,
        authorizeMinor: 0,
      },
    );
  });

  it('sets off what a line has still to capture', () => {
    const before = withLine(anOrder(), 'a', { capturedMinor: 1100 });
    const after = withLine(before, 'a', { itemMinor: 1500, taxMinor: 150 });

    expect(planPayment(before, after, { ...CARD, openMinor: 2750 })).toMatchObject({
      action: 'capture_less',
      amountMinor: 550,
    });
    expect(balanceOf(after)).toMatchObject({ overMinor: 0, toCaptureMinor: 550 + 1100 + 550 });
  });

  it('lets cash, invoices, cards that were not tried yet and money that is waited for follow the order', () => {
    for (const money of [
      { ...CARD, method: 'cod', openMinor: 0 },
      { ...CARD, method: 'invoice', openMinor: 0 },
      { ...CARD, openMinor: 0, isCardUntried: true },
      { ...CARD, method: 'prepaid', openMinor: 0, isAwaited: true },
    ])
      expect(planPayment(anOrder(), raised, money)).toMatchObject({
        action: 'none',
        authorizeMinor: 0,
      });
  });

  it('counts money in advance first: more is authorised, less refunded', () => {
    const money = {
      ...CARD,
      method: 'prepaid',
      openMinor: 0,
      paidMinor: 3850,
      coveredMinor: 3850,
      coveredLeftMinor: 3850,
    };

    expect(planPayment(anOrder(), raised, money)).toMatchObject({
      action: 'authorize',
      amountMinor: 1100,
    });
    expect(planPayment(anOrder(), lowered, money)).toMatchObject({
      action: 'refund',
      amountMinor: 1100,
    });
    expect(refundOf(lowered, { ...money, paidMinor: 2750 })).toBe(0);
  });
});

describe('worthOfOrder', () => {
  it('takes canceled units from the end, and shipping with the last one', () => {
    const half = withLine(anOrder(), 'a', { canceled: 1 });
    const none = withLine(withLine(half, 'a', { canceled: 2 }), 'b', { canceled: 1 });

    expect(worthOfOrder(half)).toBe(1100 + 1100 + 550);
    expect(worthOfOrder(none)).toBe(0);
  });
});

/** Hand-overs, then a change of worth, then the rest: what is kept in the end is what the order is worth. */
describe('a change between hand-overs', () => {
  const minor = fc.nat({ max: 1_000_000 });
  const cases = fc.record({
    quantity: fc.integer({ min: 2, max: 12 }),
    first: fc.integer({ min: 1, max: 6 }),
    canceled: fc.nat({ max: 4 }),
    itemMinor: minor,
    taxMinor: minor,
    newItemMinor: minor,
    newTaxMinor: minor,
  });

  it('adds up to the worth after it, never capturing less than nothing', () => {
    fc.assert(
      fc.property(
        cases,
        ({ quantity, first, canceled, itemMinor, taxMinor, newItemMinor, newTaxMinor }) => {
          const shipped = Math.min(first, quantity);
          const given = Math.min(canceled, quantity - shipped);
          const one = captureOf(
            { quantity, itemMinor, taxMinor },
            { before: 0, now: shipped, captured: 0 },
          );
          const line = {
            lineId: 'a',
            quantity,
            canceled: given,
            itemMinor: newItemMinor,
            taxMinor: newTaxMinor,
          };
          const after = anOrder({
            lines: [{ ...line, capturedMinor: one }],
            shippingCapturedMinor: 550,
          });
          const { overMinor } = balanceOf(after);
          const rest = quantity - given - shipped;
          const two = captureOf(
            { quantity, itemMinor: newItemMinor, taxMinor: newTaxMinor },
            { before: shipped, now: rest, captured: one - overMinor },
          );

          expect(two).toBeGreaterThanOrEqual(0);
          expect(one - overMinor + two + 550).toBe(
            rest > 0 ? worthOfOrder(after) : one - overMinor + 550,
          );
          expect(one - overMinor).toBeLessThanOrEqual(worthOfOrder(after) - 550);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function captureOf(
  { quantity, itemMinor, taxMinor }: { quantity: number; itemMinor: number; taxMinor: number },
  { before, now, captured }: { before: number; now: number; captured: number },
): number {
  return captureForHandover({
    lines: [
      {
        lineId: 'a',
        quantity,
        itemValueMinor: itemMinor,
        taxMinor,
        shippedBefore: before,
        shippedNow: now,
        capturedBeforeMinor: captured,
      },
    ],
    shippingMinor: 500,
    shippingTaxMinor: 50,
    taxIncluded: false,
    shippingCapturedMinor: 550,
    coveredMinor: 0,
  }).amountMinor;
}
