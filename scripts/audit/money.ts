import { sqlCheck } from './sql-check';
import type { Check } from './types';

/** Documents whose own figures do not add up are kept as given, with this finding. */
const IS_CONSISTENT = `not exists (
    select from oms.order_findings f where f.order_id = o.id and f.code = 'totals_inconsistent')`;

const LINES_ADD_UP = `
  select format('order %s line %s: total %s, but %s × %s − %s%s', o.order_no, l.line_no, l.total_minor, l.qty_ordered,
    l.unit_price_minor, l.discount_minor, case when o.tax_included then '' else ' + ' || l.tax_minor end) as breach
  from oms.order_lines l join oms.orders o on o.id = l.order_id
  where l.total_minor <> l.unit_price_minor * l.qty_ordered - l.discount_minor
    + case when o.tax_included then 0 else l.tax_minor end
  union all
  select format('order %s line %s: discount %s, its frozen parts add up to %s', o.order_no, l.line_no, l.discount_minor,
    coalesce(sum(a.amount_minor), 0))
  from oms.order_lines l join oms.orders o on o.id = l.order_id
  left join oms.order_line_adjustments a on a.order_line_id = l.id
  where ${IS_CONSISTENT}
  group by l.id, o.order_no, l.line_no, l.discount_minor having l.discount_minor <> coalesce(sum(a.amount_minor), 0)`;

const ORDERS_ADD_UP = `
  with sums as (
    select order_id, sum(unit_price_minor * qty_ordered) as items, sum(discount_minor) as discounts, sum(tax_minor) as tax,
      sum(total_minor) as total
    from oms.order_lines group by 1
  ), fees as (
    select o.id, coalesce(sum((f.value ->> 'amountMinor')::bigint), 0) as minor
    from oms.orders o left join lateral jsonb_array_elements(coalesce(o.source_metadata -> 'fees', '[]')) f on true
    group by o.id
  )
  select format('order %s: subtotal %s, discount %s, tax %s, total %s; its parts %s, %s, %s, %s', o.order_no,
    o.subtotal_minor, o.discount_minor, o.tax_minor, o.total_minor, s.items, s.discounts, s.tax + o.shipping_tax_minor,
    e.total) as breach
  from oms.orders o join sums s on s.order_id = o.id join fees f on f.id = o.id,
    lateral (select s.total + o.shipping_minor + f.minor
      + case when o.tax_included then 0 else o.shipping_tax_minor end as total) e
  where ${IS_CONSISTENT} and (o.subtotal_minor <> s.items or o.discount_minor <> s.discounts
    or o.tax_minor <> s.tax + o.shipping_tax_minor or o.total_minor <> e.total)`;

/** The rounding rule: units canceled are worth what the whole is worth less what is left. */
const CURRENT_TOTALS = `
  with canceled as (
    select l.order_id, sum(l.qty_ordered - l.qty_canceled) as wanted, sum(l.qty_canceled) as units, sum(
      v.item - oms.share(v.item, l.qty_ordered - l.qty_canceled, l.qty_ordered)
      + case when o.tax_included then 0
        else l.tax_minor - oms.share(l.tax_minor, l.qty_ordered - l.qty_canceled, l.qty_ordered) end) as minor
    from oms.order_lines l join oms.orders o on o.id = l.order_id,
      lateral (select l.unit_price_minor * l.qty_ordered - l.discount_minor as item) v
    where l.qty_ordered > 0
    group by 1
  )
  select format('order %s: current total %s, total %s less canceled units is %s', o.order_no, o.current_total_minor,
    o.total_minor, e.due) as breach
  from oms.orders o join canceled c on c.order_id = o.id,
    lateral (select case when c.wanted = 0 and c.units > 0 then 0 else greatest(o.total_minor - c.minor, 0) end as due) e
  where o.current_total_minor <> e.due`;

/** Orders whose authorisations all allow several captures; of the others one capture takes all that is wanted. */
const IS_CAPTURED_EACH_TIME = `not exists (
    select from oms.payments p where p.order_id = o.id and p.method = 'card' and not p.multicapture)`;

/**
 * What was handed over, by the rounding rule and once however often it was sent, less what was given back since. A line that an amend made cheaper after a
 * part of it was captured is set off by its next hand-over: until then more is captured, at most what the line is worth.
 */
