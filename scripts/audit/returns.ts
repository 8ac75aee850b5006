import { projectShipment, type TrackingEvent } from '../../src/domain/tracking';
import { FIRST_UUID, pagesOf, sqlCheck } from './sql-check';
import type { Check } from './types';

const OPEN = `('requested', 'approved', 'in_transit', 'partially_received', 'received', 'inspected')`;

/** Counters of an order's lines follow from its returns, and no unit comes back that was not delivered. */
const COUNTERS = `
  with units as (
    select w.order_line_id, sum(w.accepted) as accepted, sum(w.rejected) as rejected,
      coalesce(sum(case when r.is_receipt_complete then w.received else w.quantity end - w.accepted - w.rejected)
        filter (where r.status in ${OPEN} and not r.keep_item), 0) as undecided
    from oms.return_lines w join oms.returns r on r.id = w.return_id group by 1
  )
  select format('order %s line %s: counts %s return requested, %s returned, %s rejected; its returns %s, %s, %s, of %s shipped',
    o.order_no, l.line_no, l.qty_return_requested, l.qty_returned, l.qty_return_rejected, coalesce(u.undecided, 0),
    coalesce(u.accepted, 0), coalesce(u.rejected, 0), l.qty_shipped) as breach
  from oms.order_lines l join oms.orders o on o.id = l.order_id left join units u on u.order_line_id = l.id
  where l.qty_return_requested <> coalesce(u.undecided, 0) or l.qty_returned <> coalesce(u.accepted, 0)
    or l.qty_return_rejected <> coalesce(u.rejected, 0)
    or l.qty_return_requested + l.qty_returned + l.qty_return_rejected > l.qty_shipped`;

/** What inspections accepted is on hand again, all but scrap; a kit as its parts. */
const LEDGER = `
  with accepted as (
    select e.data ->> 'returnId' as return_id, sum((i.value ->> 'accepted')::int * coalesce((
      select sum((k.value ->> 'quantity')::int) from jsonb_array_elements(p.kit_parts) k), 1)) as units
    from oms.order_events e, jsonb_array_elements(e.data -> 'lines') i
    join oms.order_lines l on l.id = (i.value ->> 'lineId')::uuid join oms.products p on p.sku = l.sku
    where e.type = 'return_units_inspected' and (i.value ->> 'disposition') is distinct from 'scrap'
    group by 1
  ), posted as (
    select doc_id as return_id, sum(delta_on_hand) as units from oms.stock_ledger where doc_type = 'return' group by 1
  )
  select format('return %s: %s units accepted onto the shelf, its ledger rows say %s', coalesce(r.return_no, return_id),
    coalesce(a.units, 0), coalesce(p.units, 0)) as breach
  from accepted a full join posted p using (return_id)
  left join oms.returns r on r.id::text = return_id
  where coalesce(a.units, 0) <> coalesce(p.units, 0)`;

export const RETURN_STOCK_CHECKS: readonly Check[] = [
  sqlCheck({ store: 'oms', over: 'oms.return_lines', find: COUNTERS }),
  sqlCheck({ store: 'oms', over: 'oms.returns', find: LEDGER }),
];

/** A return that is over waits for nothing; an open one for somebody, and no longer than until its deadline. */
const WAITS = `
  select format('return %s is %s and waits for %s', return_no, status, coalesce(wait_code, 'nothing')) as breach
  from oms.returns
  where (status in ${OPEN}) <> (wait_code is not null) and updated_at < now() - interval '60 seconds'
    or status not in ${OPEN} and wait_code is not null
  union all
  select format('return %s: the deadline of its wait (%s) passed at %s and nothing happened', return_no, wait_code, wait_until)
  from oms.returns where wait_until < now() - interval '60 seconds'`;

export const RETURN_WAITS_CHECK = sqlCheck({ store: 'oms', over: 'oms.returns', find: WAITS });

