import { drive } from '../helpers/driver';
import { expectStatus } from '../helpers/orders';
import { addProduct, receive } from '../helpers/stock';
import { type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

export interface Scenario {
  readonly name: string;
  /** What its order has of its own. */
  readonly order?: Readonly<Record<string, unknown>>;
  readonly prepare?: (system: System) => Promise<void>;
  /** Set before the order comes, as `PUT /faults/{service}` takes them. */
  readonly faults: Readonly<Record<string, object>>;
  /** The story that the caller, the warehouse and the carrier make of the order. */
  readonly tell: (system: System, orderId: string) => Promise<void>;
  readonly endsAs: 'completed' | 'canceled';
  /** The mails that the customer gets. */
  readonly mails: readonly string[];
  /** Which of the points that the recording found belong to the matrix; default all. */
  readonly concerns?: (point: string) => boolean;
}

const SCARCE = 'SCARCE';

/** Two dead workers' timeouts, and a busy machine. */
const PATIENT = { timeoutMs: 120_000, pauseMs: 300 };

/** The whole of the plain path: placed, reserved, paid, packed, handed over, captured, delivered, told. */
const SHIPPED: Scenario = {
  name: 'shipped',
  faults: {},
  tell: async (system, orderId) => {
    const { shipments } = await drive(system, orderId, { ...PATIENT, until: ['carrier'] });
    await pickUp(system, shipments[0].trackingNo);
    await drive(system, orderId, PATIENT);
  },
  endsAs: 'completed',
  mails: ['order_confirmed', 'order_delivered', 'order_shipped'],
};

/** Canceled when the carrier is booked already: booking and authorisation are taken back. */
const CANCELED: Scenario = {
  name: 'canceled',
  faults: {},
  tell: async (system, orderId) => {
    await waitFor('a packed order', () => packOnly(system, orderId), PATIENT.timeoutMs);
    await waitFor('a cancel', () => cancel(system, orderId), PATIENT.timeoutMs);
    await drive(system, orderId, PATIENT);
  },
  endsAs: 'canceled',
  mails: ['order_canceled', 'order_confirmed'],
  concerns: (point) => /^(?:cancelOrder|void\w+|finishCancel):|order_canceled/.test(point),
};

const LOST_ANSWER = { mode: 'timeout_after_effect', ms: 200, times: 1 };

/** Gateway and carrier do what they are asked and then never answer, and the worker dies besides. */
const UNANSWERED: Scenario = {
  ...SHIPPED,
  name: 'unanswered',
  faults: { gateway: { ...LOST_ANSWER, times: 2 }, carrier: { ...LOST_ANSWER, only: ['book'] } },
  concerns: (point) =>
    /^(?:authorizePayment|bookShipments|capturePayment|completeOrder):/.test(point),
};

/** Stock is short at first: the order waits in the queue, is served by the lane, and goes on. */
const SHORT: Scenario = {
  ...SHIPPED,
  name: 'short',
  order: { lines: [{ sku: SCARCE, quantity: 2 }] },
  prepare: async (system) => {
    await addProduct(system, SCARCE, 1);
  },
  tell: async (system, orderId) => {
    await drive(system, orderId, { ...PATIENT, until: ['shortage'] });
    await receive(system, SCARCE, 1);
    await drive(system, orderId, PATIENT);
  },
  concerns: (point) => /^reserveStock:|runWakeLane:commit\(.*writeReservations/.test(point),
};

export const SCENARIOS: readonly Scenario[] = [SHIPPED, CANCELED, SHORT, UNANSWERED];

/** The first scan is taken before the others come: an arrival is then applied by itself as well as with others. */
async function pickUp(system: System, trackingNo: string): Promise<void> {
  const scans = [{ code: 'picked_up', occurredAt: new Date().toISOString() }];
  await system.sandbox('POST', `/carrier/shipments/${trackingNo}/scans`, {
    scans,
    deliver: 'in_order',
  });
  await waitFor(
    'the scan to be applied',
    async () => {
      const { rowCount } = await system.db.admin.query(`select from oms.tracking_events`);
      return rowCount === 1;
    },
    PATIENT.timeoutMs,
  );
}

/** Works on the order until it is packed; false until then. */
async function packOnly(system: System, orderId: string): Promise<boolean> {
  const answer = await system.api('GET', `/v1/orders/${orderId}`);
  if (answer.status !== 200) return false;
  const [task] = answer.body.order.fulfillmentOrders;
  if (task === undefined) return false;
  const lines = task.lines.map(({ lineId, quantity }: { lineId: string; quantity: number }) => ({
    lineId,
    quantity,
  }));
  const path = `/v1/fulfillment-orders/${String(task.id)}`;
  const due: string[] = task.allowedActions;
  if (due.includes('hand-over')) return true;
  if (due.includes('pack'))
    await system.api('POST', `${path}/pack`, { packages: [{ weightGrams: 700 }] });
  else if (due.includes('pick')) await system.api('POST', `${path}/pick`, { lines });
  else if (due.includes('start')) await system.api('POST', `${path}/start`, {});
  return false;
}

/** True when the cancel was taken, done or not. */
async function cancel(system: System, orderId: string): Promise<boolean> {
  const answer = await system.api('POST', `/v1/orders/${orderId}/cancel`, { reason: 'customer' });
  if (answer.status === 503) return false;
  if (answer.status !== 202) expectStatus(answer, 200);
  return true;
}