const CAPTURED_IS_HANDED_OVER = `
  with line as (
    select o.id, o.order_no, l.line_no, l.captured_minor - l.credited_minor as net, oms.share(v.item, h.units, l.qty_ordered)
        + case when o.tax_included then 0 else oms.share(l.tax_minor, h.units, l.qty_ordered) end as worth,
      oms.share(v.item, v.wanted, l.qty_ordered)
        + case when o.tax_included then 0 else oms.share(l.tax_minor, v.wanted, l.qty_ordered) end as whole,
      exists (select from oms.order_changes c where c.order_id = o.id) or not ${IS_CAPTURED_EACH_TIME} as is_amended
    from oms.order_lines l join oms.orders o on o.id = l.order_id,
      lateral (select l.unit_price_minor * l.qty_ordered - l.discount_minor as item, l.qty_ordered - l.qty_canceled as wanted) v,
      lateral (select coalesce(sum(w.packed), 0)::int as units from oms.fulfillment_order_lines w
        join oms.fulfillment_orders f on f.id = w.fulfillment_order_id
        where w.order_line_id = l.id and f.status = 'closed' and not f.is_resend) h
    where o.payment_method = 'card'
  )
  select format('order %s line %s: %s captured, what was handed over is worth %s', order_no, line_no, net, worth) as breach
  from line where net < worth or net > case when is_amended then greatest(whole, worth) else worth end
  union all
  select format('order %s line %s: %s captured without a card', o.order_no, l.line_no, l.captured_minor)
  from oms.order_lines l join oms.orders o on o.id = l.order_id
  where o.payment_method <> 'card' and l.captured_minor > 0 and not exists (
    select from oms.payments p where p.order_id = o.id and p.method = 'card')`;

/** Captures are what their hand-overs took for lines and shipping, unless other money counted first. */
const CAPTURES_ARE_OF_HAND_OVERS = `
  with owed as (
    select order_id, sum(amount_minor) as minor from oms.captures where fulfillment_order_id is not null group by 1
  ), taken as (
    select o.id, o.order_no, o.payment_method, o.shipping_minor + case when o.tax_included then 0 else o.shipping_tax_minor end as shipping,
      o.shipping_credited_minor as credited, coalesce(f.shipping, 0) as shipping_taken, coalesce(f.handed_over, false) as handed_over,
      coalesce(f.shipping, 0) + (select sum(l.captured_minor) from oms.order_lines l where l.order_id = o.id) as minor,
      (select coalesce(sum(p.captured_minor), 0) from oms.payments p where p.order_id = o.id and p.method <> 'card')
        + (select coalesce(sum(c.amount_minor), 0) from oms.captures c
          where c.order_id = o.id and c.fulfillment_order_id is null) as other,
      exists (select from oms.order_changes c where c.order_id = o.id) as is_amended
    from oms.orders o left join (
      select order_id, sum(shipping_captured_minor) as shipping, bool_or(status = 'closed') as handed_over
      from oms.fulfillment_orders group by 1) f on f.order_id = o.id
  )
  select format('order %s: captures of %s, what was handed over is worth %s', t.order_no, coalesce(c.minor, 0), t.minor) as breach
  from taken t left join owed c on c.order_id = t.id
  where coalesce(c.minor, 0) > t.minor or coalesce(c.minor, 0) < t.minor - t.other
  union all
  select format('order %s: %s of shipping captured, it is %s', order_no, shipping_taken - credited, shipping)
  from taken
  where payment_method = 'card' and not is_amended and shipping_taken <> case when handed_over then shipping else 0 end`;

const PAYMENTS_ARE_THEIR_CAPTURES = `
  with done as (
    select payment_id, sum(amount_minor) as minor from oms.captures where status = 'done' group by 1
  )
  select format('order %s payment %s: %s captured, its captures add up to %s', o.order_no, p.seq, p.captured_minor,
    coalesce(d.minor, 0)) as breach
  from oms.payments p join oms.orders o on o.id = p.order_id left join done d on d.payment_id = p.id
  where p.method = 'card' and p.captured_minor <> coalesce(d.minor, 0)`;

