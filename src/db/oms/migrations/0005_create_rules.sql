-- The transition table (a copy of domain/order-state, compared by a test), its guard, and derived columns.

create table oms.transitions (
  machine text not null,
  from_status text not null,
  to_status text not null,
  primary key (machine, from_status, to_status)
);
insert into oms.transitions (machine, from_status, to_status) values
  ('order', 'draft', 'pending'),
  ('order', 'pending', 'in_review'), ('order', 'pending', 'confirmed'), ('order', 'pending', 'canceled'), ('order', 'pending', 'expired'),
  ('order', 'in_review', 'confirmed'), ('order', 'in_review', 'canceled'),
  ('order', 'confirmed', 'processing'), ('order', 'confirmed', 'canceled'),
  ('order', 'processing', 'completed'), ('order', 'processing', 'canceled'),
  ('fulfillment_order', 'open', 'scheduled'), ('fulfillment_order', 'open', 'on_hold'),
  ('fulfillment_order', 'open', 'in_progress'), ('fulfillment_order', 'open', 'canceled'),
  ('fulfillment_order', 'scheduled', 'open'), ('fulfillment_order', 'scheduled', 'canceled'),
  ('fulfillment_order', 'on_hold', 'open'), ('fulfillment_order', 'on_hold', 'canceled'),
  ('fulfillment_order', 'in_progress', 'closed'), ('fulfillment_order', 'in_progress', 'incomplete'),
  ('fulfillment_order', 'in_progress', 'canceled'),
  ('reservation', 'held', 'committed'), ('reservation', 'held', 'expired'), ('reservation', 'held', 'released'),
  ('reservation', 'committed', 'consumed'), ('reservation', 'committed', 'released'),
  ('payment', 'pending', 'action_required'), ('payment', 'pending', 'authorized'), ('payment', 'pending', 'captured'),
  ('payment', 'pending', 'partially_captured'), ('payment', 'pending', 'declined'), ('payment', 'pending', 'failed'), ('payment', 'pending', 'voided'),
  ('payment', 'pending', 'expired'),
  ('payment', 'action_required', 'authorized'), ('payment', 'action_required', 'declined'),
  ('payment', 'action_required', 'failed'), ('payment', 'action_required', 'voided'), ('payment', 'action_required', 'expired'),
  ('payment', 'authorized', 'partially_captured'), ('payment', 'authorized', 'captured'),
  ('payment', 'authorized', 'voided'), ('payment', 'authorized', 'expired'),
  ('payment', 'partially_captured', 'captured'), ('payment', 'voided', 'captured'),
  ('refund', 'pending', 'submitted'), ('refund', 'pending', 'canceled'),
  ('refund', 'submitted', 'succeeded'), ('refund', 'submitted', 'failed'),
  ('refund', 'succeeded', 'reversed'), ('refund', 'failed', 'submitted'), ('refund', 'reversed', 'submitted'),
  ('return', 'requested', 'approved'), ('return', 'requested', 'declined'), ('return', 'requested', 'canceled'),
  ('return', 'approved', 'in_transit'), ('return', 'approved', 'partially_received'), ('return', 'approved', 'received'),
  ('return', 'approved', 'canceled'), ('return', 'approved', 'expired'), ('return', 'approved', 'closed'),
  ('return', 'in_transit', 'partially_received'), ('return', 'in_transit', 'received'),
  ('return', 'in_transit', 'canceled'), ('return', 'in_transit', 'expired'),
  ('return', 'partially_received', 'received'), ('return', 'received', 'inspected'), ('return', 'received', 'closed'),
  ('return', 'inspected', 'closed');

create function oms.guard_transition() returns trigger language plpgsql as $$
declare
  before text := to_jsonb(old) ->> tg_argv[1];
  after text := to_jsonb(new) ->> tg_argv[1];
