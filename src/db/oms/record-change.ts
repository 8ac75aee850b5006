import type { OrderPhase, OrderWaitCode } from '../../contracts/order-process';
import type { OrderStatus } from '../../domain/order-state';
import type { Queryable } from '../pool';

export interface Actor {
  readonly type: string;
  readonly id: string;
}

/** The actor of what nobody asked for. */
export const SYSTEM: Actor = { type: 'system', id: 'order-workflow' };

export interface EventRecord {
  readonly type: string;
  readonly reason?: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
  /** The outbox type under which the lanes hear of it. */
  readonly announce?: string;
  /** Members of the announcement beside orderId, customerId and currency. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

export interface OrderWait {
  readonly code: OrderWaitCode | null;
  readonly detail: string | null;
  /** The policy that holds the deadline's duration; null: no deadline. */
  readonly policy: string | null;
}

export interface ChangeRecord {
  /** Null: the statement finds the order itself. */
  readonly orderId: string | null;
  readonly status?: OrderStatus;
  readonly phase?: OrderPhase;
  /** Left out: the wait stays as it is; null: it is over. */
  readonly wait?: OrderWait | null;
  readonly cancelReason?: string | null;
  readonly events: readonly EventRecord[];
  readonly actor: Actor;
  readonly requestId?: string | null;
  /** The command that is done with this change. */
  readonly commandId?: string | null;
}

/** What a statement decides itself, as SQL over its own CTEs, where a parameter would come too early. */
interface Decisions {
  /** Which order, where the change does not know its id. */
  readonly order?: string;
  /** Columns of the answer. */
  readonly result?: string;
  readonly status?: string;
  readonly phase?: string;
  /** A jsonb array of events, `$5` among them. */
  readonly events?: string;
}

/** No wait was given, or the order is being canceled: that wait is ended by the cancel's own end alone. */
const KEEPS_WAIT = `($4::jsonb is null or o.phase = 'cancel' and $3::text is null)`;

/**
 * A statement that does `own` (CTEs, each ending in a comma, or nothing) and with it what every step shares: order
 * row, events, announcements and the command's end, in one round trip. `$1` … `$10` are taken; own begin at `$11`.
 * The order is locked first, as CTE `ord`: what looks at its phase must select from that, never from the table. Where the
 * lock was waited for, everything else would be read as it was before the wait: then `ord` is empty, nothing happens, and
 * the statement is run again (`tryRecording`).
 */
