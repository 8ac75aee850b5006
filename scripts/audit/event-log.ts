import {
  MACHINES,
  ORDER_STATUSES,
  canTransition,
  type OrderStatus,
} from '../../src/domain/order-state';
import { projectShipment, type TrackingEvent } from '../../src/domain/tracking';
import { RETURN_LOG_CHECKS } from './returns';
import { FIRST_UUID, pagesOf, sqlCheck } from './sql-check';
import type { Check, Invariant } from './types';

const PAGE = 500;

interface LoggedEvent {
  readonly seq: number;
  readonly type: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly isHistory: boolean;
  readonly fulfillmentOrderId: string | null;
}

interface OrderLog {
  readonly key: string;
  readonly orderNo: string;
  readonly status: string;
  readonly eventSeq: number | null;
  readonly events: readonly LoggedEvent[];
}

const LOGS = `
  with page as (
    select id, order_no, status from oms.orders where id > $1::uuid order by id limit $2::int
  )
  select p.id as key, p.order_no as "orderNo", p.status, s.event_seq as "eventSeq", coalesce((
    select jsonb_agg(jsonb_build_object('seq', e.seq, 'type', e.type,
      'from', case when e.data ? 'fulfillmentOrderId' or e.type like 'refund%' then null else e.data ->> 'from' end,
      'to', case when e.data ? 'fulfillmentOrderId' or e.type like 'refund%' then null else e.data ->> 'to' end,
      'isHistory', coalesce((e.data ->> 'isHistory')::boolean, false),
      'fulfillmentOrderId', e.data ->> 'fulfillmentOrderId') order by e.seq)
    from oms.order_events e where e.order_id = p.id), '[]') as events
  from page p left join oms.order_streams s on s.order_id = p.id order by p.id`;

/** Each order's log has no gaps, is a path in the state machine, and ends in the row's status. */
const LOG_IS_A_PATH: Check = {
  needs: [],
  isRechecked: true,
  run: async ({ deps }) => {
    let rows = 0;
    const breaches: string[] = [];
    for await (const page of pagesOf<OrderLog>(deps.oms, LOGS, { first: FIRST_UUID, size: PAGE }))
      for (const log of page) {
        rows += log.events.length;
        breaches.push(...checkLog(log).map((breach) => `order ${log.orderNo}: ${breach}`));
      }
    return { rows, breaches };
  },
};

function checkLog(log: OrderLog): string[] {
  const gap = log.events.findIndex(({ seq }, n) => seq !== n + 1);
  if (gap >= 0) return [`event ${String(gap + 1)} is missing from its log`];
  if (log.eventSeq !== log.events.length)
    return [`${String(log.events.length)} events, the counter says ${String(log.eventSeq)}`];
  return [...checkPath(log), ...checkCauses(log.events)];
}

function checkPath({ events, status }: OrderLog): string[] {
  let current: OrderStatus | null = null;
  for (const event of events) {
    const to = ORDER_STATUSES.find((known) => known === event.to);
    if (to === undefined) {
      if (event.to === null) continue;
      return [`event ${String(event.seq)} leads to ${event.to}, which is no status`];
    }
    const isStart = current === null || event.isHistory;
    const isLegal =
      current === null || event.isHistory
        ? MACHINES.order.initial.includes(to)
        : canTransition('order', current, to) && event.from === current;
    if (!isLegal)
      return [
        `event ${String(event.seq)} (${event.type}) goes from ${isStart ? 'nothing' : (current ?? '')} to ${to}`,
      ];
    current = to;
  }
  return current === status
    ? []
    : [`its log ends in ${current ?? 'nothing'}, its row is ${status}`];
}

/** What has to have happened to a fulfilment order before. */
const CAUSES: Readonly<Record<string, string>> = {
  picked: 'fulfillment_started',
  packed: 'picked',
  handed_over: 'packed',
};

function checkCauses(events: readonly LoggedEvent[]): string[] {
  const seen = new Set<string>();
  for (const { seq, type, fulfillmentOrderId } of events) {
    const cause = CAUSES[type];
    if (cause !== undefined && !seen.has(`${cause} ${fulfillmentOrderId ?? ''}`))
      return [`event ${String(seq)} (${type}) comes before ${cause}`];
    if (type === 'delivered' && !seen.has('handed_over'))
      return [`event ${String(seq)} (delivered) comes before any hand-over`];
    seen.add(type).add(`${type} ${fulfillmentOrderId ?? ''}`);
  }
  return [];
}

