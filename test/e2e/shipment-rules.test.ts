import {
  SHIPMENT_ACTIONS,
  type ShipmentAction,
  type ShipmentActionFacts,
  shipmentActions,
} from '../../src/domain/delivery-exception';
import type { ShipmentStatus } from '../../src/domain/order-state';
import { assertCleanAudit } from '../helpers/audit';
import {
  expectOneOrder,
  expectRefusals,
  expectTaken,
  legalOf,
  type Machine,
} from '../helpers/command-matrix';
import { inWarehouse, MATRIX_POLICIES, ORDER_STATES, stockMatrix } from '../helpers/order-states';
import { deliverAll, expectStatus, pick, readOrder, shipAll, untilStage } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

interface ShipmentState {
  readonly facts: ShipmentActionFacts;
  readonly make: (system: System) => Promise<Document>;
  /** What a person decides on it; default: to wait. */
  readonly resolution?: 'refund';
}

function facts(
  status: ShipmentStatus,
  overrides: Partial<ShipmentActionFacts> = {},
): ShipmentActionFacts {
  const usual = { isShipped: true, isDelivered: status === 'delivered' };
  return { ...usual, status, exception: null, givenUpAs: null, ...overrides };
}

async function shipmentOf(system: System, orderId: string): Promise<Document> {
  return (await readOrder(system, orderId)).shipments[0];
}

async function packed(system: System): Promise<Document> {
  const { id, fulfillmentOrders } = await inWarehouse(system);
  const [{ id: workId }] = fulfillmentOrders;
  const packages = [{ weightGrams: 500, lines: await pick(system, workId) }];
  const path = `/v1/fulfillment-orders/${String(workId)}/pack`;
  expectStatus(await system.api('POST', path, { packages }), 200);
  return shipmentOf(system, id);
}

async function sent(system: System, overrides: Record<string, unknown> = {}): Promise<Document> {
  const { id } = await inWarehouse(system, overrides);
  await shipAll(system, id);
  await untilStage(system, id, 'carrier');
  return shipmentOf(system, id);
}

async function scan(system: System, { trackingNo }: Document, ...codes: string[]): Promise<void> {
  const start = Date.now() - codes.length * 1000;
  const scans = codes.map((code, n) => {
    return { code, occurredAt: new Date(start + n * 1000).toISOString() };
  });
  const path = `/carrier/shipments/${String(trackingNo)}/scans`;
  expectStatus(await system.sandbox('POST', path, { scans, deliver: 'in_order' }), 200);
}

async function scanned(system: System, ...codes: string[]): Promise<Document> {
  const shipment = await sent(system);
  await scan(system, shipment, ...codes);
  return shipment;
}

/** Paid by card, so that there is money to give back; its carrier is silent for longer than it may be. */
async function lost(system: System): Promise<Document> {
  const shipment = await sent(system, { payment: { method: 'card', token: 'tok_ok' } });
  await untilStage(system, shipment.orderId, 'delivery_exception', 20_000);
  await waitFor('the capture', async () => {
    return (await readOrder(system, shipment.orderId)).paymentStatus === 'paid';
  });
  return shipment;
}

async function delivered(system: System): Promise<Document> {
  const shipment = await sent(system);
  await deliverAll(system, shipment.orderId);
  await untilStage(system, shipment.orderId, 'completed');
  return shipment;
}

async function disputed(system: System, { id }: Document): Promise<Document> {
  const body = { reason: 'matrix' };
  const answer = await system.api('POST', `/v1/shipments/${id}/dispute-delivery`, body);
  return expectStatus(answer, 200).shipment;
}

/** Its order is open: another part of it is in the warehouse. */
async function deliveredPart(system: System): Promise<Document> {
  const { id } = await ORDER_STATES.partlyHandedOver.make(system);
  const shipment = await shipmentOf(system, id);
  await system.sandbox('POST', `/carrier/shipments/${shipment.trackingNo}/deliver`, {});
  return waitFor('the delivery', async () => {
    const seen = await shipmentOf(system, id);
    return seen.status === 'delivered' ? seen : null;
  });
}

