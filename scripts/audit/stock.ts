import { RETURN_STOCK_CHECKS } from './returns';
import { sqlCheck } from './sql-check';
import type { Invariant } from './types';

const NEGATIVE = `
  select format('%s at %s: %s on hand', sku, location, on_hand) as breach
  from oms.inventory_levels where on_hand < 0 and not backorder`;

const MORE_THAN_RECEIVED = `
  with moved as (
    select sku, location, coalesce(sum(delta_on_hand) filter (where reason <> 'sale'), 0) as received,
      coalesce(-sum(delta_on_hand) filter (where reason = 'sale'), 0) as shipped
    from oms.stock_ledger group by 1, 2
  ), live as (
    select sku, location, sum(quantity) as units from oms.reservations where state in ('held', 'committed') group by 1, 2
  )
  select format('%s at %s: %s reserved and %s shipped, of %s received', v.sku, v.location, coalesce(l.units, 0),
    m.shipped, m.received) as breach
  from oms.inventory_levels v join moved m using (sku, location) left join live l using (sku, location)
  where not v.backorder and coalesce(l.units, 0) + m.shipped > m.received`;

export const NO_OVERSELL: Invariant = {
  id: 'I1',
  title: 'no oversell: nothing below zero, and no more promised and shipped than came in',
  checks: [NEGATIVE, MORE_THAN_RECEIVED].map((find) =>
    sqlCheck({ store: 'oms', over: 'oms.inventory_levels', find }),
  ),
};

const LEVEL_IS_LEDGER = `
  with ledger as (
    select sku, location, sum(delta_on_hand) as on_hand, sum(delta_reserved) as reserved,
      sum(delta_unavailable) as unavailable
    from oms.stock_ledger group by 1, 2
  )
  select format('%s at %s: level %s on hand, %s reserved, %s unavailable; ledger %s, %s, %s', sku, location, v.on_hand,
    v.reserved, v.unavailable, coalesce(l.on_hand, 0), coalesce(l.reserved, 0), coalesce(l.unavailable, 0)) as breach
  from oms.inventory_levels v full join ledger l using (sku, location)
  where v.on_hand is distinct from coalesce(l.on_hand, 0) or v.reserved is distinct from coalesce(l.reserved, 0)
    or v.unavailable is distinct from coalesce(l.unavailable, 0)`;

const RESERVED_IS_LIVE = `
  with live as (
    select sku, location, sum(quantity) as units from oms.reservations where state in ('held', 'committed') group by 1, 2
  )
  select format('%s at %s: %s reserved, live reservations %s', v.sku, v.location, v.reserved, coalesce(l.units, 0)) as breach
  from oms.inventory_levels v left join live l using (sku, location)
  where v.reserved <> coalesce(l.units, 0)`;

/** Reserved once; less what was released or reported short of it; sold in one piece. A live one's rows sum to its units. */
const RESERVATION_HAS_ITS_ROWS = `
  with posted as (
    select doc_id, count(*) filter (where reason = 'reserve') as reserves,
      count(*) filter (where reason = 'sale') as sales,
      count(*) filter (where reason in ('release', 'short')) as releases,
      coalesce(sum(delta_reserved) filter (where reason = 'sale'), 0) as sold,
      coalesce(sum(delta_unavailable) filter (where reason = 'short'), 0)
        + coalesce(sum(delta_reserved) filter (where reason = 'short'), 0) as astray,
      sum(delta_reserved) as left_over, sum(delta_on_hand) as on_hand
    from oms.stock_ledger where doc_type = 'reservation' group by doc_id
  )
  select format('reservation %s (%s × %s at %s, %s): ledger has %s reserve, %s sale, %s release or short, %s left',
    coalesce(r.id::text, p.doc_id), r.quantity, r.sku, r.location, coalesce(r.state, 'no such row'),
    coalesce(p.reserves, 0), coalesce(p.sales, 0), coalesce(p.releases, 0), p.left_over) as breach
  from oms.reservations r full join posted p on p.doc_id = r.id::text
  where r.id is null or p.doc_id is null or p.reserves <> 1 or p.astray <> 0
    or p.left_over <> case when r.state in ('held', 'committed') then r.quantity else 0 end
    or p.sales <> case when r.state = 'consumed' then 1 else 0 end
    or p.sold <> case when r.state = 'consumed' then -r.quantity else 0 end
    or (p.releases = 0 and r.state in ('released', 'expired'))
    or p.on_hand <> p.sold`;

/** A kit's parts are reserved in step, and where its work is: each unit of the line has all of them in one place. */
const KITS_ARE_WHOLE = `
  with units as (
    select r.order_line_id, r.location, r.state, r.fulfillment_order_id, r.sku, sum(r.quantity)::numeric / min(r.per_unit) as units,
      min(r.per_unit) as per_unit
    from oms.reservations r where r.state in ('held', 'committed', 'consumed') group by 1, 2, 3, 4, 5
  ), parts as (
    select l.id, o.order_no, l.line_no, k.sku, k.quantity, jsonb_array_length(l.kit_parts) as n
    from oms.order_lines l join oms.orders o on o.id = l.order_id,
      jsonb_to_recordset(case when l.kit_parts = '[]' then jsonb_build_array(jsonb_build_object('sku', l.sku, 'quantity', 1))
        else l.kit_parts end) as k(sku text, quantity int)
  )
  select format('order %s line %s: the parts reserved for it at %s do not make whole units', p.order_no, p.line_no, u.location) as breach
  from units u join (select distinct id, order_no, line_no, n from parts) p on p.id = u.order_line_id
  group by p.order_no, p.line_no, p.n, u.order_line_id, u.location, u.state, u.fulfillment_order_id
  having count(distinct u.units) <> 1 or min(u.units) <> floor(min(u.units)) or (p.n > 0 and count(*) <> p.n)
    or bool_or(not exists (select from parts k where k.id = u.order_line_id and k.sku = u.sku and k.quantity = u.per_unit))`;

