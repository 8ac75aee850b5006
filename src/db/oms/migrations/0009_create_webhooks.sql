-- Webhooks out: endpoints, one delivery for each endpoint and announcement, and announcements of what no step records.

alter table oms.outbox add column event_id uuid not null default uuidv7();
comment on column oms.outbox.event_id is 'The announcement''s name outside, the same for every endpoint and every try';

create table oms.webhook_types (type text primary key);
insert into oms.webhook_types (type) values
  ('order.placed'), ('order.confirmed'), ('order.amended'), ('order.canceled'), ('order.completed'),
  ('payment.authorized'), ('payment.captured'), ('payment.voided'), ('fulfillment.handed_over'),
  ('shipment.updated'), ('shipment.delivered'), ('shipment.exception'),
  ('return.requested'), ('return.approved'), ('return.declined'), ('return.received'), ('return.inspected'),
  ('return.closed'), ('return.canceled'), ('return.expired'),
  ('refund.created'), ('refund.succeeded'), ('refund.failed'), ('refund.reversed'),
  ('invoice.issued'), ('credit_note.issued'), ('dispute.opened'), ('dispute.closed'), ('incident.opened');
comment on table oms.webhook_types is 'The announcements that are told outside (a copy of domain/webhook-events, compared by a test)';

create table oms.webhook_endpoints (
  id uuid primary key default uuidv7(),
  url text not null,
  events text[] not null check (cardinality(events) > 0),
  description text,
  status text not null default 'active' check (status in ('active', 'disabled')),
  disabled_reason text check (disabled_reason in ('by_request', 'gone')),
  secret text check (secret is not null or deleted_at is not null),
  previous_secret text,
  previous_secret_until timestamptz,
  matching_since timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  check (deleted_at is null or status = 'disabled')
);
comment on column oms.webhook_endpoints.secret is 'In the clear: it signs. Erased when the endpoint is deleted';
comment on column oms.webhook_endpoints.matching_since is 'Since when it is active with these patterns: what matches and is newer has its delivery';

create table oms.webhook_deliveries (
  id uuid primary key default uuidv7(),
  endpoint_id uuid not null references oms.webhook_endpoints,
  outbox_id bigint not null references oms.outbox,
  event_id uuid not null,
  aggregate text not null,
  aggregate_id uuid not null,
  seq integer not null,
  type text not null,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
  attempts integer not null default 0,
  failures integer not null default 0,
  next_attempt_at timestamptz default now(),
  claimed_until timestamptz,
  blocks_until timestamptz,
  gives_up_at timestamptz,
  last_status integer,
  last_error text,
  created_at timestamptz not null default now(),
  delivered_at timestamptz,
  unique (endpoint_id, outbox_id),
  check ((status = 'pending') = (next_attempt_at is not null))
);
create index webhook_deliveries_due on oms.webhook_deliveries (endpoint_id, next_attempt_at) where status = 'pending';
create index webhook_deliveries_line on oms.webhook_deliveries (endpoint_id, aggregate, aggregate_id, seq)
  where status = 'pending';
create index webhook_deliveries_by_endpoint on oms.webhook_deliveries (endpoint_id, id desc);
create index webhook_deliveries_by_aggregate on oms.webhook_deliveries (aggregate_id, id desc);
comment on column oms.webhook_deliveries.failures is 'Tries that failed since it was last asked for: the back-off''s exponent';
comment on column oms.webhook_deliveries.blocks_until is 'From then on later ones of its aggregate go out although it fails; null: it has not failed yet';
comment on column oms.webhook_deliveries.claimed_until is 'Its sender''s lease; a dead sender''s delivery is sent again after it';

create function oms.matches_event(patterns text[], event_type text) returns boolean language sql immutable as $$
  select exists (
    select from unnest(patterns) as p
    where p in ('*', event_type) or (right(p, 2) = '.*' and starts_with(event_type, left(p, -1))))
$$;

create function oms.fan_out_webhooks() returns trigger language plpgsql as $$
begin
  insert into oms.webhook_deliveries (endpoint_id, outbox_id, event_id, aggregate, aggregate_id, seq, type)
    select e.id, o.id, o.event_id, o.aggregate, o.aggregate_id, o.seq, o.type
    from added o join oms.webhook_types t on t.type = o.type
      join oms.webhook_endpoints e on e.status = 'active' and oms.matches_event(e.events, o.type)
    order by o.id;
  if found then
    perform pg_notify('oms_webhooks', '');
  end if;
  return null;
end $$;
create trigger outbox_fan_out_webhooks after insert on oms.outbox
  referencing new table as added for each statement execute function oms.fan_out_webhooks();
comment on function oms.fan_out_webhooks is 'With the announcement itself: no statement more, and none that matches is ever without its delivery';

create function oms.announce_of_order(target uuid, event_type text, details jsonb) returns void language sql as $$
  with stream as (
    update oms.order_streams set outbox_seq = outbox_seq + 1 where order_id = target returning outbox_seq
  )
  insert into oms.outbox (aggregate, aggregate_id, seq, type, payload)
  select 'order', o.id, s.outbox_seq, event_type, details || jsonb_build_object(
    'orderId', o.id, 'customerId', o.customer_id, 'currency', o.currency, 'occurredAt', now())
  from stream s, oms.orders o where o.id = target
$$;
comment on function oms.announce_of_order is 'Announces what is no event of the order itself. What is one goes through recordingWith';

create function oms.announce_shipment() returns trigger language plpgsql as $$
begin
  perform oms.announce_of_order(new.order_id, case
      when new.status in ('delivery_failed', 'return_to_sender', 'lost', 'expired') then 'shipment.exception'
      else 'shipment.updated' end,
    jsonb_build_object('shipmentId', new.id, 'status', new.status));
  return null;
end $$;
-- At commit: by then whoever moves shipments holds all of them, so none waits for an order's counter with one in hand.
create constraint trigger shipments_announce after update of status on oms.shipments
  deferrable initially deferred for each row
  when (old.status is distinct from new.status and new.status <> 'delivered')
  execute function oms.announce_shipment();
comment on function oms.announce_shipment is 'What scans and carriers say; that it was delivered is announced by the order''s own step';

create function oms.announce_incident() returns trigger language plpgsql as $$
begin
  perform oms.announce_of_order(new.order_id, 'incident.opened', jsonb_build_object('incidentId', new.id));
  return null;
end $$;
create constraint trigger incidents_announce after insert on oms.incidents
  deferrable initially deferred for each row when (new.order_id is not null)
  execute function oms.announce_incident();

grant select, insert, update on oms.webhook_endpoints, oms.webhook_deliveries to throughline_oms;
grant select on oms.webhook_types to throughline_oms;
revoke all on function oms.matches_event, oms.fan_out_webhooks, oms.announce_of_order, oms.announce_shipment,
  oms.announce_incident from public;
grant execute on function oms.matches_event, oms.fan_out_webhooks, oms.announce_of_order, oms.announce_shipment,
  oms.announce_incident to throughline_oms;