const STATES: Readonly<Record<string, ShipmentState>> = {
  packed: { facts: facts('pending', { isShipped: false }), make: packed },
  canceled: {
    facts: facts('canceled', { isShipped: false }),
    make: async (system) => {
      const shipment = await packed(system);
      const path = `/v1/orders/${shipment.orderId}/cancel`;
      expectStatus(await system.api('POST', path, { reason: 'matrix' }), 200);
      return shipment;
    },
  },
  underWay: {
    facts: facts('in_transit'),
    make: (system) => scanned(system, 'picked_up', 'in_transit'),
  },
  failed: {
    facts: facts('delivery_failed', { exception: 'delivery_failed' }),
    make: (system) => scanned(system, 'picked_up', 'delivery_failed'),
  },
  returning: {
    facts: facts('return_to_sender'),
    make: (system) => scanned(system, 'picked_up', 'return_to_sender'),
  },
  delivered: { facts: facts('delivered'), make: delivered },
  deliveredOfAnOpenOrder: { facts: facts('delivered'), make: deliveredPart },
  disputed: {
    facts: facts('delivered', { exception: 'delivery_disputed' }),
    make: async (system) => disputed(system, await delivered(system)),
  },
  disputedOfAnOpenOrder: {
    facts: facts('delivered', { exception: 'delivery_disputed' }),
    make: async (system) => disputed(system, await deliveredPart(system)),
  },
  lost: { facts: facts('lost', { exception: 'lost' }), make: lost, resolution: 'refund' },
  givenUp: {
    facts: facts('lost', { givenUpAs: 'refund' }),
    make: async (system) => {
      const shipment = await lost(system);
      const body = { action: 'refund', reason: 'matrix' };
      expectStatus(await system.api('POST', `/v1/shipments/${shipment.id}/resolve`, body), 200);
      return shipment;
    },
  },
};

/** Who races whom; all others race another caller with the same. */
const RIVALS: Partial<Record<ShipmentAction, ShipmentAction>> = { intercept: 'resolve' };

describe('the rules of a shipment', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: MATRIX_POLICIES });
    await stockMatrix(system);
  });
  afterAll(() => system.stop());

  function machineOf({ resolution }: ShipmentState): Machine<ShipmentAction, ShipmentActionFacts> {
    const bodies = {
      intercept: { reason: 'matrix' },
      resolve: { action: resolution ?? 'wait', reason: 'matrix' },
      'dispute-delivery': { reason: 'matrix' },
    };
    return {
      actions: SHIPMENT_ACTIONS,
      table: shipmentActions,
      effect(action, before) {
        if (action === 'intercept') return before;
        if (action === 'dispute-delivery') return { ...before, exception: 'delivery_disputed' };
        return { ...before, exception: null, givenUpAs: resolution ?? null };
      },
      statusOf: ({ status }) => status,
      send: ({ id }, action, idempotencyKey) => {
        const options = idempotencyKey === undefined ? {} : { idempotencyKey };
        return system.api('POST', `/v1/shipments/${id}/${action}`, bodies[action], options);
      },
      read: async ({ id }) =>
        expectStatus(await system.api('GET', `/v1/shipments/${id}`), 200).shipment,
      isNoOp: () => false,
      events: async ({ orderId }) => {
        const { body } = await system.api('GET', `/v1/orders/${orderId}/events?limit=100`);
        const called = body.items.filter(({ actor }: Document) => actor.type === 'api_key');
        return called.map(({ type }: Document) => type);
      },
    };
  }

  it.each(Object.entries(STATES))('commands on a shipment: %s', async (name, state) => {
    const machine = machineOf(state);
    const { make } = state;
    const isSilent = name === 'lost' || name === 'givenUp';
    const policy = (value: unknown) => system.api('PUT', '/v1/policies/carrierSilence', { value });
    if (isSilent) expectStatus(await policy({ default: 'P7D', sandbox: 'PT1S' }), 200);
    const legal = legalOf(machine, state.facts);
    await Promise.all([
      make(system).then((one) => expectRefusals(machine, one, state.facts)),
      ...legal.map(async (action) =>
        expectTaken(machine, { document: await make(system), action, facts: state.facts }),
      ),
      ...legal.map(async (action) => {
        const actions = [action, RIVALS[action] ?? action] as const;
        await expectOneOrder(machine, {
          document: await make(system),
          actions,
          facts: state.facts,
        });
      }),
    ]);
    if (isSilent) expectStatus(await policy('P7D'), 200);
  });

  it('leaves nothing that the audit objects to', () => assertCleanAudit(system));
});
