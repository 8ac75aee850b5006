import type { FulfillmentState } from '../../contracts/order-process';
import type { Queryable } from '../pool';
import { PLAN_FULFILLMENT, PLANNED_IDS } from './fulfillment-plan';
import type { OpenOrder } from './open-order';
import {
  type ChangeRecord,
  type EventRecord,
  type Recorded,
  recordingWith,
  runRecording,
} from './record-change';

interface Planned extends Recorded {
  readonly planned: readonly string[];
}

const PLAN = recordingWith(`next as (select true as planned), ${PLAN_FULFILLMENT}`, {
  result: PLANNED_IDS,
});

const CAPTURE_IN_FULL = `
  paid as (
    update oms.payments p set status = 'captured', authorized_minor = p.amount_minor, captured_minor = p.amount_minor,
      updated_at = now()
    where p.id = $11::uuid and p.status in ('pending', 'authorized') and p.method <> 'card'
    returning p.id, p.provider, p.reference, p.amount_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor)
    select id, provider, id || ':charge', 'charge_success', amount_minor from paid
  ),`;

const CAPTURE = recordingWith(CAPTURE_IN_FULL);

/** The order's way into the warehouse as a status change. */
export const PROCESSING: EventRecord = {
  type: 'processing',
  data: { from: 'confirmed', to: 'processing' },
};

/** Creates one fulfilment order per location that holds stock, and sets the order to `processing`. */
export async function planFulfillment(
  tx: Queryable,
  order: OpenOrder,
  change: ChangeRecord,
): Promise<FulfillmentState[]> {
  const isFirst = order.status === 'confirmed';
  const { planned } = await runRecording<Planned>(
    tx,
    PLAN,
    {
      ...change,
      ...(isFirst ? { status: 'processing' } : {}),
      events: [...change.events, ...(isFirst ? [PROCESSING] : [])],
    },
    [],
  );
  return planned.map((id) => ({ id, closed: false, packed: false }));
}

/** Books a payment that reached us, or the shop, in full without a gateway, with the change it brings. */
export async function capturePrepaid(
  tx: Queryable,
  paymentId: string,
  change: ChangeRecord,
): Promise<void> {
  await runRecording(tx, CAPTURE, change, [paymentId]);
}
