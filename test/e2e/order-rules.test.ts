import { randomUUID } from 'node:crypto';

import {
  FULFILLMENT_ACTIONS,
  type FulfillmentAction,
  type FulfillmentActionFacts,
  fulfillmentActions,
} from '../../src/domain/fulfillment-actions';
import {
  allowedActions,
  ORDER_ACTIONS,
  type OrderAction,
  type OrderActionFacts,
} from '../../src/domain/order-actions';
import type { FulfillmentOrderStatus } from '../../src/domain/order-state';
import { assertCleanAudit, auditCorrupted, superuserPool } from '../helpers/audit';
import {
  expectRefusals,
  expectTaken,
  expectOneOrder,
  legalOf,
  type Machine,
} from '../helpers/command-matrix';
import {
  inWarehouse,
  MATRIX_POLICIES,
  ORDER_STATES,
  type OrderState,
  stockMatrix,
} from '../helpers/order-states';
import { expectStatus, readOrder } from '../helpers/orders';
import { pooled } from '../helpers/pooled';
import { expectHistoriesReplay } from '../helpers/replayed';
import { readStock } from '../helpers/stock';
import { type CallOptions, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { stock } from '../helpers/warehouse';

// Documents are read by the contract, without our types.
type Document = any;

/** Names nothing: what a command is about where the order has none of it. */
const NOBODY = randomUUID();

/** Every command's body; one that is added to the table is missing here. */
const ORDER_BODIES: Readonly<Record<OrderAction, (order: Document, key: string) => object>> = {
  approve: () => ({ reason: 'matrix' }),
  reject: () => ({ reason: 'matrix' }),
  cancel: ({ lines }) => {
    const open = lines.filter(({ shipped }: Document) => shipped === 0);
    const isPart = open.length > 0 && open.length < lines.length;
    return {
      reason: 'matrix',
      ...(isPart ? { lineIds: open.map(({ id }: Document) => id) } : {}),
    };
  },
  amend: ({ version }) => ({
    ...{ baseVersion: version, confirm: true },
    changes: [{ type: 'setPriority', priority: 'high' }],
  }),
  hold: () => ({ type: 'manual', reason: 'matrix' }),
  release: ({ holds }) => {
    const active = holds.find(({ status }: Document) => status === 'active');
    return { holdId: active?.id ?? NOBODY, reason: 'matrix' };
  },
  'resolve-shortage': () => ({ choice: 'wait' }),
  'move-fulfillment': ({ fulfillmentOrders }) => {
    const [first] = fulfillmentOrders;
    const { id, location } =
      fulfillmentOrders.find(({ status }: Document) => status === 'open') ?? first ?? {};
    return { fulfillmentOrderId: id ?? NOBODY, location: location ?? 'LON' };
  },
  'retry-payment': () => ({ token: 'tok_ok' }),
  // All that is owed; where nothing is, more than was asked for.
  'record-payment': ({ amounts }, reference) => {
    return { amountMinor: amounts.balanceDueMinor || 100, reference };
  },
  notes: () => ({ text: 'matrix' }),
};

interface MatrixFacts extends OrderActionFacts {
  /** All that was not handed over is canceled: canceling it again changes nothing. */
  readonly isRestCanceled?: boolean;
}

/** What each command makes of the facts, with what follows by itself. */
function effectOn(action: OrderAction, facts: MatrixFacts): MatrixFacts {
  const goOn = (next: MatrixFacts): MatrixFacts =>
    next.waitCode === null && next.activeHolds === 0 && next.status === 'confirmed'
      ? { ...next, status: 'processing' }
      : next;
  const { activeHolds, handedOver, status } = facts;
  switch (action) {
    case 'approve':
    case 'retry-payment':
      return goOn({ ...facts, status: 'confirmed', waitCode: null });
    case 'record-payment':
      return facts.waitCode === 'payment' ? goOn({ ...facts, waitCode: null }) : facts;
    case 'reject':
      return { ...facts, status: 'canceled', waitCode: null };
    case 'cancel':
      if (handedOver === 'some') return { ...facts, handedOver: 'all', isRestCanceled: true };
      return status === 'canceled' ? facts : { ...facts, status: 'canceled', waitCode: null };
    case 'hold':
      return { ...facts, activeHolds: activeHolds + 1 };
    case 'release':
      return goOn({ ...facts, activeHolds: activeHolds - 1 });
    case 'amend':
      // Who changes an order that was offered a substitute is asked again.
      return facts.waitCode === 'substitution' ? { ...facts, waitCode: 'shortage' } : facts;
    case 'resolve-shortage':
    case 'move-fulfillment':
    case 'notes':
      return facts;
  }
}

/** Who races whom; all others race a cancel. */
const ORDER_RIVALS: Partial<Record<OrderAction, OrderAction>> = {
  approve: 'reject',
  cancel: 'amend',
};

interface WorkFacts extends FulfillmentActionFacts {
  readonly status: FulfillmentOrderStatus;
}

function workFacts(status: FulfillmentOrderStatus, overrides: Partial<WorkFacts> = {}): WorkFacts {
  return { status, allPicked: false, packed: false, heldOrder: false, ...overrides };
}

const WORK_BODIES: Readonly<Record<FulfillmentAction, (work: Document) => object>> = {
  start: () => ({}),
  pick: ({ lines }) => ({ lines: unitsOf(lines) }),
  pack: () => ({ packages: [{ weightGrams: 500 }] }),
  'hand-over': () => ({}),
  'report-short': ({ lines }) => ({ lines: unitsOf(lines), reason: 'matrix' }),
  hold: () => ({ reason: 'matrix' }),
  release: () => ({ reason: 'matrix' }),
};

function unitsOf(lines: Document): { lineId: string; quantity: number }[] {
  if (lines.length === 0) return [{ lineId: NOBODY, quantity: 1 }];
  return lines.map(({ lineId, quantity }: Document) => ({ lineId, quantity }));
}

function effectOnWork(action: FulfillmentAction, facts: WorkFacts): WorkFacts {
  switch (action) {
    case 'start':
      return { ...facts, status: 'in_progress' };
    case 'pick':
      return { ...facts, allPicked: true };
    case 'pack':
      return { ...facts, packed: true };
    case 'hand-over':
      return { ...facts, status: 'closed' };
    case 'report-short':
      return { ...facts, status: 'canceled' };
    case 'hold':
      return { ...facts, status: 'on_hold' };
    case 'release':
      return { ...facts, status: 'open' };
  }
}

interface WorkState {
  readonly facts: WorkFacts;
  readonly make: (system: System) => Promise<Document>;
}

async function workAfter(system: System, ...actions: readonly string[]): Promise<Document> {
  const order = await inWarehouse(system);
  const [{ id }] = order.fulfillmentOrders;
  for (const action of actions) {
    const answer =
      action === 'hold-order'
        ? await system.api('POST', `/v1/orders/${order.id}/hold`, { reason: 'matrix' })
        : action === 'cancel-order'
          ? await system.api('POST', `/v1/orders/${order.id}/cancel`, { reason: 'matrix' })
          : await sendWork(system, order.fulfillmentOrders[0], action as FulfillmentAction);
    expectStatus(answer, 200);
  }
  return readWork(system, id);
}

function sendWork(
  system: System,
  work: Document,
  action: FulfillmentAction,
  options: CallOptions = {},
) {
  const body = WORK_BODIES[action](work);
  return system.api('POST', `/v1/fulfillment-orders/${work.id}/${action}`, body, options);
}

async function readWork(system: System, id: string): Promise<Document> {
  return expectStatus(await system.api('GET', `/v1/fulfillment-orders/${id}`), 200)
    .fulfillmentOrder;
}

/** Who races whom; all others race another caller with the same. */
const WORK_RIVALS: Partial<Record<FulfillmentAction, FulfillmentAction>> = {
  start: 'hold',
  pick: 'report-short',
};

/** Orders that are walked at a time: more only wait for each other. */
const WIDTH = 6;

/** `npm run races` runs a thousand. */
const RACES = Number(process.env['RACES'] ?? 25);
const RACE_LIMIT_MS = 120_000 + 1000 * RACES;

const PICKED = { allPicked: true };
const PACKED = { allPicked: true, packed: true };

/** `incomplete` is kept for imported history: no step makes it. */
const WORK_STATES = {
  open: { facts: workFacts('open'), make: (system) => workAfter(system) },
  scheduled: {
    facts: workFacts('scheduled'),
    make: async (system) => (await ORDER_STATES.backorder.make(system)).fulfillmentOrders[0],
  },
  on_hold: { facts: workFacts('on_hold'), make: (system) => workAfter(system, 'hold') },
  in_progress: { facts: workFacts('in_progress'), make: (system) => workAfter(system, 'start') },
  picked: {
    facts: workFacts('in_progress', PICKED),
    make: (system) => workAfter(system, 'start', 'pick'),
  },
  pickedUnderHold: {
    facts: workFacts('in_progress', { ...PICKED, heldOrder: true }),
    make: (system) => workAfter(system, 'start', 'pick', 'hold-order'),
  },
  packed: {
    facts: workFacts('in_progress', PACKED),
    make: (system) => workAfter(system, 'start', 'pick', 'pack'),
  },
  packedUnderHold: {
    facts: workFacts('in_progress', { ...PACKED, heldOrder: true }),
    make: (system) => workAfter(system, 'start', 'pick', 'pack', 'hold-order'),
  },
  closed: {
    facts: workFacts('closed', PACKED),
    make: (system) => workAfter(system, 'start', 'pick', 'pack', 'hand-over'),
  },
  canceled: { facts: workFacts('canceled'), make: (system) => workAfter(system, 'cancel-order') },
} as const satisfies Readonly<Record<Exclude<FulfillmentOrderStatus, 'incomplete'>, WorkState>> &
  Readonly<Record<string, WorkState>>;

describe('the rules of an order', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: MATRIX_POLICIES });
    await stockMatrix(system);
  });
  afterAll(() => system.stop());

  /** What callers did; the rest comes by itself, an invoice late. */
  async function eventsOf(orderId: string): Promise<string[]> {
    const { body } = await system.api('GET', `/v1/orders/${orderId}/events?limit=100`);
    const called = body.items.filter(({ actor }: Document) => actor.type === 'api_key');
    return called.map(({ type }: Document) => type);
  }

  const orders: Machine<OrderAction, MatrixFacts> = {
    actions: ORDER_ACTIONS,
    table: allowedActions,
    effect: effectOn,
    statusOf: ({ status }) => status,
    send: (order, action, idempotencyKey = randomUUID()) => {
      const body = ORDER_BODIES[action](order, idempotencyKey);
      return system.api('POST', `/v1/orders/${order.id}/${action}`, body, { idempotencyKey });
    },
    read: ({ id }) => readOrder(system, id),
    // A cancel with nothing left to cancel, or one that is under way, is no refusal.
    isNoOp: (action, { status, waitCode, isRestCanceled }) =>
      action === 'cancel' &&
      (status === 'canceled' || waitCode === 'void' || isRestCanceled === true),
    events: ({ id }) => eventsOf(id),
  };

  const work: Machine<FulfillmentAction, WorkFacts> = {
    actions: FULFILLMENT_ACTIONS,
    table: ({ status, ...facts }) => fulfillmentActions(status, facts),
    effect: effectOnWork,
    statusOf: ({ status }) => status,
    send: (document, action, idempotencyKey) =>
      sendWork(system, document, action, idempotencyKey === undefined ? {} : { idempotencyKey }),
    read: ({ id }) => readWork(system, id),
    isNoOp: () => false,
    events: ({ orderId }) => eventsOf(orderId),
  };

  const orderStates = Object.entries<OrderState>(ORDER_STATES);

  it.each(orderStates)('commands on an order: %s', async (_name, state) => {
    const { facts, make } = state;
    await duringItsFault(state, async () => {
      const legal = legalOf(orders, facts);
      const isStill = (action: OrderAction) => effectOn(action, facts) === facts;
      await pooled(
        [
          async () => {
            const order = await make(system);
            await expectRefusals(orders, order, facts);
            for (const action of legal.filter(isStill))
              await expectTaken(orders, { document: order, action, facts });
          },
          ...legal
            .filter((action) => !isStill(action))
            .map((action) => async () => {
              await expectTaken(orders, { document: await make(system), action, facts });
            }),
          ...legal
            .filter((action) => action !== 'notes')
            .map((action) => async () => {
              const actions = [action, ORDER_RIVALS[action] ?? 'cancel'] as const;
              await expectOneOrder(orders, { document: await make(system), actions, facts });
            }),
        ],
        WIDTH,
        (check) => check(),
      );
    });
  });

  async function duringItsFault({ fault }: OrderState, run: () => Promise<void>): Promise<void> {
    if (fault === undefined) return run();
    await system.sandbox('PUT', '/faults/gateway', { mode: 'error', only: [fault] });
    try {
      await run();
    } finally {
      await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });
    }
  }

  it.each(Object.entries<WorkState>(WORK_STATES))(
    'commands on warehouse work: %s',
    async (_name, { facts, make }) => {
      const legal = legalOf(work, facts);
      await Promise.all([
        make(system).then((one) => expectRefusals(work, one, facts)),
        ...legal.map(async (action) =>
          expectTaken(work, { document: await make(system), action, facts }),
        ),
        ...legal.map(async (action) => {
          const actions = [action, WORK_RIVALS[action] ?? action] as const;
          await expectOneOrder(work, { document: await make(system), actions, facts });
        }),
      ]);
    },
  );

  it(
    `cancel against hand-over, ${String(RACES)} times: one of them wins, never both`,
    async () => {
      await stock(system, 'RACED', { BOS: 2 * RACES });
      const overrides = {
        lines: [{ sku: 'RACED', quantity: 2 }],
        payment: { method: 'card', token: 'tok_ok' },
      };
      const startedAt = performance.now();
      const won = await pooled(
        Array.from({ length: RACES }, (_, n) => n),
        WIDTH,
        async (n) => {
          const order = await inWarehouse(system, overrides);
          const [one] = order.fulfillmentOrders;
          for (const action of ['start', 'pick', 'pack'] as const)
            expectStatus(await sendWork(system, one, action), 200);
          // Before it is sent a hand-over looks its order up: every other cancel takes the same time.
          const isLate = n % 2 === 1;
          const [canceled, handedOver] = await Promise.all([
            (isLate ? readOrder(system, order.id) : Promise.resolve()).then(() =>
              orders.send(order, 'cancel'),
            ),
            sendWork(system, one, 'hand-over'),
          ]);
          const loser = canceled.status === 409 ? canceled : handedOver;
          const codes = [canceled.status, handedOver.status].toSorted();
          expect([...codes, loser.body.code]).toEqual([
            codes[0] === 202 ? 202 : 200,
            409,
            'illegal_transition',
          ]);
          return { id: String(order.id), end: loser === canceled ? 'captured' : 'voided' };
        },
      );
      const ends = new Map(won.map(({ id, end }) => [id, end]));
      await waitFor(
        'captured where it was handed over, voided where it was canceled, never both',
        async () => {
          const { body } = await system.sandbox('GET', '/gateway/books');
          const mine = body.entries.filter(({ reference }: Document) => ends.has(reference));
          const kinds = new Map([...ends.keys()].map((id) => [id, [] as string[]]));
          for (const { reference, kind } of mine) kinds.get(reference)?.push(kind);
          return [...ends].every(([id, end]) => {
            const taken = end === 'captured' ? 'capture' : 'void';
            return kinds.get(id)?.join() === `authorization,${taken}`;
          });
        },
      );
      const shipped = won.filter(({ end }) => end === 'captured').length;
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      process.stdout.write(
        `      hand-over won ${String(shipped)}, cancel ${String(RACES - shipped)}: ${seconds} s\n`,
      );
      await waitFor('the stock to be given back', async () => {
        const { reserved } = await readStock(system, 'RACED');
        return reserved === 0;
      });
      const onHand = 2 * (RACES - shipped);
      expect(await readStock(system, 'RACED')).toEqual({
        ...{ onHand, ledgerOnHand: onHand, reserved: 0, ledgerReserved: 0, heldByOrders: 0 },
      });
    },
    RACE_LIMIT_MS,
  );

  it('leaves nothing that the audit objects to', () => assertCleanAudit(system));

  it('leaves histories that replay', () => expectHistoriesReplay(system));

  it('leaves orders that are still explained when they have stood for a while', async () => {
    const pool = superuserPool(system);
    const client = await pool.connect();
    try {
      const { broken, lines } = await auditCorrupted(system, client, (db) =>
        db.query(`update oms.orders set updated_at = updated_at - interval '2 minutes'`),
      );
      expect({ broken, lines: lines.filter((line) => line.startsWith('FAIL')) }).toEqual({
        broken: [],
        lines: [],
      });
    } finally {
      client.release();
      await pool.end();
    }
  });
});
