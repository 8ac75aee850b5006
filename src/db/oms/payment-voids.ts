import type { PaymentStatus } from '../../domain/order-state';
import type { Queryable } from '../pool';
import { type ChangeRecord, recordingWith, runRecording, SYSTEM } from './record-change';

export interface OpenAuthorization {
  readonly paymentId: string;
  readonly provider: string;
  readonly idempotencyKey: string;
  readonly reference: string | null;
  readonly currency: string;
  readonly status: PaymentStatus;
}

/**
 * Card payments of an order that may hold money at the gateway, newest first. `left`: those of an order that is handed
 * over as a whole and whose captures are done, with something left.
 */
export async function findOpenAuthorizations(
  db: Queryable,
  orderId: string,
  which: 'all' | 'left' = 'all',
): Promise<OpenAuthorization[]> {
  const { rows } = await db.query<OpenAuthorization & Record<string, unknown>>(
    `select id as "paymentId", provider, idempotency_key as "idempotencyKey", reference, currency, status
     from oms.payments
     where order_id = $1::uuid and method = 'card' and attempted_at is not null
       and case when $2::boolean then status in ('pending', 'action_required', 'authorized')
         else status in ('authorized', 'partially_captured') and authorized_minor > captured_minor + voided_minor
           and exists (select from oms.orders where id = $1::uuid and phase in ('track', 'complete'))
           and not exists (select from oms.captures where order_id = $1::uuid and status = 'owed') end
     order by seq desc`,
    [orderId, which === 'all'],
  );
  return rows;
}

const RECORD_VOIDED = recordingWith(
  `held as (
    select p.id, case
      when $12::text is null or p.status = 'action_required' then p.authorized_minor
      when p.status in ('authorized', 'partially_captured') then p.authorized_minor
      else greatest(p.authorized_minor, coalesce($13::bigint, p.amount_minor)) end as amount_minor
    from oms.payments p
    where p.id = $11::uuid and p.status in ('pending', 'action_required', 'authorized', 'partially_captured')
  ), paid as (
    update oms.payments p set status = case when p.captured_minor > 0 then 'captured' else 'voided' end, token = null,
      updated_at = now(), reference = coalesce($12::text, p.reference),
      authorized_minor = h.amount_minor, voided_minor = h.amount_minor - p.captured_minor
    from held h where p.id = h.id
    returning p.id, p.provider, p.idempotency_key, p.voided_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, idempotency_key)
    select p.id, p.provider, p.idempotency_key || e.suffix, e.type, p.voided_minor, p.idempotency_key
    from paid p, (values (':authorize', 'authorize_success'), (':void', 'cancel_success')) as e(suffix, type)
    where p.voided_minor > 0
    on conflict (provider, psp_event_id) do nothing
  ),`,
  {
    events: `(select case when exists (select from paid where voided_minor > 0) then $5::jsonb else '[]' end)`,
  },
);

/**
 * Records that nothing is held at the gateway for this payment any more, beside what was captured. `intentId` null: nothing
 * ever was; `heldMinor`: what the gateway says it held, where that was not known here.
 */
export async function recordVoided(
  db: Queryable,
  orderId: string,
  {
    paymentId,
    intentId,
    heldMinor,
  }: {
    readonly paymentId: string;
    readonly intentId: string | null;
    readonly heldMinor: number | null;
  },
): Promise<void> {
  const payment = { paymentId };
  const event = {
    type: 'payment_voided',
    data: payment,
    announce: 'payment.voided',
    payload: payment,
  };
  const change: ChangeRecord = { orderId, actor: SYSTEM, events: [event] };
  await runRecording(db, RECORD_VOIDED, change, [paymentId, intentId, heldMinor]);
}
