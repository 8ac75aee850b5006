import type {
  FulfillmentOrder,
  FulfillmentOrderQuery,
  PickBody,
} from '../../contracts/fulfillment';
import { errorCode } from '../outage';
import type { Queryable } from '../pool';

import { FULFILLMENT_JSON } from './order-json';
import { toFulfillmentOrder, type StoredFulfillment } from './order-views';
import {
  type Actor,
  type EventRecord,
  type Recorded,
  recordingWith,
  tryRecording,
} from './record-change';

/** One fulfilment order as callers see it; null when there is none. */
export async function findFulfillmentOrder(
  db: Queryable,
  id: string,
): Promise<FulfillmentOrder | null> {
  const { rows } = await db.query<{ document: StoredFulfillment }>(
    `select ${FULFILLMENT_JSON} as document
     from oms.fulfillment_orders f join oms.orders o on o.id = f.order_id where f.id = $1::uuid`,
    [id],
  );
  const stored = rows[0]?.document;
  return stored === undefined ? null : toFulfillmentOrder(stored);
}

/** Fulfilment orders that match every filter, newest first. */
export async function listFulfillmentOrders(
  db: Queryable,
  filter: Omit<FulfillmentOrderQuery, 'limit' | 'cursor'>,
  page: { readonly after: string | null; readonly limit: number },
): Promise<FulfillmentOrder[]> {
  const { rows } = await db.query<{ document: StoredFulfillment }>(
    `select ${FULFILLMENT_JSON} as document
     from oms.fulfillment_orders f join oms.orders o on o.id = f.order_id
     where ($1::text is null or f.location = $1) and ($2::text is null or f.status = $2)
       and ($3::text is null or f.priority = $3) and ($4::uuid is null or f.order_id = $4)
       and ($5::uuid is null or f.id < $5)
     order by f.id desc limit $6::integer`,
    [
      filter.location ?? null,
      filter.status ?? null,
      filter.priority ?? null,
      filter.orderId ?? null,
      page.after,
      page.limit,
    ],
  );
  return rows.map((row) => toFulfillmentOrder(row.document));
}

export interface WarehouseWork {
  readonly fulfillmentOrderId: string;
  readonly commandId: string;
  readonly actor: Actor;
  readonly requestId: string;
}

/** `done`: now or by the same command before. `refused`: it was not legal. `missing`: no such fulfilment order. */
export type WorkOutcome = 'done' | 'refused' | 'missing';

interface Worked extends Recorded {
  readonly done: boolean;
}

const OF_FULFILLMENT = '(select f.order_id from oms.fulfillment_orders f where f.id = $11::uuid)';

/** Work by the warehouse is legal where this holds for `f`; the same command again does nothing. */
const IS_NEW = `not exists (select from oms.commands c where c.id = $12::uuid and c.status = 'done')`;

/** Keeps the command with its effect, and says whether it had one, now or before. Follows a CTE `work`. */
function finishing(kind: 'start' | 'hold' | 'release' | 'pick') {
  return {
    order: OF_FULFILLMENT,
    events: `(select case when exists (select from work) then $5::jsonb else '[]' end)`,
    result: `exists (select from work)
      or exists (select from oms.commands c where c.id = $12::uuid and c.status = 'done') as done`,
    command: `kept as (
      insert into oms.commands (id, order_id, kind, actor_type, actor_id, request_id, status, ended_at)
      select $12::uuid, ord.id, '${kind}', $6::text, $7::text, $8::text, 'done', now() from work, ord
    ),`,
  };
}

/** Where each kind of work that only changes the status leads from and to, and the event that tells of it. */
const MOVES = {
  start: { from: 'open', to: 'in_progress', event: 'fulfillment_started' },
  hold: { from: 'open', to: 'on_hold', event: 'fulfillment_held' },
  release: { from: 'on_hold', to: 'open', event: 'fulfillment_released' },
} as const;
export type FulfillmentStep = keyof typeof MOVES;

function moving(kind: FulfillmentStep): string {
  const finished = finishing(kind);
  const { from, to } = MOVES[kind];
  return recordingWith(
    `work as (
      update oms.fulfillment_orders f set status = '${to}', version = f.version + 1, updated_at = now()
      from ord where f.id = $11::uuid and f.order_id = ord.id and f.status = '${from}' and ${IS_NEW}
      returning f.id
    ), ${finished.command}`,
    finished,
  );
}

const STATEMENTS = { start: moving('start'), hold: moving('hold'), release: moving('release') };

/** `start`, `hold` or `release` with its event, in one statement. The same command again changes nothing. */
export async function moveStatus(
  db: Queryable,
  kind: FulfillmentStep,
  work: WarehouseWork,
  reason: string | null,
): Promise<WorkOutcome> {
  const { fulfillmentOrderId } = work;
  const { from, to, event: type } = MOVES[kind];
  const event = { type, reason, data: { fulfillmentOrderId, from, to } };
  return doWork(db, STATEMENTS[kind], work, event, []);
}

const PICKED = finishing('pick');
const PICK = recordingWith(
  `asked as (
    select p."lineId" as line_id, sum(p.quantity)::integer as quantity,
      jsonb_path_query_array(jsonb_agg(p.serials), '$[*][*]') as serials
    from jsonb_to_recordset($13::jsonb) as p("lineId" uuid, quantity integer, serials jsonb)
    group by p."lineId"
  ), work as (
    update oms.fulfillment_orders f set version = f.version + 1, updated_at = now()
    from ord where f.id = $11::uuid and f.order_id = ord.id and f.status = 'in_progress' and ${IS_NEW}
      and not exists (
        select from asked a left join oms.fulfillment_order_lines l
          on l.fulfillment_order_id = $11::uuid and l.order_line_id = a.line_id
        where l.picked + a.quantity <= l.quantity is not true)
    returning f.id
  ), counted as (
    update oms.fulfillment_order_lines l
    set picked = l.picked + a.quantity, serials = l.serials || coalesce(a.serials, '[]')
    from asked a, work w where l.fulfillment_order_id = w.id and l.order_line_id = a.line_id
  ), ${PICKED.command}`,
  PICKED,
);

/**
 * Adds picked units to the lines with the event, in one statement; all of them fit, or nothing changes. The same
 * command again changes nothing.
 */
export async function pickFulfillment(
  db: Queryable,
  work: WarehouseWork,
  lines: PickBody['lines'],
): Promise<WorkOutcome> {
  const units = lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const event = {
    type: 'picked',
    data: { fulfillmentOrderId: work.fulfillmentOrderId, lines: units },
  };
  try {
    return await doWork(db, PICK, work, event, [JSON.stringify(lines)]);
  } catch (err) {
    // Somebody picked the same units a moment ago: the lines' own check has the last word.
    if (err instanceof Error && errorCode(err) === CHECK_VIOLATION) return 'refused';
    throw err;
  }
}

const CHECK_VIOLATION = '23514';

async function doWork(
  db: Queryable,
  statement: string,
  work: WarehouseWork,
  event: EventRecord,
  own: readonly unknown[],
): Promise<WorkOutcome> {
  const { fulfillmentOrderId, commandId, actor, requestId } = work;
  const change = { orderId: null, actor, requestId, events: [event] };
  const ids = [fulfillmentOrderId, commandId];
  const worked = await tryRecording<Worked>(db, statement, change, [...ids, ...own]);
  if (worked === null) return 'missing';
  return worked.done ? 'done' : 'refused';
}