const OUTBOX_HAS_NO_GAPS = `
  select format('order %s: %s announcements numbered up to %s, the counter says %s', o.order_no, count(x.id),
    coalesce(max(x.seq), 0), s.outbox_seq) as breach
  from oms.orders o left join oms.order_streams s on s.order_id = o.id
  left join oms.outbox x on x.aggregate = 'order' and x.aggregate_id = o.id
  group by o.id, o.order_no, s.outbox_seq
  having count(x.id) is distinct from s.outbox_seq or coalesce(max(x.seq), 0) <> count(x.id)`;

/** Returns and refunds number their announcements themselves. */
const DOCUMENT_OUTBOX_HAS_NO_GAPS = `
  select format('%s %s: %s announcements numbered up to %s, the counter says %s', coalesce(s.aggregate, x.aggregate),
    coalesce(s.aggregate_id, x.aggregate_id), coalesce(x.n, 0), coalesce(x.last, 0), s.seq) as breach
  from oms.document_streams s full join (
    select aggregate, aggregate_id, count(*) as n, max(seq) as last from oms.outbox
    where aggregate in ('return', 'refund') group by 1, 2) x on x.aggregate = s.aggregate and x.aggregate_id = s.aggregate_id
  where s.seq is distinct from x.n or x.last <> x.n`;

/** What is announced of what happened: one announcement for each such event. */
const ANNOUNCED_ONCE = `
  with pairs (event, announced) as (values ('placed', 'order.placed'), ('amended', 'order.amended'), ('confirmed', 'order.confirmed'),
    ('canceled', 'order.canceled'), ('completed', 'order.completed'), ('payment_authorized', 'payment.authorized'),
    ('payment_captured', 'payment.captured'), ('refunded_at_source', 'payment.refunded'), ('payment_voided', 'payment.voided'),
    ('handed_over', 'fulfillment.handed_over'), ('delivered', 'shipment.delivered'),
    ('dispute_opened', 'dispute.opened'), ('dispute_answered', 'dispute.answered'), ('dispute_won', 'dispute.closed'), ('dispute_closed', 'dispute.closed'),
    ('substitution_offered', 'order.substitution_offered'),
    ('charge_back', 'dispute.closed'),
    ('invoice_issued', 'invoice.issued'), ('credit_note_issued', 'credit_note.issued'),
    ('delivery_failed', 'shipment.delivery_failed'), ('shipment_lost', 'shipment.lost'),
    ('shipment_returning', 'shipment.returning')
  ), told as (
    select order_id, p.announced as type, count(*) as n from oms.order_events e join pairs p on p.event = e.type group by 1, 2
  ), sent as (
    select aggregate_id as order_id, type, count(*) as n from oms.outbox
    where aggregate = 'order' and type not in ('shipment.updated', 'shipment.exception', 'incident.opened') group by 1, 2
  )
  select format('order %s: %s announced %s times, it happened %s times', o.order_no, type, coalesce(s.n, 0),
    coalesce(t.n, 0)) as breach
  from told t full join sent s using (order_id, type) join oms.orders o on o.id = order_id
  where coalesce(t.n, 0) <> coalesce(s.n, 0)`;

/** What carriers say is no event of the order's: the last of it announced is where the shipment stands. */
const SHIPMENT_IS_TOLD = `
  select format('order %s: shipment %s is %s, announced was %s', o.order_no, s.id, s.status, coalesce(a.status, 'nothing')) as breach
  from oms.shipments s join oms.orders o on o.id = s.order_id left join lateral (
    select x.payload ->> 'status' as status from oms.outbox x
    where x.aggregate = 'order' and x.aggregate_id = s.order_id and x.type in ('shipment.updated', 'shipment.exception')
      and x.payload ->> 'shipmentId' = s.id::text
    order by x.seq desc limit 1) a on true
  where s.status not in ('pending', 'delivered') and a.status is distinct from s.status`;

/** A fulfilment order's row and the order's log tell the same. */
const FULFILLMENT_IS_LOGGED = `
  with logged as (
    select e.order_id, e.data ->> 'fulfillmentOrderId' as id, bool_or(type = 'fulfillment_started') as started,
      bool_or(type = 'packed') as packed, count(*) filter (where type = 'handed_over') as handed_over
    from oms.order_events e where e.data ? 'fulfillmentOrderId' group by 1, 2
  )
  select format('order %s: fulfilment order %s is %s%s, its log says%s%s, %s handed over', o.order_no, f.id, f.status,
    case when f.packed_at is null then '' else ', packed' end, case when coalesce(l.started, false) then ' started' else '' end,
    case when coalesce(l.packed, false) then ' packed' else '' end, coalesce(l.handed_over, 0)) as breach
  from oms.fulfillment_orders f join oms.orders o on o.id = f.order_id left join logged l on l.id = f.id::text
  where coalesce(l.handed_over, 0) <> case when f.status = 'closed' then 1 else 0 end
    or (f.status in ('in_progress', 'closed') and not coalesce(l.started, false))
    or (f.packed_at is not null and not coalesce(l.packed, false))`;

