import fc from 'fast-check';

import {
  anInvoicedLine as line,
  anInvoicedOrder as order,
  invoicedOrders,
} from '../../test/helpers/invoiced-orders';
import { correctionOf, creditNoteOf } from './credit-note';
import type { DocumentFigures } from './document-figures';
import { type InvoicedLine, type InvoicedOrder, nextInvoice } from './invoice';
import { share, shareOfUnits } from './money';
import { taxOf } from './tax';

const NOTHING = { earlier: [], amended: [], correctedMinor: 0 };

function required(figures: DocumentFigures | null): DocumentFigures {
  if (figures === null) throw new Error('there is nothing to invoice');
  return figures;
}

describe('nextInvoice', () => {
  it('of a whole order is its total, prepaid as far as captured', () => {
    const figures = nextInvoice(order({ capturedMinor: 3000 }), { ...NOTHING, units: null });

    expect(figures).toEqual({
      lines: [
        {
          lineId: 'line-1',
          sku: 'MUG-RED',
          title: 'Mug',
          quantity: 2,
          unitPriceMinor: 1299,
          discountMinor: 0,
          netMinor: 2598,
          taxMinor: 162,
          taxRate: '0.0625',
          taxCategory: 'S',
        },
      ],
      shipping: { netMinor: 500, taxMinor: 31, taxRate: '0.0625', taxCategory: 'S' },
      taxBreakdown: [{ category: 'S', rate: '0.0625', taxableMinor: 3098, taxMinor: 193 }],
      netMinor: 3098,
      taxMinor: 193,
      totalMinor: 3291,
      prepaidMinor: 3000,
      payableMinor: 291,
    });
  });

  it('takes included tax out of the net', () => {
    const included = order({
      taxIncluded: true,
      lines: [line({ taxMinor: taxOf(2598, '0.23', true), taxRate: '0.23' })],
      shippingMinor: 0,
      shippingTaxMinor: 0,
    });

    const figures = nextInvoice(included, { ...NOTHING, units: null });

    expect(figures).toMatchObject({ netMinor: 2112, taxMinor: 486, totalMinor: 2598 });
  });

  it('leaves canceled units out, and lists fees as lines without tax', () => {
    const reduced = order({
      lines: [line({ ordered: 3, wanted: 2, discountMinor: 100, taxMinor: 237 })],
      fees: [{ kind: 'tip', amountMinor: 250 }],
    });

    const figures = required(nextInvoice(reduced, { ...NOTHING, units: null }));

    expect(figures.totalMinor).toBe(reduced.currentTotalMinor);
    expect(figures.lines).toMatchObject([
      { quantity: 2, netMinor: share(3797, 2, 3), discountMinor: 2598 - share(3797, 2, 3) },
      { lineId: null, title: 'Tip', netMinor: 250, taxMinor: 0, taxCategory: 'Z' },
    ]);
  });

  it('names the rate that was really charged where a shop charged another', () => {
    const [exempt, halved] = [
      line({ id: 'a', taxMinor: 0 }),
      line({ id: 'b', ordered: 1, unitPriceMinor: 10_000, taxMinor: 313 }),
    ];

    const figures = required(
      nextInvoice(order({ lines: [exempt, halved] }), { ...NOTHING, units: null }),
    );

    expect(figures.lines).toMatchObject([
      { taxRate: '0', taxCategory: 'Z' },
      { taxRate: '0.0313', taxCategory: 'S' },
    ]);
  });

  it('is null for a hand-over of which everything is invoiced, and at the end when nothing is left', () => {
    const whole = order();
    const first = required(nextInvoice(whole, { ...NOTHING, units: new Map([['line-1', 2]]) }));

    const scope = { ...NOTHING, earlier: [first] };

    expect(nextInvoice(whole, { ...scope, units: new Map([['line-1', 1]]) })).toBeNull();
    expect(nextInvoice(whole, { ...scope, units: null })).toBeNull();
  });

  it('of a free order is one over nothing', () => {
    const free = order({ lines: [], shippingMinor: 0, shippingTaxMinor: 0 });

    expect(nextInvoice(free, { ...NOTHING, units: null })).toMatchObject({ totalMinor: 0 });
  });

  it('contains what an amend gave back, as its credit note has it', () => {
    const amended = order({ capturedMinor: 4000 });
    const note = creditNoteOf(amended, {
      amountMinor: 709,
      lines: [{ lineId: 'line-1', quantity: 1, itemMinor: 600, taxMinor: 38 }],
      shippingMinor: 71,
      shippingTaxMinor: 0,
      adjustmentMinor: 0,
    });

    const figures = required(nextInvoice(amended, { ...NOTHING, amended: [note], units: null }));

    expect(figures.totalMinor - note.totalMinor).toBe(amended.currentTotalMinor);
  });

  it('shows what a document never explained as a line of its own', () => {
    const odd = order({ currentTotalMinor: 3200 });

    const figures = required(nextInvoice(odd, { ...NOTHING, units: null }));

    expect(figures.totalMinor).toBe(3200);
    expect(figures.lines[1]).toMatchObject({ lineId: null, quantity: -1, netMinor: -91 });
  });

  it('is below 0 where the order is worth less by now than was invoiced, until that is corrected', () => {
    const before = order({ lines: [line({ ordered: 2 })] });
    const first = required(nextInvoice(before, { ...NOTHING, units: new Map([['line-1', 2]]) }));
    const cheaper = order({ lines: [line({ ordered: 2, discountMinor: 400, taxMinor: 137 })] });
    const scope = { ...NOTHING, earlier: [first], units: null };

    const over = required(nextInvoice(cheaper, scope)).totalMinor;

    expect(over).toBe(cheaper.currentTotalMinor - before.currentTotalMinor);
    expect(correctionOf(-over)).toMatchObject({ totalMinor: 425, prepaidMinor: 0 });
    expect(nextInvoice(cheaper, { ...scope, correctedMinor: -over })).toBeNull();
  });

  it('has no more tax than value where units are worth less than a minor unit', () => {
    const cheap = { ordered: 21, unitPriceMinor: 3, discountMinor: 59, taxMinor: 1 };
    const given = order({ taxIncluded: true, lines: [line({ ...cheap, taxRate: '0.23' })] });
    const earlier: DocumentFigures[] = [];
    for (const count of [10, 1, 10]) {
      const units = new Map([['line-1', count]]);
      earlier.push(required(nextInvoice(given, { ...NOTHING, earlier, units })));
    }

    const figures = earlier.flatMap(({ lines }) => lines);
    expect(figures.map(({ netMinor, taxMinor }) => [netMinor, taxMinor])).toEqual([
      [2, 0],
      [0, 0],
      [1, 1],
    ]);
  });

  it('per hand-over adds up to the current total, however the units are split', () => {
    fc.assert(
      fc.property(
        invoicedOrders(),
        fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
        (given, cuts) => {
          const left = new Map(given.lines.map(({ id, wanted }) => [id, wanted]));
          const earlier: DocumentFigures[] = [];
          for (let round = 0; round < 3; round += 1) {
            const units = new Map<string, number>();
            for (const [id, rest] of left) {
              const count = (cuts[round * 8 + units.size] ?? 0) % (rest + 1);
              units.set(id, count);
              left.set(id, rest - count);
            }
            const figures = nextInvoice(given, { ...NOTHING, earlier, units });
            if (figures !== null) earlier.push(figures);
          }
          const rest = nextInvoice(given, { ...NOTHING, earlier, units: null });
          const all = rest === null ? earlier : [...earlier, rest];

          expect(sum(all, 'totalMinor')).toBe(given.currentTotalMinor);
          expect(sum(all, 'prepaidMinor')).toBeLessThanOrEqual(given.capturedMinor);
          expect(all.flatMap(flawsOf)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('creditNoteOf', () => {
  it('of a lump sum has one line', () => {
    const refund = { lines: [], shippingMinor: 0, shippingTaxMinor: 0 };

    const figures = creditNoteOf(order(), { ...refund, amountMinor: 700, adjustmentMinor: 700 });

    expect(figures).toMatchObject({ totalMinor: 700, prepaidMinor: 700, payableMinor: 0 });
    expect(figures.lines).toMatchObject([{ lineId: null, netMinor: 700, taxMinor: 0 }]);
  });

  it('of all units and shipping takes back the invoice', () => {
    fc.assert(
      fc.property(invoicedOrders(), (given) => {
        const invoice = nextInvoice(given, { ...NOTHING, units: null });
        const refund = {
          amountMinor: given.currentTotalMinor - sumOfFees(given),
          lines: given.lines.filter(({ wanted }) => wanted > 0).map(refundOfLine),
          shippingMinor: given.shippingMinor,
          shippingTaxMinor: given.shippingTaxMinor,
          adjustmentMinor: 0,
        };
        const note = creditNoteOf(given, refund);

        expect(flawsOf(note)).toEqual([]);
        expect(note.totalMinor).toBe(refund.amountMinor);
        expect(note.taxMinor).toBe(invoice?.taxMinor);
      }),
    );
  });
});

function refundOfLine(given: InvoicedLine) {
  const item = given.unitPriceMinor * given.ordered - given.discountMinor;
  return {
    lineId: given.id,
    quantity: given.wanted,
    itemMinor: shareOfUnits(item, given.ordered, 0, given.wanted),
    taxMinor: shareOfUnits(given.taxMinor, given.ordered, 0, given.wanted),
  };
}

function sumOfFees({ fees }: InvoicedOrder): number {
  return fees.reduce((total, { amountMinor }) => total + amountMinor, 0);
}

function sum(all: readonly DocumentFigures[], key: 'totalMinor' | 'prepaidMinor'): number {
  return all.reduce((total, figures) => total + figures[key], 0);
}

/** What does not add up; looked at as a whole, since thousands of single expectations take their time. */
function flawsOf(figures: DocumentFigures): string[] {
  const { lines, shipping, netMinor, taxMinor, totalMinor } = figures;
  const parts = [...lines, ...(shipping === null ? [] : [shipping])];
  const total = (amounts: readonly number[]) => amounts.reduce((left, right) => left + right, 0);
  const own = lines.filter(({ lineId }) => lineId !== null);
  const checks = {
    net: total(parts.map((part) => part.netMinor)) === netMinor,
    tax: total(parts.map((part) => part.taxMinor)) === taxMinor,
    breakdown: total(figures.taxBreakdown.map((row) => row.taxMinor)) === taxMinor,
    sum: netMinor + taxMinor === totalMinor,
    payable: figures.prepaidMinor + figures.payableMinor === totalMinor,
    discounts: own.every(({ discountMinor }) => discountMinor >= 0),
    lines: own.every((line) => line.netMinor >= 0),
  };
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [name]));
}
