import { randomUUID } from 'node:crypto';

import type { OrderActionFacts } from '../../src/domain/order-actions';
import type { OrderStatus } from '../../src/domain/order-state';
import { anOrder, deliverAll, expectStatus, ship, shipAll, untilStage } from './orders';
import { type System } from './system';
import { waitFor } from './wait-for';
import { stock } from './warehouse';

// Documents are read by the contract, without our types.
type Document = any;

/** Where an order stands: what the transition table is asked with, and how an order gets there. */
export interface OrderState {
  readonly facts: OrderActionFacts;
  readonly make: (system: System) => Promise<Document>;
  /** What the gateway must refuse for the state to last. */
  readonly fault?: 'void';
}

export const MATRIX_POLICIES = {
  maxDeliveryAttempts: 1,
  financeReviewAboveMinor: { USD: 500_000 },
};

/** Both at two locations, apart: an order of one each is two pieces of work. */
const EAST = 'MATRIX-EAST';
const WEST = 'MATRIX-WEST';
const BOTH = 'MATRIX-BOTH';
const NONE = 'MATRIX-NONE';
const MANY = 100_000;

export async function stockMatrix(system: System): Promise<void> {
  await stock(system, EAST, { BOS: MANY });
  await stock(system, WEST, { LON: MANY });
  await stock(system, BOTH, { BOS: MANY, LON: MANY });
  await stock(system, NONE, {});
}

const INVOICE = { payment: { method: 'invoice' } };

/** An order that nothing stops: the cheapest there is, nobody outside is called for it. */
function anEasyOrder(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { lines: [{ sku: BOTH, quantity: 2 }], ...INVOICE, ...overrides };
}

export async function inWarehouse(
  system: System,
  overrides: Record<string, unknown> = {},
): Promise<Document> {
  return at(system, 'warehouse', anEasyOrder(overrides));
}

async function at(
  system: System,
  stage: string,
  overrides: Record<string, unknown>,
): Promise<Document> {
  return untilStage(system, await placed(system, overrides), stage);
}

/** On a busy machine an order may be accepted first, and placed by itself a little later. */
async function placed(system: System, overrides: Record<string, unknown>): Promise<string> {
  const { status, body } = await system.api('POST', '/v1/orders', anOrder(overrides));
  if (status === 201) return body.order.id;
  expect(status).toBe(202);
  return waitFor(
    'the order to be placed',
    async () => {
      const { intake } = expectStatus(await system.api('GET', body.statusUrl), 200);
      const { status: found } = await system.api('GET', `/v1/orders/${String(intake.orderId)}`);
      return found === 200 ? intake.orderId : null;
    },
    60_000,
  );
}

async function after(
  system: System,
  order: Document,
  [action, body]: [string, object],
  stage: string,
): Promise<Document> {
  const answer = await system.api('POST', `/v1/orders/${order.id}/${action}`, body);
  expectStatus(answer, 200);
  return untilStage(system, order.id, stage);
}

function inReview(system: System, unitPriceMinor = 90_000): Promise<Document> {
  return at(system, 'review', anEasyOrder({ lines: [{ sku: BOTH, quantity: 2, unitPriceMinor }] }));
}

async function shortOrder(system: System): Promise<Document> {
  return at(system, 'shortage', anEasyOrder({ lines: [{ sku: NONE, quantity: 2 }] }));
}

async function handedOver(system: System): Promise<Document> {
  const { id } = await inWarehouse(system);
  await shipAll(system, id);
  return untilStage(system, id, 'carrier');
}

const HOLD: [string, object] = ['hold', { type: 'manual', reason: 'matrix' }];

function facts(status: OrderStatus, overrides: Partial<OrderActionFacts> = {}): OrderActionFacts {
  const idle = { waitCode: null, activeHolds: 0, canceling: false };
  return {
    status,
    paidBy: 'outside',
    ...idle,
    handedOver: 'none',
    isBackordered: false,
    ...overrides,
  };
}

/** Every order-level wait has a state of its name below; one that is added is missing here. */
type WaitState = Exclude<OrderActionFacts['waitCode'], null>;
/** No step makes an order a draft or lets it expire. */
type StatusState = Exclude<OrderStatus, 'draft' | 'expired' | 'pending' | 'in_review'>;