begin
  if before is distinct from after and not exists (
    select from oms.transitions t
    where t.machine = tg_argv[0] and t.from_status = before and t.to_status = after
  ) then
    raise exception 'illegal transition of % from % to %', tg_argv[0], before, after
      using errcode = 'check_violation', constraint = tg_argv[0] || '_transition';
  end if;
  return new;
end $$;
create trigger orders_a_guard before update of status on oms.orders
  for each row execute function oms.guard_transition('order', 'status');
create trigger fulfillment_orders_guard before update of status on oms.fulfillment_orders
  for each row execute function oms.guard_transition('fulfillment_order', 'status');
create trigger reservations_guard before update of state on oms.reservations
  for each row execute function oms.guard_transition('reservation', 'state');
create trigger payments_guard before update of status on oms.payments
  for each row execute function oms.guard_transition('payment', 'status');

create function oms.derive_order() returns trigger language plpgsql as $$
declare
  l record;
  p record;
  f record;
  due bigint;
begin
  select coalesce(sum(qty_ordered - qty_canceled), 0) as units, coalesce(sum(qty_canceled), 0) as canceled,
      coalesce(sum(qty_ordered - qty_canceled) filter (where requires_shipping), 0) as wanted,
      coalesce(sum(qty_allocated), 0) as allocated,
      coalesce(sum(qty_shipped), 0) as shipped, coalesce(sum(qty_delivered), 0) as delivered,
      coalesce(sum(
        oms.share(unit_price_minor * qty_ordered - discount_minor, qty_ordered, qty_ordered)
        - oms.share(unit_price_minor * qty_ordered - discount_minor, qty_ordered - qty_canceled, qty_ordered)
        + case when new.tax_included then 0 else oms.share(tax_minor, qty_ordered, qty_ordered)
          - oms.share(tax_minor, qty_ordered - qty_canceled, qty_ordered) end), 0) as canceled_minor
    into l from oms.order_lines where order_id = new.id;
  select count(*) as n, coalesce(sum(authorized_minor - captured_minor - voided_minor)
        filter (where status in ('authorized', 'partially_captured')), 0) as open_minor,
      coalesce(sum(captured_minor), 0) as captured, coalesce(sum(refunded_minor), 0) as refunded,
      coalesce(sum(voided_minor), 0) as voided,
      bool_or(status in ('pending', 'action_required') and method = 'card') as pending,
      bool_or(status in ('declined', 'failed')) as failed, bool_or(status = 'expired') as expired
    into p from oms.payments where order_id = new.id;
  select count(*) as n, count(*) filter (where status in ('open', 'scheduled', 'on_hold', 'in_progress')) as unclosed,
      bool_or(status = 'on_hold') as held, bool_or(status = 'in_progress') as working,
      bool_and(status = 'scheduled') filter (where status <> 'closed') as scheduled
    into f from oms.fulfillment_orders where order_id = new.id and status <> 'canceled';

  due := case when l.units = 0 and l.canceled > 0 then 0 else new.total_minor - l.canceled_minor end;
  new.current_total_minor := greatest(due, 0);
  new.payment_status := case
    when p.captured = 0 and p.open_minor = 0 and p.voided > 0 then 'voided'
    when due = 0 and p.captured = 0 and p.open_minor = 0 then 'not_required'
    when p.captured = 0 and p.open_minor >= due then 'authorized'
    when p.captured = 0 and p.open_minor > 0 then 'partially_authorized'
    when p.captured > 0 and p.refunded = p.captured then 'refunded'
    when p.captured - p.refunded > due then 'overpaid'
    when p.refunded > 0 and p.captured >= due then 'partially_refunded'
    when p.captured > 0 and p.captured < due then 'partially_paid'
    when p.captured > 0 then 'paid'
    when p.pending then 'pending'
    when p.failed then 'failed'
    when p.expired then 'expired'
    else 'unpaid' end;
  new.allocation_status := case
    when l.units = 0 and l.canceled > 0 then 'released'
    when l.allocated + l.shipped < l.wanted and exists (select from oms.shortages s
      where s.order_id = new.id and s.status = 'waiting' and s.is_backorder) then 'backordered'
    when l.allocated + l.shipped = 0 then 'none'
    when l.allocated + l.shipped >= l.wanted then 'full'
    else 'partial' end;
  new.fulfillment_status := case
    when new.status in ('canceled', 'expired') then 'canceled'
    when l.wanted = 0 then 'not_required'
    when l.delivered >= l.wanted then 'delivered'
    when l.delivered > 0 then 'partially_delivered'
    when l.shipped >= l.wanted then 'shipped'
    when l.shipped > 0 then 'partially_shipped'
    when f.held then 'on_hold'
    when f.working then 'in_progress'
    when f.scheduled then 'scheduled'
    else 'unfulfilled' end;
  new.stage := case
    when new.status in ('completed', 'canceled') then new.status
    when new.wait_code is not null then new.wait_code
    when new.phase in ('fulfill', 'track') and exists (
      select from oms.shipments s where s.order_id = new.id and s.exception is not null) then 'delivery_exception'
    when new.phase = 'fulfill' and exists (
      select from oms.order_holds h where h.order_id = new.id and h.status = 'active') then 'hold'
    when new.phase = 'fulfill' and f.scheduled then 'backorder'
    when new.phase in ('fulfill', 'track') and f.unclosed > 0 then 'warehouse'
    when new.phase = 'track' then 'carrier'
    else new.phase end;
  new.updated_at := now();
  return new;