/** A void of an authorisation whose answer never came is the first that is known of it. */
const PAYMENTS_ARE_THEIR_EVENTS = `
  with fold as (
    select payment_id, sum(amount_minor) filter (where type = 'authorize_success') as authorized,
      coalesce(sum(amount_minor) filter (where type = 'charge_success'), 0) as captured,
      coalesce(sum(amount_minor) filter (where type = 'cancel_success'), 0) as voided
    from oms.payment_events where counted group by 1
  )
  select format('order %s payment %s: %s authorised, %s captured, %s voided; its events %s, %s, %s', o.order_no, p.seq,
    p.authorized_minor, p.captured_minor, p.voided_minor, e.authorized, e.captured, e.voided) as breach
  from oms.payments p join oms.orders o on o.id = p.order_id left join fold f on f.payment_id = p.id,
    lateral (select coalesce(f.captured, 0) as captured, coalesce(f.voided, 0) as voided, coalesce(f.authorized,
      case when p.method = 'card' then f.voided else f.captured end, 0) as authorized) e
  where p.captured_minor <> e.captured or p.voided_minor <> e.voided or p.authorized_minor <> e.authorized`;

const PAYMENTS_ARE_SOUND = `
  select format('order %s payment %s is %s with %s authorised, %s captured, %s voided, %s refunded, %s disputed',
    o.order_no, p.seq, p.status, p.authorized_minor, p.captured_minor, p.voided_minor,
    p.refunded_minor + p.refund_pending_minor, p.disputed_minor) as breach
  from oms.payments p join oms.orders o on o.id = p.order_id
  where p.captured_minor + p.voided_minor > p.authorized_minor or p.currency <> o.currency
    or p.refunded_minor + p.refund_pending_minor + p.disputed_minor > p.captured_minor
    or not case p.status
      when 'authorized' then p.authorized_minor > 0 and p.captured_minor = 0 and p.voided_minor = 0
      when 'partially_captured' then p.captured_minor > 0 and p.captured_minor < p.authorized_minor and p.voided_minor = 0
      when 'captured' then p.captured_minor > 0 and p.captured_minor + p.voided_minor = p.authorized_minor
      when 'voided' then p.captured_minor = 0 and p.voided_minor = p.authorized_minor
      when 'expired' then true
      else p.authorized_minor = 0 and p.captured_minor = 0 and p.voided_minor = 0 end`;

/** Each confirmed amend begins where the one before it ended, and the last one's figures are the order's. */
const CHANGES_ARE_THE_ORDER = `
  with chain as (
    select c.*, o.order_no, o.version, jsonb_build_object('subtotalMinor', o.subtotal_minor, 'discountMinor', o.discount_minor,
        'shippingMinor', o.shipping_minor, 'taxMinor', o.tax_minor, 'totalMinor', o.total_minor) as now,
      lead(c.before) over w as next, lead(c.base_version) over w as next_version
    from oms.order_changes c join oms.orders o on o.id = c.order_id window w as (partition by c.order_id order by c.id)
  )
  select format('order %s: change of version %s ends with %s, then it has %s', order_no, base_version, after, coalesce(next, now)) as breach
  from chain
  where after <> coalesce(next, now) or base_version >= coalesce(next_version, version)
    or price_delta_minor <> (after ->> 'totalMinor')::bigint - (before ->> 'totalMinor')::bigint`;

export const MONEY_CHECKS: readonly Check[] = [
  sqlCheck({ store: 'oms', over: 'oms.order_lines', find: LINES_ADD_UP }),
  sqlCheck({ store: 'oms', over: 'oms.orders', find: ORDERS_ADD_UP }),
  sqlCheck({ store: 'oms', over: 'oms.orders', find: CURRENT_TOTALS }),
  sqlCheck({ store: 'oms', over: 'oms.order_changes', find: CHANGES_ARE_THE_ORDER }),
  sqlCheck({ store: 'oms', over: 'oms.order_lines', find: CAPTURED_IS_HANDED_OVER }),
  sqlCheck({ store: 'oms', over: 'oms.captures', find: CAPTURES_ARE_OF_HAND_OVERS }),
  sqlCheck({ store: 'oms', over: 'oms.payments', find: PAYMENTS_ARE_THEIR_CAPTURES }),
  sqlCheck({ store: 'oms', over: 'oms.payment_events', find: PAYMENTS_ARE_THEIR_EVENTS }),
  sqlCheck({ store: 'oms', over: 'oms.payments', find: PAYMENTS_ARE_SOUND }),
];