export const ORDER_STATES = {
  review: {
    facts: facts('in_review', { waitCode: 'review' }),
    make: (system) => inReview(system),
  },
  finance_review: {
    facts: facts('in_review', { waitCode: 'finance_review' }),
    make: async (system) =>
      after(
        system,
        await inReview(system, 300_000),
        ['approve', { reason: 'fine' }],
        'finance_review',
      ),
  },
  shortage: { facts: facts('confirmed', { waitCode: 'shortage' }), make: shortOrder },
  substitution: {
    facts: facts('confirmed', { waitCode: 'substitution' }),
    make: async (system) => {
      const order = await shortOrder(system);
      const substitutions = [{ lineId: order.lines[0].id, sku: BOTH }];
      const offer: [string, object] = ['resolve-shortage', { choice: 'substitute', substitutions }];
      return after(system, order, offer, 'substitution');
    },
  },
  payment: {
    facts: facts('confirmed', { waitCode: 'payment', paidBy: 'card' }),
    make: (system) =>
      at(system, 'payment', anEasyOrder({ payment: { method: 'card', token: 'tok_declined' } })),
  },
  paymentInAdvance: {
    facts: facts('confirmed', { waitCode: 'payment' }),
    make: async (system) => {
      const payment = { method: 'prepaid', reference: randomUUID() };
      const lines = [{ sku: BOTH, quantity: 2, unitPriceMinor: 90_000 }];
      const { id } = await at(system, 'review', { lines, payment });
      const part = { amountMinor: 1000, reference: payment.reference };
      expectStatus(await system.api('POST', `/v1/orders/${id}/record-payment`, part), 200);
      return after(system, { id }, ['approve', { reason: 'fine' }], 'payment');
    },
  },
  confirmed: {
    facts: facts('confirmed', { activeHolds: 1 }),
    make: async (system) => {
      const held = await after(system, await inReview(system), HOLD, 'review');
      return after(system, held, ['approve', { reason: 'fine' }], 'hold');
    },
  },
  backorder: {
    facts: facts('processing', { isBackordered: true }),
    make: async (system) =>
      after(
        system,
        await shortOrder(system),
        ['resolve-shortage', { choice: 'split' }],
        'backorder',
      ),
  },
  processing: { facts: facts('processing'), make: (system) => inWarehouse(system) },
  held: {
    facts: facts('processing', { activeHolds: 1 }),
    make: async (system) => after(system, await inWarehouse(system), HOLD, 'hold'),
  },
  partlyHandedOver: {
    facts: facts('processing', { handedOver: 'some' }),
    make: async (system) => {
      const lines = [EAST, WEST].map((sku) => ({ sku, quantity: 1 }));
      const order = await at(system, 'warehouse', anEasyOrder({ lines }));
      await ship(system, order.fulfillmentOrders[0].id);
      return untilStage(system, order.id, 'warehouse');
    },
  },
  handedOver: { facts: facts('processing', { handedOver: 'all' }), make: handedOver },
  deliveryException: {
    facts: facts('processing', { handedOver: 'all' }),
    make: async (system) => {
      const order = await handedOver(system);
      const { trackingNo } = order.shipments[0];
      const scans = [{ code: 'delivery_failed', occurredAt: new Date().toISOString() }];
      const path = `/carrier/shipments/${trackingNo}/scans`;
      expectStatus(await system.sandbox('POST', path, { scans, deliver: 'in_order' }), 200);
      return untilStage(system, order.id, 'delivery_exception');
    },
  },
  completed: {
    facts: facts('completed', { handedOver: 'all' }),
    make: async (system) => {
      const { id } = await handedOver(system);
      await deliverAll(system, id);
      return untilStage(system, id, 'completed');
    },
  },
  canceled: {
    facts: facts('canceled'),
    make: async (system) =>
      after(system, await inWarehouse(system), ['cancel', { reason: 'matrix' }], 'canceled'),
  },
  void: {
    fault: 'void',
    facts: facts('processing', { waitCode: 'void', canceling: true, paidBy: 'card' }),
    make: async (system) => {
      const payment = { method: 'card', token: 'tok_ok' };
      const { id } = await at(system, 'warehouse', anEasyOrder({ payment }));
      const idempotencyKey = randomUUID();
      const body = { reason: 'matrix' };
      void system.api('POST', `/v1/orders/${id}/cancel`, body, { idempotencyKey });
      return untilStage(system, id, 'void');
    },
  },
} as const satisfies Readonly<Record<WaitState | StatusState, OrderState>> &
  Readonly<Record<string, OrderState>>;