end $$;
comment on function oms.derive_order is 'Keeps payment, allocation and fulfilment status, current total and stage equal to the rows they follow from';
create trigger orders_derive before insert or update on oms.orders for each row execute function oms.derive_order();

create function oms.freeze_kit() returns trigger language plpgsql as $$
begin
  if new.known_sku then
    new.kit_parts := coalesce((select p.kit_parts from oms.products p where p.sku = new.sku), '[]');
  end if;
  return new;
end $$;
comment on function oms.freeze_kit is 'Keeps with the line what its item is made of when it becomes known';
create trigger order_lines_freeze_kit before insert on oms.order_lines for each row execute function oms.freeze_kit();
create trigger order_lines_freeze_late_kit before update of known_sku on oms.order_lines
  for each row when (new.known_sku and not old.known_sku) execute function oms.freeze_kit();

create function oms.touch_orders() returns trigger language plpgsql as $$
begin
  update oms.orders set updated_at = now() where id in (select distinct order_id from changed);
  return null;
end $$;
create trigger order_lines_touch after update on oms.order_lines
  referencing new table as changed for each statement execute function oms.touch_orders();
create trigger order_lines_touch_insert after insert on oms.order_lines
  referencing new table as changed for each statement execute function oms.touch_orders();
create trigger payments_touch after update on oms.payments
  referencing new table as changed for each statement execute function oms.touch_orders();
create trigger payments_touch_insert after insert on oms.payments
  referencing new table as changed for each statement execute function oms.touch_orders();
create trigger fulfillment_orders_touch after update on oms.fulfillment_orders
  referencing new table as changed for each statement execute function oms.touch_orders();
create trigger fulfillment_orders_touch_insert after insert on oms.fulfillment_orders
  referencing new table as changed for each statement execute function oms.touch_orders();
create trigger order_holds_touch after update on oms.order_holds
  referencing new table as changed for each statement execute function oms.touch_orders();
create trigger order_holds_touch_insert after insert on oms.order_holds
  referencing new table as changed for each statement execute function oms.touch_orders();

create function oms.is_settled(target uuid) returns boolean language sql stable as $$
  select not exists (select from oms.captures where order_id = target and status = 'owed')
    and not exists (select from oms.payments
      where order_id = target and method = 'card' and (status in ('authorized', 'partially_captured')
        or status = 'pending' and attempted_at is not null))
    and not exists (select from oms.shipments where order_id = target and booking_status = 'voiding')
$$;
comment on function oms.is_settled is 'Gateway and carrier owe nothing more: captures taken, what was left released, opened packages given back';

