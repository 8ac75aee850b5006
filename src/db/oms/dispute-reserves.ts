import type { Queryable } from '../pool';

/** Keeps the disputed amount from refunds, at most what is left to refund. */
export async function reserveDisputed(tx: Queryable, disputeId: string): Promise<void> {
  await tx.query(
    `with room as (
       select d.id, d.payment_id, greatest(0, least(d.amount_minor,
         p.captured_minor - p.refunded_minor - p.refund_pending_minor - p.disputed_minor)) as minor
       from oms.disputes d join oms.payments p on p.id = d.payment_id where d.id = $1::uuid for update of p
     ), paid as (
       update oms.payments p set disputed_minor = p.disputed_minor + r.minor, updated_at = now()
       from room r where p.id = r.payment_id
     )
     update oms.disputes d set reserved_minor = r.minor from room r where d.id = r.id`,
    [disputeId],
  );
}

/** Gives the disputed amount free again. */
export async function freeDisputed(tx: Queryable, disputeId: string): Promise<void> {
  await tx.query(
    `with kept as (
       select id, payment_id, reserved_minor from oms.disputes where id = $1::uuid
     ), paid as (
       update oms.payments p set disputed_minor = p.disputed_minor - k.reserved_minor, updated_at = now()
       from kept k where p.id = k.payment_id
     )
     update oms.disputes d set reserved_minor = 0 from kept k where d.id = k.id`,
    [disputeId],
  );
}

/** Money that was captured after its dispute was recorded is kept from refunds as well. */
export async function topUpDisputed(tx: Queryable, paymentId: string): Promise<void> {
  await tx.query(
    `with room as (
       select d.id, p.id as payment_id, least(d.amount_minor - d.reserved_minor,
         p.captured_minor - p.refunded_minor - p.refund_pending_minor - p.disputed_minor) as minor
       from oms.disputes d join oms.payments p on p.id = d.payment_id
       where p.id = $1::uuid and d.recorded_status in ('needs_response', 'under_review', 'lost')
         and d.reserved_minor < d.amount_minor
       order by d.id limit 1 for update of p
     ), paid as (
       update oms.payments p set disputed_minor = p.disputed_minor + r.minor, updated_at = now()
       from room r where p.id = r.payment_id and r.minor > 0
     )
     update oms.disputes d set reserved_minor = d.reserved_minor + r.minor from room r where d.id = r.id and r.minor > 0`,
    [paymentId],
  );
}

/** Money that is refunded at the provider already is not there to be disputed: reserves give way to it. */
export async function yieldDisputed(
  tx: Queryable,
  payment: { readonly paymentId: string; readonly refundedMinor: number },
): Promise<void> {
  await tx.query(
    `with short as (
       select d.id, p.id as payment_id, least(d.reserved_minor, $2::bigint
         - (p.captured_minor - p.refunded_minor - p.refund_pending_minor - p.disputed_minor)) as minor
       from oms.disputes d join oms.payments p on p.id = d.payment_id
       where p.id = $1::uuid and d.reserved_minor > 0
       order by d.reserved_minor desc, d.id limit 1 for update of p
     ), paid as (
       update oms.payments p set disputed_minor = p.disputed_minor - s.minor, updated_at = now()
       from short s where p.id = s.payment_id and s.minor > 0
     )
     update oms.disputes d set reserved_minor = d.reserved_minor - s.minor from short s where d.id = s.id and s.minor > 0`,
    [payment.paymentId, payment.refundedMinor],
  );
}
