import { type AmendFacts, type AmendView, lackOfStock, planAmend } from './amend';
import type { Change, ChangeLine } from './change-facts';

const LINE: ChangeLine = {
  lineId: 'a',
  lineNo: 1,
  sku: 'SET',
  title: 'Set',
  quantity: 2,
  canceled: 0,
  shipped: 0,
  unitPriceMinor: 1000,
  discountMinor: 0,
  discounts: [],
  taxMinor: 200,
  taxRate: '0.1',
  taxCategory: 'standard',
  totalMinor: 2200,
  weightGrams: 100,
  requiresShipping: true,
  kitParts: [
    { sku: 'CUP', quantity: 2 },
    { sku: 'POT', quantity: 1 },
  ],
};

const FACTS: AmendFacts = {
  base: {
    currency: 'USD',
    taxIncluded: false,
    lines: [LINE],
    shippingMethod: 'standard',
    shippingMinor: 500,
    shippingTaxMinor: 50,
    shippingTaxRate: '0.1',
    totalMinor: 2750,
    shipTo: { line1: '1 Main St', country: 'US', region: 'MA' },
    billTo: null,
    priority: 'normal',
    promisedBy: null,
  },
  catalogue: {
    products: [],
    shipping: null,
    hasShippingMethodElsewhere: false,
    pricesIncludeTax: true,
    taxRates: [],
  },
  stock: [
    { sku: 'CUP', available: 3, backorder: false },
    { sku: 'POT', available: 0, backorder: true },
  ],
};

function aView(overrides: Partial<AmendView> = {}): AmendView {
  return {
    version: 3,
    phase: 'fulfill',
    waitCode: null,
    paymentMethod: 'card',
    taxIncluded: false,
    shippingMinor: 500,
    shippingTaxMinor: 50,
    shippingCreditedMinor: 0,
    givenBackMinor: 0,
    lines: [
      {
        id: 'a',
        ordered: 2,
        wanted: 2,
        itemMinor: 2000,
        taxMinor: 200,
        capturedMinor: 0,
        creditedMinor: 0,
      },
    ],
    fulfillments: [{ id: 'f', status: 'open', packed: false, shippingCapturedMinor: 0 }],
    shipments: [],
    captures: [],
    payments: [
      {
        id: 'p',
        method: 'card',
        status: 'authorized',
        isAttempted: true,
        isRenewal: false,
        isReplaced: false,
        amountMinor: 2750,
        authorizedMinor: 2750,
        capturedMinor: 0,
        voidedMinor: 0,
      },
    ],
    ...overrides,
  };
}

const RAISE: Change = { type: 'setQuantity', lineId: 'a', quantity: 4 };

function plan(view: AmendView, changes: Change[] = [RAISE], baseVersion = 3) {
  return planAmend(view, FACTS, { baseVersion, changes });
}

describe('planAmend', () => {
  it('works prices, stock and money out together; of a kit the parts count', () => {
    expect(plan(aView())).toMatchObject({
      before: { totalMinor: 2750 },
      after: { subtotalMinor: 4000, taxMinor: 450, totalMinor: 4950 },
      stock: [
        { sku: 'CUP', delta: 4, available: 3, short: 1 },
        { sku: 'POT', delta: 2, available: 0, short: 0 },
      ],
      payment: { action: 'authorize', amountMinor: 2200 },
    });
  });

  it('refuses a stale version', () => {
    expect(() => plan(aView(), [RAISE], 2)).toThrow(
      expect.objectContaining({ code: 'version_conflict', extra: { version: 3 } }),
    );
  });

  it.each<[string, Partial<AmendView>]>([
    [
      'packed',
      {
        fulfillments: [{ id: 'f', status: 'in_progress', packed: true, shippingCapturedMinor: 0 }],
      },
    ],
    ['just being packed', { shipments: [{ fulfillmentOrderId: 'f', bookingStatus: 'pending' }] }],
  ])('refuses while units are %s', (_case, overrides) => {
    expect(() => plan(aView(overrides))).toThrow(
      expect.objectContaining({ code: 'already_packed' }),
    );
  });

  it('counts neither what is handed over as packed, nor a booking that was taken back', () => {
    const fulfillments = [
      { id: 'f', status: 'closed', packed: true, shippingCapturedMinor: 0 },
      { id: 'g', status: 'in_progress', packed: false, shippingCapturedMinor: 0 },
    ];
    const shipments = [
      { fulfillmentOrderId: 'f', bookingStatus: 'booked' },
      { fulfillmentOrderId: 'g', bookingStatus: 'voiding' },
    ];

    expect(plan(aView({ fulfillments, shipments })).payment.action).toBe('authorize');
  });

  it('keeps the way of tax once something is captured', () => {
    const [line] = aView().lines;
    const lines = line === undefined ? [] : [{ ...line, capturedMinor: 1100 }];
    const move: Change = {
      type: 'setAddress',
      shippingAddress: { line1: '1 High St', country: 'GB' },
    };

    expect(() => plan(aView({ lines }), [move])).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
    expect(plan(aView(), [move]).order.taxIncluded).toBe(true);
  });

  it('counts what is being authorised and what is owed to a hand-over', () => {
    const [payment] = aView().payments;
    const payments =
      payment === undefined
        ? []
        : [
            payment,
            { ...payment, id: 'q', status: 'pending', authorizedMinor: 0, amountMinor: 500 },
          ];
    const captures = [{ paymentId: 'p', amountMinor: 300, status: 'owed' as const }];

    expect(plan(aView({ payments, captures })).payment).toMatchObject({
      action: 'authorize',
      amountMinor: 4950 - (2750 - 300) - 500,
    });
  });
});

describe('lackOfStock', () => {
  it('names what is missing', () => {
    expect(lackOfStock([{ sku: 'CUP', quantity: 2 }])).toMatchObject({
      code: 'insufficient_stock',
      errors: [{ path: 'changes', message: 'CUP: 2 units are missing' }],
    });
  });
});
