import type { RefundState } from '../../contracts/refund-process';

import type { RefundStatus, RefundWaitCode, RefundWay } from '../../domain/refund-state';
import type { RefundLine } from '../../domain/refund';
import type { Queryable } from '../pool';
import type { CommandRecord } from './open-order';

export interface OpenRefundShare {
  readonly id: string;
  readonly paymentId: string;
  readonly seq: number;
  readonly provider: string;
  readonly way: RefundWay;
  readonly status: RefundStatus;
  readonly amountMinor: number;
  readonly idempotencyKey: string;
  /** The gateway was called, or is just being called, with the key. */
  readonly isAttempted: boolean;
  /** What the gateway calls the payment. */
  readonly intentId: string | null;
  /** The gateway took it back, and no step has booked that yet. */
  readonly isTakenBack: boolean;
}

/** A refund as a step finds it, its order's row locked until the step's transaction ends. */
export interface OpenRefund {
  readonly id: string;
  readonly orderId: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly status: RefundStatus;
  readonly revision: number;
  readonly amountMinor: number;
  readonly isOfCanceled: boolean;
  readonly waitCode: RefundWaitCode | null;
  readonly requestedBy: string;
  readonly requestedStaff: string | null;
  readonly shares: readonly OpenRefundShare[];
  readonly lines: readonly RefundLine[];
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly adjustmentMinor: number;
  readonly isTaxIncluded: boolean;
  readonly returnId: string | null;
  readonly exchangeOrderId: string | null;
  readonly replaces: string | null;
  /** What the exchange order gave back of what this refund had paid for it, and no step has booked yet. */
  readonly returned: readonly { readonly shareId: string; readonly amountMinor: number }[];
  readonly command: CommandRecord | null;
}

const LOCK = `
  select o.id as "orderId" from oms.orders o
  where o.id = (select order_id from oms.refunds where id = $1::uuid) for update`;

/** What exchange orders gave back, by the refund that had paid for it, as long as no step of that refund has booked it. */
export const RETURNED = `
  select e.id as refund_id, s.id, s.amount_minor
  from oms.refunds e join oms.payments q on q.order_id = e.exchange_order_id and q.method = 'exchange_credit'
    join oms.refund_payments s on s.payment_id = q.id
  where e.destination = 'exchange' and e.status = 'succeeded' and s.way = 'exchange' and s.status = 'succeeded'
    and s.passed_on_at is null`;

const READ = `
  select jsonb_build_object('id', r.id, 'orderId', r.order_id, 'customerId', o.customer_id, 'currency', r.currency,
    'status', r.status, 'revision', r.revision, 'amountMinor', r.amount_minor, 'isOfCanceled', r.is_of_canceled, 'waitCode', r.wait_code,
    'requestedBy', r.requested_by, 'requestedStaff', r.requested_staff, 'shippingMinor', r.shipping_minor, 'shippingTaxMinor', r.shipping_tax_minor,
    'adjustmentMinor', r.adjustment_minor, 'isTaxIncluded', o.tax_included, 'returnId', r.return_id,
    'exchangeOrderId', r.exchange_order_id, 'replaces', r.replaces,
    'shares', (select jsonb_agg(jsonb_build_object('id', s.id, 'paymentId', s.payment_id, 'seq', p.seq,
        'provider', p.provider, 'way', s.way, 'status', s.status, 'amountMinor', s.amount_minor,
        'idempotencyKey', s.idempotency_key, 'isAttempted', s.attempted_at is not null, 'intentId', p.reference,
        'isTakenBack', s.status = 'reversed' and not exists (select from oms.payment_events e
          where e.provider = p.provider and e.psp_event_id = s.idempotency_key || ':reverse'))
        order by p.seq)
      from oms.refund_payments s join oms.payments p on p.id = s.payment_id where s.refund_id = r.id),
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('lineId', l.order_line_id, 'quantity', l.quantity,
        'itemMinor', l.item_minor, 'taxMinor', l.tax_minor) order by l.order_line_id), '[]')
      from oms.refund_lines l where l.refund_id = r.id),
    'returned', (select coalesce(jsonb_agg(jsonb_build_object('shareId', t.id, 'amountMinor', t.amount_minor) order by t.id), '[]')
      from (${RETURNED}) t where t.refund_id = r.id),
    'command', (select jsonb_build_object('id', c.id, 'kind', c.kind, 'body', c.body, 'actorType', c.actor_type,
        'actorId', c.actor_id, 'requestId', c.request_id, 'status', c.status, 'result', c.result)
      from oms.commands c where c.id = $2::uuid)) as document
  from oms.refunds r join oms.orders o on o.id = r.order_id where r.id = $1::uuid`;

/**
 * Locks a refund's order (every change of a refund does, so the refund's own row needs no lock) and reads the refund
 * with the command a step carries out; null: no such refund.
 */
export async function openRefund(
  tx: Queryable,
  refundId: string,
  commandId: string | null,
): Promise<OpenRefund | null> {
  // A statement of its own: what is read after the lock is what the last step left.
  await tx.query(LOCK, [refundId]);
  const { rows } = await tx.query<{ document: OpenRefund }>(READ, [refundId, commandId]);
  return rows[0]?.document ?? null;
}

/** The order of a refund; null: no such refund. */
export async function findOrderOfRefund(db: Queryable, refundId: string): Promise<string | null> {
  const { rows } = await db.query<{ orderId: string }>(
    `select order_id as "orderId" from oms.refunds where id = $1::uuid`,
    [refundId],
  );
  return rows[0]?.orderId ?? null;
}

/** What the workflow knows of the refund. */
export function toRefundState(refund: OpenRefund): RefundState {
  const { revision, status, waitCode } = refund;
  return {
    rev: revision,
    status,
    waitCode,
    isOwed: status === 'submitted' && refund.shares.some(isOwed),
  };
}

/** A part that the gateway has to give back. */
export function isOwed({ way, status }: OpenRefundShare): boolean {
  return way === 'gateway' && (status === 'pending' || status === 'submitted');
}

/** Marks a part as tried before the gateway is called. */
export async function markShareAttempted(db: Queryable, shareId: string): Promise<void> {
  await db.query(
    `update oms.refund_payments set attempted_at = coalesce(attempted_at, now()), status = 'submitted'
     where id = $1::uuid and status in ('pending', 'submitted')`,
    [shareId],
  );
}

/** Marks a part that the gateway took back, by the key it was paid with; null: no part that has succeeded has it. */
export async function markShareReversed(
  tx: Queryable,
  idempotencyKey: string,
): Promise<{ readonly refundId: string } | null> {
  const { rows } = await tx.query<{ refundId: string }>(
    `update oms.refund_payments set status = 'reversed', ended_at = now()
     where idempotency_key = $1::text and status in ('succeeded', 'reversed') returning refund_id as "refundId"`,
    [idempotencyKey],
  );
  return rows[0] ?? null;
}

/** What an exchange order gave back is booked with the refund that had paid for it. */
export async function markPassedOn(tx: Queryable, shareIds: readonly string[]): Promise<void> {
  await tx.query(
    `update oms.refund_payments set passed_on_at = now() where id = any($1::uuid[]) and passed_on_at is null`,
    [shareIds],
  );
}
