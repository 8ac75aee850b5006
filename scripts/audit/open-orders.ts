import { DELIVERIES_CHECK } from './deliveries';
import { DOCUMENTS_AND_WORKFLOWS } from './document-workflows';
import { RETURN_WAITS_CHECK } from './returns';
import { sqlCheck } from './sql-check';
import { ORDERS_AND_WORKFLOWS } from './workflows';
import type { Invariant } from './types';

const FINAL = `('completed', 'canceled', 'expired')`;

const ROWS_AGREE = `
  select format('order %s is %s in phase %s%s', o.order_no, o.status, o.phase,
    coalesce(' and waits for ' || o.wait_code, '')) as breach
  from oms.orders o
  where (o.phase = 'over') <> (o.status in ${FINAL}) or (o.phase = 'over' and o.wait_code is not null)
    or (o.phase = 'review' and o.status <> 'in_review') or (o.status = 'in_review' and o.phase not in ('review', 'cancel'))`;

/** What is over holds nothing any more: no stock, no work, no money, no place in a queue. */
const OVER_IS_OVER = `
  select format('order %s is %s and still has %s', o.order_no, o.status, w.what) as breach
  from oms.orders o, lateral (
    select 'reservation ' || r.id as what from oms.reservations r
      where r.order_id = o.id and r.state in ('held', 'committed')
    union all select 'fulfilment order ' || f.id || ' (' || f.status || ')' from oms.fulfillment_orders f
      where f.order_id = o.id and f.status not in ('closed', 'canceled', 'incomplete')
    union all select 'shortage ' || s.id from oms.shortages s where s.order_id = o.id and s.status = 'waiting'
    union all select 'capture ' || c.id || ' (owed)' from oms.captures c where c.order_id = o.id and c.status = 'owed'
    union all select 'payment ' || p.seq || ' (' || p.status || ')' from oms.payments p
      where p.order_id = o.id and p.method = 'card' and p.status in ('pending', 'action_required', 'authorized', 'partially_captured')
    union all select 'booking ' || coalesce(h.tracking_no, h.booking_key) || ' (' || h.booking_status || ')'
      from oms.shipments h where h.order_id = o.id and (h.booking_status in ('pending', 'voiding')
        or (h.booking_status = 'booked' and o.status = 'canceled'))
  ) w where o.phase = 'over'`;

/** A wait has a deadline, or somebody outside who is awaited: reviewers after the escalation, a shop with its payment, who paid in advance with the rest. */
const WAITS_ARE_EXPLAINED = `
  select format('order %s waits for %s since %s without a deadline or anybody who is awaited', o.order_no, o.wait_code,
    o.wait_since) as breach
  from oms.orders o
  where o.wait_code is not null and o.wait_code <> 'void' and o.wait_until is null
    and not (o.wait_code in ('review', 'finance_review') and exists (
      select from oms.order_events e where e.order_id = o.id and e.type = 'review_escalated'))
    and not (o.wait_code = 'payment' and exists (
      select from oms.payments p where p.order_id = o.id
        and (p.provider like 'source:%' or p.method = 'prepaid')))
    and not exists (select from oms.policies p where jsonb_typeof(p.value) = 'null'
      and p.key = case o.wait_code when 'review' then 'reviewDeadline' when 'finance_review' then 'reviewDeadline' when 'substitution' then 'substitutionDeadline' when 'payment' then 'paymentDeadline' else 'shortageDeadline' end)
  union all
  select format('order %s: the deadline of its wait (%s) passed at %s and nothing happened', o.order_no, o.stage, o.wait_until)
  from oms.orders o where o.phase <> 'over' and o.wait_until < now() - interval '60 seconds'`;

/** A word of the shape: an order in the warehouse has work there, one with the carrier a shipment under way. */
const OUTSIDE_IS_NAMED = `
  select format('order %s waits for the %s, which has nothing of it', o.order_no, o.stage) as breach
  from oms.orders o
  where (o.stage = 'warehouse' and not exists (select from oms.fulfillment_orders f where f.order_id = o.id
      and f.status in ('open', 'scheduled', 'on_hold', 'in_progress') and f.location is not null))
    or (o.stage = 'carrier' and not exists (select from oms.shipments s where s.order_id = o.id
      and s.booking_status = 'booked' and s.shipped_at is not null))
    or (o.stage = 'hold' and not exists (select from oms.order_holds h where h.order_id = o.id and h.status = 'active'))
    or (o.stage = 'shortage' and not exists (select from oms.shortages s where s.order_id = o.id and s.status <> 'withdrawn'))
    or (o.stage = 'substitution' and not exists (select from oms.substitutions u where u.order_id = o.id and u.status = 'offered'))
    or (o.stage = 'backorder' and not exists (select from oms.shortages s where s.order_id = o.id and s.status <> 'withdrawn'))`;

const INTAKES_ARE_PLACED = `
  select format('intake %s (order number %s) is accepted since %s and not placed', id, order_no, created_at) as breach
  from oms.intakes where status = 'accepted' and created_at < now() - interval '90 seconds'
  union all
  select format('intake %s (order number %s) is parked without a reason', id, order_no)
  from oms.intakes where status = 'parked' and coalesce(reason, '') = ''`;

export const EXPLAINABLE: Invariant = {
  id: 'I6',
  title:
    'every order is over or explainable: open row and open workflow, each wait with a deadline or a name',
  checks: [
    sqlCheck({ store: 'oms', over: 'oms.orders', find: ROWS_AGREE }),
    sqlCheck({ store: 'oms', over: `oms.orders where phase = 'over'`, find: OVER_IS_OVER }),
    sqlCheck({ store: 'oms', over: `oms.orders where phase <> 'over'`, find: WAITS_ARE_EXPLAINED }),
    sqlCheck({ store: 'oms', over: `oms.orders where phase <> 'over'`, find: OUTSIDE_IS_NAMED }),
    sqlCheck({ store: 'oms', over: 'oms.intakes', find: INTAKES_ARE_PLACED }),
    DELIVERIES_CHECK,
    ORDERS_AND_WORKFLOWS,
    DOCUMENTS_AND_WORKFLOWS,
    RETURN_WAITS_CHECK,
  ],
};
