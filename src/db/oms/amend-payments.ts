import type { Queryable } from '../pool';
import { recordingWith, runRecording, SYSTEM } from './record-change';

/** The key of the authorisation that an amend asks for; its command is in it. */
export function amendKey(commandId: string): string {
  return `amend:${commandId}`;
}

/** Keeps the authorisation that an amend needs, with its key, before the gateway is called. */
export async function insertAmendPayment(
  tx: Queryable,
  payment: {
    readonly orderId: string;
    readonly commandId: string;
    readonly provider: string;
    /** A card's token, or the reference of an earlier authorisation of the same card. */
    readonly token: string;
    readonly amountMinor: number;
  },
): Promise<void> {
  await tx.query(
    `insert into oms.payments (order_id, seq, method, provider, idempotency_key, token, currency, amount_minor, attempted_at)
     select o.id, coalesce((select max(seq) from oms.payments where order_id = o.id), 0) + 1, 'card', $2::text, $3::text,
       $4::text, o.currency, $5::bigint, now()
     from oms.orders o where o.id = $1::uuid`,
    [
      payment.orderId,
      payment.provider,
      amendKey(payment.commandId),
      payment.token,
      payment.amountMinor,
    ],
  );
}

export interface AmendPayment {
  readonly paymentId: string;
  readonly provider: string;
  readonly idempotencyKey: string;
  readonly token: string | null;
  readonly reference: string | null;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly commandStatus: 'running' | 'done' | 'failed';
  /** Why the command failed. */
  readonly code: string | null;
}

/** The authorisation of an amend, with how its command stands; null: there is none. */
export async function findAmendPayment(
  db: Queryable,
  commandId: string,
): Promise<AmendPayment | null> {
  const { rows } = await db.query<AmendPayment & Record<string, unknown>>(
    `select p.id as "paymentId", p.provider, p.idempotency_key as "idempotencyKey", p.token, p.reference, p.status,
       p.amount_minor as "amountMinor", p.currency, c.status as "commandStatus", c.result ->> 'code' as code
     from oms.commands c join oms.payments p on p.order_id = c.order_id and p.idempotency_key = $2::text
     where c.id = $1::uuid`,
    [commandId, amendKey(commandId)],
  );
  return rows[0] ?? null;
}

const RECORD_FURTHER = recordingWith(
  `paid as (
    update oms.payments p set status = 'authorized', reference = $12::text, authorized_minor = $13::bigint,
      expires_at = $14::timestamptz, renew_at = oms.renewal_of($14::timestamptz), token = null, updated_at = now()
    from ord where p.id = $11::uuid and p.order_id = ord.id and p.status = 'pending'
    returning p.id, p.provider, p.idempotency_key, p.authorized_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, idempotency_key)
    select id, provider, idempotency_key || ':authorize', 'authorize_success', authorized_minor, idempotency_key from paid
    on conflict (provider, psp_event_id) do nothing
  ),`,
  {
    events: `(select case when exists (select from paid) then $5::jsonb else '[]' end)`,
    result: 'exists (select from paid) as authorized',
  },
);

/** Books a further authorisation, in the transaction of the change that needs it. False: it was taken back meanwhile. */
export async function recordFurther(
  tx: Queryable,
  orderId: string,
  authorization: {
    readonly paymentId: string;
    readonly intentId: string;
    readonly amountMinor: number;
    readonly expiresAt: string | null;
  },
): Promise<boolean> {
  const { paymentId, intentId, amountMinor, expiresAt } = authorization;
  const amount = { amountMinor };
  const event = { type: 'payment_authorized', data: amount, announce: 'payment.authorized' };
  const change = {
    orderId,
    actor: SYSTEM,
    events: [{ ...event, payload: { amountMinor, paymentId } }],
  };
  const own = [paymentId, intentId, amountMinor, expiresAt];
  const { authorized } = await runRecording<{
    readonly until: Date | null;
    readonly rev: number;
    readonly authorized: boolean;
  }>(tx, RECORD_FURTHER, change, own);
  return authorized;
}