create function oms.has_arrived(s oms.shipments) returns boolean language sql stable as $$
  select s.delivered_at is not null and s.delivery_recorded_at is null and s.given_up_as is null
    and s.recorded_status is distinct from 'return_to_sender'
$$;
comment on function oms.has_arrived is 'Delivered, and the order has not recorded it; what is on its way back arrives at nobody but us';

create function oms.has_news(s oms.shipments) returns boolean language sql stable as $$
  select s.shipped_at is not null and s.given_up_as is null
    and s.recorded_status is distinct from 'return_to_sender' and (
      s.delivered_at is null and (s.failed_attempts > s.recorded_attempts
        or (s.status = 'lost') <> (s.recorded_status is not distinct from 'lost'))
      or s.status = 'return_to_sender')
$$;
comment on function oms.has_news is 'A milestone other than the arrival that the order has not recorded. What a scan that came late says of a parcel that is there is none';

create function oms.ended_units(target uuid) returns bigint language sql stable as $$
  select coalesce(sum(i.quantity), 0) from oms.shipments s join oms.shipment_items i on i.shipment_id = s.id
  where s.order_id = target and s.given_up_as in ('refund', 'returned') and s.delivery_recorded_at is null
$$;
comment on function oms.ended_units is 'Units of an order that were handed over and will not arrive: paid back, or back in the house';

create function oms.carrier_silence(code text) returns interval language sql stable as $$
  select case jsonb_typeof(p.value) when 'string' then p.value #>> '{}'
    when 'object' then coalesce(p.value ->> code, p.value ->> 'default') end::interval
  from oms.policies p where p.key = 'carrierSilence'
$$;
comment on function oms.carrier_silence is 'How long a carrier may be silent about a parcel; null: for ever';

