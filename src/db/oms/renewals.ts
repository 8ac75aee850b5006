import type { OrderPhase } from '../../contracts/order-process';
import type { Queryable } from '../pool';
import type { OpenAuthorization } from './payment-voids';
import { insertWake } from './wakes';

const IS_HELD = `p.status in ('authorized', 'partially_captured') and p.authorized_minor > p.captured_minor + p.voided_minor`;

/**
 * Wakes the orders at work whose authorisations are to be renewed. Once an hour while one stays due, so that a renewal
 * that was lost with its workflow is made by the next one.
 */
export async function wakeRenewals(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `insert into oms.wakes (workflow_id, kind, ref)
     select o.workflow_id, 'authorization_ends', p.id || ':' || floor(extract(epoch from now() - p.renew_at) / 3600)
     from oms.payments p join oms.orders o on o.id = p.order_id
     where p.renew_at <= now() and ${IS_HELD} and o.phase in ('fulfill', 'track', 'complete')
     on conflict (workflow_id, kind, ref) do nothing`,
  );
  return rowCount ?? 0;
}

/** An authorisation whose renewal is due. */
export interface DueRenewal {
  readonly ending: OpenAuthorization;
  /** What of it is neither captured, voided nor owed to a hand-over. */
  readonly restMinor: number;
  /** Captures that hand-overs owe are still to be made from it. */
  readonly isOwed: boolean;
  /** What is there, or asked for, in its place. */
  readonly renewal:
    (OpenAuthorization & { readonly token: string | null; readonly amountMinor: number }) | null;
  readonly phase: OrderPhase;
}

/** The oldest authorisation of an order whose renewal is due; the order's row must be locked. */
export async function findDueRenewal(tx: Queryable, orderId: string): Promise<DueRenewal | null> {
  const { rows } = await tx.query<DueRenewal & Record<string, unknown>>(
    `select ${paymentJson('p')} as ending, o.phase, w.n > 0 as "isOwed",
       p.authorized_minor - p.captured_minor - p.voided_minor - w.minor as "restMinor",
       (select ${paymentJson('n')} || jsonb_build_object('token', n.token, 'amountMinor', n.amount_minor)
        from oms.payments n where n.renews = p.id and n.status in ('pending', 'authorized', 'partially_captured', 'captured')
        order by n.seq desc limit 1) as renewal
     from oms.payments p join oms.orders o on o.id = p.order_id, lateral (
       select count(*) as n, coalesce(sum(c.amount_minor), 0)::bigint as minor
       from oms.captures c where c.payment_id = p.id and c.status = 'owed') w
     where p.order_id = $1::uuid and p.renew_at <= now() and ${IS_HELD}
     order by p.seq limit 1`,
    [orderId],
  );
  return rows[0] ?? null;
}

function paymentJson(row: 'p' | 'n'): string {
  return `jsonb_build_object('paymentId', ${row}.id, 'provider', ${row}.provider, 'idempotencyKey', ${row}.idempotency_key,
    'reference', ${row}.reference, 'currency', ${row}.currency, 'status', ${row}.status)`;
}

/**
 * Keeps the authorisation that is asked for in place of `paymentId`, with its key, before the gateway is called: of the
 * same card, or of another one that was named. Returns its number within the order.
 */
export async function insertRenewal(
  tx: Queryable,
  paymentId: string,
  card?: { readonly provider: string; readonly token: string },
): Promise<number> {
  const { rows } = await tx.query<{ seq: number }>(
    `insert into oms.payments (order_id, seq, method, provider, idempotency_key, token, currency, amount_minor, attempted_at, renews)
     select p.order_id, s.seq, 'card', coalesce($2::text, p.provider), 'renew:' || p.id || ':' || s.seq,
       coalesce($3::text, p.reference), p.currency, p.authorized_minor - p.captured_minor - p.voided_minor - (
         select coalesce(sum(c.amount_minor), 0) from oms.captures c where c.payment_id = p.id and c.status = 'owed'), now(), p.id
     from oms.payments p, lateral (select max(q.seq) + 1 as seq from oms.payments q where q.order_id = p.order_id) s
     where p.id = $1::uuid returning seq`,
    [paymentId, card?.provider ?? null, card?.token ?? null],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the authorisation to renew does not exist');
  return row.seq;
}

/** The renewal was declined: it is not tried again until another card is named. */
export async function stopRenewing(tx: Queryable, paymentId: string): Promise<void> {
  await tx.query(
    `update oms.payments set renew_at = null, updated_at = now() where id = $1::uuid`,
    [paymentId],
  );
}

/** Another card is named for what could not be renewed: it is asked instead, by the order's workflow. */
export async function askAgain(
  tx: Queryable,
  asked: { readonly orderId: string; readonly provider: string; readonly token: string },
): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `update oms.payments p set renew_at = now(), updated_at = now()
     where p.order_id = $1::uuid and p.renew_at is null and ${IS_HELD} and not oms.is_replaced(p.id)
       and exists (select from oms.payments n where n.renews = p.id)
     returning p.id`,
    [asked.orderId],
  );
  for (const { id } of rows) {
    const seq = await insertRenewal(tx, id, asked);
    await insertWake(tx, asked.orderId, 'authorization_ends', `${id}:${String(seq)}:again`);
  }
}