/** A return's row and its order's log tell the same. */
const LOGGED = `
  select format('return %s is %s, the log of its order has %s', r.return_no, r.status, e.types) as breach
  from oms.returns r, lateral (
    select coalesce(string_agg(e.type, ', ' order by e.seq), 'nothing') as types,
      bool_or(e.type = 'return_' || r.status) as said
    from oms.order_events e where e.order_id = r.order_id and e.data ->> 'returnId' = r.id::text
  ) e
  where r.kind <> 'return_to_sender' and r.status <> 'partially_received' and e.said is not true`;

interface TrackedReturn {
  readonly key: string;
  readonly returnNo: string;
  readonly status: string;
  readonly events: readonly TrackingEvent[];
}

const TRACKED = `
  select r.id as key, r.return_no as "returnNo", r.shipment_status as status, coalesce((
    select jsonb_agg(jsonb_build_object('id', t.carrier_event_id, 'code', t.code, 'occurredAt', oms.iso(t.occurred_at)))
    from oms.return_scans t where t.return_id = r.id), '[]') as events
  from oms.returns r where r.id > $1::uuid and r.label_status = 'booked' order by r.id limit $2::int`;

const SCANS_FOLD: Check = {
  needs: [],
  isRechecked: true,
  run: async ({ deps }) => {
    let rows = 0;
    const breaches: string[] = [];
    const now = new Date().toISOString();
    const pages = pagesOf<TrackedReturn>(deps.oms, TRACKED, { first: FIRST_UUID, size: 500 });
    for await (const page of pages)
      for (const { returnNo, status, events } of page) {
        rows += events.length;
        const fold = projectShipment(events, now);
        if (fold.status !== status)
          breaches.push(
            `return ${returnNo}: its parcel is ${status}, its scans say ${fold.status}`,
          );
      }
    return { rows, breaches };
  },
};

export const RETURN_LOG_CHECKS: readonly Check[] = [
  sqlCheck({ store: 'oms', over: 'oms.returns', find: LOGGED }),
  SCANS_FOLD,
];

interface LabelRow {
  readonly key: string;
  readonly returnNo: string;
  readonly bookingKey: string | null;
  readonly labelStatus: string;
  readonly trackingNo: string | null;
}

const LABELS = `
  select id as key, return_no as "returnNo", booking_key as "bookingKey", label_status as "labelStatus",
    tracking_no as "trackingNo"
  from oms.returns where id > $1::uuid order by id limit $2::int`;

/** The carrier's books and ours of return labels: one for each that we know, none that we do not. */
export const RETURN_LABELS_CHECK: Check = {
  needs: ['sandbox'],
  isRechecked: true,
  run: async ({ deps, books }) => {
    const labels = (await books()).shipments.filter(({ kind }) => kind === 'return');
    const unknown = new Map(labels.map((entry) => [entry.idempotencyKey, entry]));
    const breaches: string[] = [];
    let rows = labels.length;
    const pages = pagesOf<LabelRow>(deps.oms, LABELS, { first: FIRST_UUID, size: 2000 });
    for await (const page of pages)
      for (const { returnNo, bookingKey, labelStatus, trackingNo } of page) {
        rows += 1;
        const entry = bookingKey === null ? undefined : unknown.get(bookingKey);
        unknown.delete(bookingKey ?? '');
        const isHeld = labelStatus === 'booked' || labelStatus === 'voided';
        if (isHeld !== (entry !== undefined) && labelStatus !== 'wanted')
          breaches.push(
            `return ${returnNo}: its label is ${labelStatus}, the carrier ${entry === undefined ? 'has none' : 'has one'}`,
          );
        else if (isHeld && entry?.trackingNo !== trackingNo)
          breaches.push(`return ${returnNo}: the carrier has another number for its label`);
        else if (isHeld && (entry?.voidedAt !== null) !== (labelStatus === 'voided'))
          breaches.push(
            `return ${returnNo}: its label is ${labelStatus} and not so at the carrier`,
          );
      }
    for (const { trackingNo } of unknown.values())
      breaches.push(`label ${trackingNo} at the carrier has no return of ours`);
    return { rows, breaches };
  },
};