create function oms.renewal_of(ends timestamptz) returns timestamptz language sql stable as $$
  select ends - least((p.value #>> '{}')::interval, (ends - now()) / 2)
  from oms.policies p where p.key = 'authorizationRenewBefore' and jsonb_typeof(p.value) = 'string'
$$;
comment on function oms.renewal_of is 'When an authorisation that is made now and ends then is renewed; not before half of its time is over';

create function oms.is_replaced(payment uuid) returns boolean language sql stable as $$
  select exists (select from oms.payments where renews = payment and status in ('authorized', 'partially_captured', 'captured'))
$$;
comment on function oms.is_replaced is 'Another authorisation is there in place of this one, which is voided as soon as nothing is owed on it';

create function oms.open_order(target uuid, command uuid) returns jsonb language plpgsql as $$
declare
  document jsonb;
begin
  -- The lock comes first, in a statement of its own: what is read after it is what the last step left.
  perform 1 from oms.orders where id = target for update;
  select jsonb_build_object(
    'id', o.id, 'revision', o.revision, 'orderNo', o.order_no, 'channel', o.channel, 'status', o.status, 'phase', o.phase,
    'waitCode', o.wait_code, 'until', o.wait_until, 'currency', o.currency, 'customerId', o.customer_id,
    'paymentMethod', o.payment_method, 'totalMinor', o.total_minor, 'currentTotalMinor', o.current_total_minor,
    'taxIncluded', o.tax_included, 'shippingMinor', o.shipping_minor, 'shippingTaxMinor', o.shipping_tax_minor,
    'shippingMethod', o.shipping_method, 'priority', o.priority, 'promisedBy', o.promised_by, 'placedAt', o.placed_at,
    'cancelReason', o.cancel_reason, 'version', o.version, 'shippingCreditedMinor', o.shipping_credited_minor,
    'isSettled', oms.is_settled(o.id), 'givenBackMinor', (select coalesce(sum(g.amount_minor), 0) from oms.refunds g
      where g.order_id = o.id and g.is_of_canceled and g.status <> 'canceled'),
    'activeHolds', (select count(*) from oms.order_holds h where h.order_id = o.id and h.status = 'active'),
    'openFindings', (select coalesce(jsonb_agg(f.code order by f.code), '[]') from oms.order_findings f
      where f.order_id = o.id and f.status = 'open'),
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'lineNo', l.line_no, 'sku', l.sku,
        'knownSku', l.known_sku, 'requiresShipping', l.requires_shipping, 'ordered', l.qty_ordered,
        'wanted', l.qty_ordered - l.qty_canceled, 'allocated', l.qty_allocated, 'fulfilled', l.qty_fulfilled,
        'shipped', l.qty_shipped, 'delivered', l.qty_delivered,
        'itemMinor', l.unit_price_minor * l.qty_ordered - l.discount_minor, 'taxMinor', l.tax_minor,
        'capturedMinor', l.captured_minor, 'creditedMinor', l.credited_minor,
        'kitParts', l.kit_parts) order by l.line_no), '[]')
      from oms.order_lines l where l.order_id = o.id),
    'isBackordered', exists (select from oms.shortages s
      where s.order_id = o.id and s.status = 'waiting' and s.is_backorder),
    'isUnplanned', exists (select from oms.reservations r
      where r.order_id = o.id and r.state = 'committed' and r.fulfillment_order_id is null),
    'fulfillments', (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'location', f.location,
        'status', f.status, 'packed', f.packed_at is not null, 'shippingCapturedMinor', f.shipping_captured_minor,
        'isResend', f.is_resend,
        'lines', (select coalesce(jsonb_agg(jsonb_build_object('lineId', fl.order_line_id, 'quantity', fl.quantity,
            'picked', fl.picked, 'packed', fl.packed) order by fl.order_line_id), '[]')
          from oms.fulfillment_order_lines fl where fl.fulfillment_order_id = f.id and fl.quantity > 0)) order by f.id), '[]')
      from oms.fulfillment_orders f where f.order_id = o.id),
    'shipments', (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'fulfillmentOrderId', s.fulfillment_order_id,
        'carrier', s.carrier, 'bookingKey', s.booking_key, 'bookingStatus', s.booking_status, 'trackingNo', s.tracking_no,
        'status', s.status, 'shipped', s.shipped_at is not null, 'exception', s.exception, 'givenUpAs', s.given_up_as,
        'intercepted', s.intercepted_at is not null, 'arrived', oms.has_arrived(s)) order by s.id), '[]')
      from oms.shipments s where s.order_id = o.id),
    'payments', (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'seq', p.seq, 'method', p.method, 'provider', p.provider,
        'status', p.status, 'reference', p.reference, 'idempotencyKey', p.idempotency_key, 'isAttempted', p.attempted_at is not null, 'multicapture', p.multicapture, 'amountMinor', p.amount_minor,
        'isRenewal', p.renews is not null, 'isReplaced', oms.is_replaced(p.id),
        'authorizedMinor', p.authorized_minor, 'capturedMinor', p.captured_minor, 'refundedMinor', p.refunded_minor, 'voidedMinor', p.voided_minor)
        order by p.seq), '[]')
      from oms.payments p where p.order_id = o.id),
    'captures', (select coalesce(jsonb_agg(jsonb_build_object('captureId', c.id, 'paymentId', c.payment_id, 'intentId', p.reference,
        'amountMinor', c.amount_minor, 'currency', p.currency, 'provider', p.provider, 'idempotencyKey', c.idempotency_key, 'status', c.status)
        order by c.created_at, c.id), '[]')
      from oms.captures c join oms.payments p on p.id = c.payment_id where c.order_id = o.id),
    'command', (select jsonb_build_object('id', c.id, 'kind', c.kind, 'body', c.body, 'actorType', c.actor_type,
        'actorId', c.actor_id, 'requestId', c.request_id, 'status', c.status, 'result', c.result)
      from oms.commands c where c.id = command)
  ) into document from oms.orders o where o.id = target;
  return document;
end $$;
comment on function oms.open_order is 'Locks an order and reads all a step needs of it, in one round trip';
