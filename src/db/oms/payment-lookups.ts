import type { OrderPhase } from '../../contracts/order-process';
import type { OrderStatus } from '../../domain/order-state';
import type { Queryable } from '../pool';

/** The payment that a gateway calls by this reference. */
export async function findPaymentByReference(
  db: Queryable,
  reference: string,
): Promise<{ readonly orderId: string } | null> {
  const { rows } = await db.query<{ orderId: string }>(
    `select order_id as "orderId" from oms.payments where reference = $1::text and method = 'card' limit 1`,
    [reference],
  );
  return rows[0] ?? null;
}

/** The card payment that a provider calls by this reference, or by this charge. */
export async function findCardPayment(
  db: Queryable,
  at: { readonly provider: string; readonly reference: string; readonly charge?: string | null },
): Promise<{ readonly orderId: string; readonly paymentId: string } | null> {
  const { rows } = await db.query<{ orderId: string; paymentId: string }>(
    `select order_id as "orderId", id as "paymentId" from oms.payments
     where method = 'card' and provider = $1::text and (reference = $2::text or charge = $3::text)
     order by reference = $2::text desc nulls last, id limit 1`,
    [at.provider, at.reference, at.charge ?? null],
  );
  return rows[0] ?? null;
}

/** Whether another order is paid by this intent of Stripe. */
export async function isIntentTaken(
  db: Queryable,
  reference: string,
  order: { readonly channel: string; readonly externalId: string | null },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from oms.payments p join oms.orders o on o.id = p.order_id
     where p.provider = 'stripe' and p.reference = $1::text
       and not (o.channel = $2::text and o.external_id is not distinct from $3::text) limit 1`,
    [reference, order.channel, order.externalId],
  );
  return rowCount === 1;
}

export interface SourceOrder {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly phase: OrderPhase;
  readonly isHandedOver: boolean;
  readonly paymentId: string | null;
  readonly paymentProvider: string | null;
  readonly paymentStatus: string | null;
  readonly amountMinor: number | null;
  readonly currency: string;
}

/** Locks the order that a shop calls by this id; null: it is not placed (yet). */
export async function lockSourceOrder(
  tx: Queryable,
  channel: string,
  externalId: string,
): Promise<SourceOrder | null> {
  const { rows } = await tx.query<SourceOrder & Record<string, unknown>>(
    `select o.id as "orderId", o.status, o.phase, o.currency, p.id as "paymentId", p.provider as "paymentProvider",
       p.status as "paymentStatus", p.amount_minor as "amountMinor", exists (
         select from oms.fulfillment_orders f where f.order_id = o.id and f.status = 'closed') as "isHandedOver"
     from oms.orders o left join oms.payments p on p.order_id = o.id and p.seq = 1
     where o.channel = $1::text and o.external_id = $2::text for update of o`,
    [channel, externalId],
  );
  return rows[0] ?? null;
}

/** Marks awaited money as reported by the shop; the order's own step books it. */
export async function markSourcePaid(tx: Queryable, paymentId: string): Promise<void> {
  await tx.query(
    `update oms.payments set provider = 'source:paid', updated_at = now() where id = $1::uuid and provider = 'source:awaited'`,
    [paymentId],
  );
}

/** A shop's cancel as a command of the order. */
export async function insertSourceCancel(
  tx: Queryable,
  cancel: {
    readonly orderId: string;
    readonly actorId: string;
    readonly reason: string;
    readonly isRefundedAtSource: boolean;
    readonly requestId: string | null;
  },
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into oms.commands (order_id, kind, body, actor_type, actor_id, request_id)
     values ($1::uuid, 'cancel', jsonb_build_object('reason', $2::text, 'isRefundedAtSource', $5::boolean), 'webhook', $3::text, $4::text) returning id`,
    [cancel.orderId, cancel.reason, cancel.actorId, cancel.requestId, cancel.isRefundedAtSource],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the command was not written');
  return row.id;
}