/** Work that is not over holds exactly the stock it is to ship, at its own place; what waits for stock holds none. */
const WORK_HOLDS_ITS_STOCK = `
  with held as (
    select fulfillment_order_id, order_line_id, sum(quantity / per_unit) filter (where is_lead) as units,
      bool_and(location is not distinct from (
        select f.location from oms.fulfillment_orders f where f.id = r.fulfillment_order_id)) as is_there
    from oms.reservations r where state = 'committed' and fulfillment_order_id is not null group by 1, 2
  ), asked as (
    select w.fulfillment_order_id, w.order_line_id, w.quantity, f.status from oms.fulfillment_order_lines w
    join oms.fulfillment_orders f on f.id = w.fulfillment_order_id
    where f.status in ('open', 'on_hold', 'in_progress', 'scheduled')
  )
  select format('fulfilment order %s (%s): line %s asks for %s units, %s are held%s', fulfillment_order_id,
    coalesce(a.status, 'over'), order_line_id, coalesce(a.quantity, 0), coalesce(h.units, 0),
    case when h.is_there then '' else ', elsewhere' end) as breach
  from asked a full join held h using (fulfillment_order_id, order_line_id)
  where coalesce(h.units, 0) <> case when a.status = 'scheduled' then 0 else coalesce(a.quantity, 0) end
    or h.is_there = false`;

const LEDGER_NAMES_ITS_CAUSE = `
  select format('ledger row %s (%s at %s, %s) names no cause', id, sku, location, reason) as breach
  from oms.stock_ledger where doc_type = '' or doc_id = ''
  union all
  select format('%s ledger rows share the cause %s %s and step %s %s', count(*), doc_type, doc_id, reason, doc_line)
  from oms.stock_ledger group by doc_type, doc_id, doc_line, sku, location, reason having count(*) > 1`;

/** What was lost and is sent again counts once. Imported history was shipped elsewhere; an order the lane just served has not taken its units over yet. */
const LINES_COUNT_THEIR_UNITS = `
  with units as (
    select order_line_id, coalesce(sum(quantity / per_unit) filter (where state in ('held', 'committed')), 0) as live,
      coalesce(sum(quantity / per_unit) filter (where state = 'consumed'), 0) as consumed
    from oms.reservations where is_lead group by 1
  ), packed as (
    select w.order_line_id, sum(w.packed) as packed from oms.fulfillment_order_lines w
    join oms.fulfillment_orders f on f.id = w.fulfillment_order_id where f.status <> 'canceled' group by 1
  ), travelled as (
    select i.order_line_id, coalesce(sum(i.quantity) filter (where s.shipped_at is not null), 0) as shipped,
      coalesce(sum(i.quantity) filter (where s.delivery_recorded_at is not null), 0) as delivered,
      coalesce(sum(i.quantity) filter (where s.given_up_as = 'resend' and s.delivery_recorded_at is null), 0) as resent
    from oms.shipment_items i join oms.shipments s on s.id = i.shipment_id group by 1
  )
  select format('order %s line %s: counts %s allocated, %s packed, %s shipped, %s delivered; its rows %s, %s, %s (shipments %s), %s',
    o.order_no, l.line_no, l.qty_allocated, l.qty_fulfilled, l.qty_shipped, l.qty_delivered, coalesce(u.live, 0),
    coalesce(p.packed, 0), coalesce(u.consumed, 0), coalesce(t.shipped, 0), coalesce(t.delivered, 0)) as breach
  from oms.order_lines l join oms.orders o on o.id = l.order_id
  left join units u on u.order_line_id = l.id left join packed p on p.order_line_id = l.id
  left join travelled t on t.order_line_id = l.id
  where o.origin <> 'import' and (l.qty_fulfilled <> coalesce(p.packed, 0) - coalesce(t.resent, 0)
    or l.qty_shipped <> coalesce(u.consumed, 0) - coalesce(t.resent, 0)
    or l.qty_shipped <> coalesce(t.shipped, 0) - coalesce(t.resent, 0) or l.qty_delivered <> coalesce(t.delivered, 0)
    or (l.qty_allocated <> coalesce(u.live, 0) and not exists (
      select from oms.wakes w where w.workflow_id = o.workflow_id and w.kind = 'stock_served'
        and w.created_at > now() - interval '30 seconds')))`;

export const LEDGER: Invariant = {
  id: 'I2',
  title:
    'stock ledger: its sums are the levels, each row names its cause, counters count what moved',
  checks: [
    sqlCheck({ store: 'oms', over: 'oms.stock_ledger', find: LEVEL_IS_LEDGER }),
    sqlCheck({ store: 'oms', over: 'oms.inventory_levels', find: RESERVED_IS_LIVE }),
    sqlCheck({ store: 'oms', over: 'oms.reservations', find: RESERVATION_HAS_ITS_ROWS }),
    sqlCheck({ store: 'oms', over: 'oms.reservations', find: KITS_ARE_WHOLE }),
    sqlCheck({ store: 'oms', over: 'oms.fulfillment_order_lines', find: WORK_HOLDS_ITS_STOCK }),
    sqlCheck({ store: 'oms', over: 'oms.stock_ledger', find: LEDGER_NAMES_ITS_CAUSE }),
    sqlCheck({ store: 'oms', over: 'oms.order_lines', find: LINES_COUNT_THEIR_UNITS }),
    ...RETURN_STOCK_CHECKS,
  ],
};