export function recordingWith(own: string, decisions: Decisions = {}): string {
  const status = `coalesce(${decisions.status ?? 'null'}, $2::text)`;
  const phase = `coalesce(${decisions.phase ?? 'null'}, $3::text, o.phase)`;
  const order = `coalesce($1::uuid, ${decisions.order ?? 'null'})`;
  return `with ord as (
    select o.id, o.phase from oms.orders o
    where o.id = ${order} and o.revision = (select seen.revision from oms.orders seen where seen.id = o.id)
    for update of o
  ), ${own} moved as (
    update oms.orders o set
      status = coalesce(${status}, o.status),
      phase = ${phase},
      wait_code = case when ${KEEPS_WAIT} then o.wait_code else $4::jsonb ->> 'code' end,
      wait_detail = case when ${KEEPS_WAIT} then o.wait_detail else $4::jsonb ->> 'detail' end,
      wait_since = case when ${KEEPS_WAIT} then o.wait_since else now() end,
      wait_until = case when ${KEEPS_WAIT} then o.wait_until else now() + (
        select (p.value #>> '{}')::interval from oms.policies p
        where p.key = $4::jsonb ->> 'policy' and jsonb_typeof(p.value) = 'string') end,
      confirmed_at = case when ${status} = 'confirmed' then now() else o.confirmed_at end,
      completed_at = case when ${status} = 'completed' then now() else o.completed_at end,
      canceled_at = case when ${status} = 'canceled' then now() else o.canceled_at end,
      cancel_reason = coalesce($10::text, o.cancel_reason),
      revision = o.revision + 1,
      version = o.version + case when ${status} = 'canceled' then 1 else 0 end
    from ord where o.id = ord.id
    returning o.id, o.customer_id, o.currency, o.status, o.phase, o.wait_until, o.revision
  ), numbered as (
    select e.value as event, e.ordinality as n,
      count(*) filter (where e.value ? 'announce') over (order by e.ordinality) as announced
    from jsonb_array_elements(${decisions.events ?? '$5::jsonb'}) with ordinality e
  ), stream as (
    update oms.order_streams s set
      event_seq = s.event_seq + (select count(*) from numbered),
      outbox_seq = s.outbox_seq + (select count(*) from numbered where event ? 'announce')
    from ord where s.order_id = ord.id
    returning s.order_id, s.event_seq - (select count(*) from numbered) as event_seq,
      s.outbox_seq - (select count(*) from numbered where event ? 'announce') as outbox_seq
  ), events as (
    insert into oms.order_events (order_id, seq, type, actor_type, actor_id, reason, request_id, data)
    select s.order_id, s.event_seq + n.n, n.event ->> 'type', $6::text, $7::text, n.event ->> 'reason', $8::text,
      coalesce(n.event -> 'data', '{}')
    from numbered n, stream s
  ), announcements as (
    insert into oms.outbox (aggregate, aggregate_id, seq, type, payload)
    select 'order', s.order_id, s.outbox_seq + n.announced, n.event ->> 'announce',
      jsonb_build_object('orderId', m.id, 'customerId', m.customer_id, 'currency', m.currency, 'occurredAt', now())
        || coalesce(n.event -> 'payload', '{}')
    from numbered n, stream s, moved m where n.event ? 'announce'
    order by n.n
  ), command as (
    update oms.commands c set status = 'done', ended_at = now(), body = c.body - 'token' where c.id = $9::uuid
  )
  select m.wait_until as "until", m.revision as rev${decisions.result === undefined ? '' : `, ${decisions.result}`}
  from (select from oms.orders where id = ${order}) known left join moved m on true`;
}

const RECORD_CHANGE = recordingWith('');

/** The shared parameters `$1` … `$10` of a recording statement. */
function recordValues(change: ChangeRecord): unknown[] {
  return [
    change.orderId,
    change.status ?? null,
    change.phase ?? null,
    change.wait === undefined ? null : JSON.stringify(change.wait ?? {}),
    JSON.stringify(change.events),
    change.actor.type,
    change.actor.id,
    change.requestId ?? null,
    change.commandId ?? null,
    change.cancelReason ?? null,
  ];
}

export interface Recorded {
  readonly until: Date | null;
  /** The order's revision after the change. */
  readonly rev: number;
}

/** Writes a change that has nothing particular to it. */
export async function recordChange(tx: Queryable, change: ChangeRecord): Promise<Recorded> {
  return runRecording(tx, RECORD_CHANGE, change, []);
}

/** Runs a recording statement with the step's own values. */
export async function runRecording<R extends Recorded>(
  tx: Queryable,
  statement: string,
  change: ChangeRecord,
  own: readonly unknown[],
): Promise<R> {
  const row = await tryRecording<R>(tx, statement, change, own);
  if (row === null) throw new Error('the order to change does not exist');
  return row;
}

/** In a transaction the second try has the lock already. */
const MAX_TRIES = 10;

/** Like `runRecording`; null where there is no such order. */
export async function tryRecording<R extends Recorded>(
  tx: Queryable,
  statement: string,
  change: ChangeRecord,
  own: readonly unknown[],
): Promise<R | null> {
  const values = [...recordValues(change), ...own];
  for (let tries = 1; ; tries += 1) {
    const { rows } = await tx.query<Record<string, unknown>>(statement, values);
    const [row] = rows;
    if (row === undefined) return null;
    if (row['rev'] !== null) return row as unknown as R;
    if (tries === MAX_TRIES) throw new Error('the order changes all the time');
  }
}