/** Units that were canceled one by one are told one by one; a canceled order tells it of all. */
const CANCELED_UNITS_ARE_LOGGED = `
  with told as (
    select (u.value ->> 'lineId')::uuid as line_id, sum((u.value ->> 'quantity')::int) as units
    from oms.order_events e, jsonb_array_elements(e.data -> 'lines') u where e.type = 'lines_canceled' group by 1
  )
  select format('order %s line %s: %s units canceled, its log says %s', o.order_no, l.line_no, l.qty_canceled,
    coalesce(t.units, 0)) as breach
  from oms.order_lines l join oms.orders o on o.id = l.order_id left join told t on t.line_id = l.id
  where o.status <> 'canceled' and o.phase <> 'cancel' and l.qty_canceled <> coalesce(t.units, 0)`;

interface TrackedRow {
  readonly key: string;
  readonly orderNo: string;
  readonly status: string;
  readonly deliveredAt: string | null;
  readonly failedAttempts: number;
  /** Taken for lost because of its silence, which is no scan. */
  readonly isSilent: boolean;
  readonly events: readonly TrackingEvent[];
}

const TRACKED = `
  select s.id as key, o.order_no as "orderNo", s.status, oms.iso(s.delivered_at) as "deliveredAt",
    s.failed_attempts as "failedAttempts", s.lost_at is not null as "isSilent", coalesce((
    select jsonb_agg(jsonb_build_object('id', t.carrier_event_id, 'code', t.code, 'occurredAt', oms.iso(t.occurred_at)))
    from oms.tracking_events t where t.shipment_id = s.id), '[]') as events
  from oms.shipments s join oms.orders o on o.id = s.order_id
  where s.id > $1::uuid and s.booking_status = 'booked' order by s.id limit $2::int`;

/** A shipment's status is the fold of its scans, whatever order they came in. */
const SCANS_FOLD: Check = {
  needs: [],
  isRechecked: true,
  run: async ({ deps }) => {
    let rows = 0;
    const breaches: string[] = [];
    const now = new Date().toISOString();
    for await (const page of pagesOf<TrackedRow>(deps.oms, TRACKED, {
      first: FIRST_UUID,
      size: PAGE,
    }))
      for (const { key, orderNo, status, deliveredAt, failedAttempts, isSilent, events } of page) {
        rows += events.length;
        const { status: folded, ...fold } = projectShipment(events, now);
        const said = isSilent ? 'lost' : folded;
        if (fold.failedAttempts !== failedAttempts)
          breaches.push(
            `order ${orderNo} shipment ${key}: ${String(failedAttempts)} failed attempts, its scans say ${String(fold.failedAttempts)}`,
          );
        if (said !== status || (fold.deliveredAt === null) !== (deliveredAt === null))
          breaches.push(`order ${orderNo} shipment ${key} is ${status}, its scans say ${said}`);
      }
    return { rows, breaches };
  },
};

export const MONOTONE_STATE: Invariant = {
  id: 'I7',
  title: 'monotone state: each log is a path without gaps to the row as it is, told once',
  checks: [
    LOG_IS_A_PATH,
    sqlCheck({ store: 'oms', over: 'oms.outbox', find: OUTBOX_HAS_NO_GAPS }),
    sqlCheck({ store: 'oms', over: 'oms.document_streams', find: DOCUMENT_OUTBOX_HAS_NO_GAPS }),
    sqlCheck({ store: 'oms', over: 'oms.outbox', find: ANNOUNCED_ONCE }),
    sqlCheck({ store: 'oms', over: 'oms.shipments', find: SHIPMENT_IS_TOLD }),
    sqlCheck({ store: 'oms', over: 'oms.fulfillment_orders', find: FULFILLMENT_IS_LOGGED }),
    sqlCheck({ store: 'oms', over: 'oms.order_lines', find: CANCELED_UNITS_ARE_LOGGED }),
    SCANS_FOLD,
    ...RETURN_LOG_CHECKS,
  ],
};
