-- Outbox and its lanes, inbox, wakes, incidents, idempotency keys, audit runs.

create table oms.outbox (
  id bigint generated always as identity primary key,
  aggregate text not null,
  aggregate_id uuid not null,
  seq integer not null,
  type text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  unique (aggregate, aggregate_id, seq)
);
comment on table oms.outbox is 'Append-only announcements, written with the state they announce';

create table oms.lane_subscriptions (
  lane text not null,
  type text not null,
  primary key (lane, type)
);
insert into oms.lane_subscriptions (lane, type) values
  ('messages', 'order.confirmed'), ('messages', 'order.canceled'),
  ('messages', 'fulfillment.handed_over'), ('messages', 'shipment.delivered'), ('messages', 'order.substitution_offered'),
  ('messages', 'shipment.delivery_failed'), ('messages', 'shipment.lost'), ('messages', 'shipment.returning'),
  ('crm-sync', 'order.placed'), ('crm-sync', 'order.canceled'), ('crm-sync', 'order.completed'),
  ('crm-sync', 'payment.captured'), ('crm-sync', 'fulfillment.handed_over'), ('crm-sync', 'shipment.delivered'),
  ('crm-sync', 'refund.succeeded'), ('crm-sync', 'payment.refunded'), ('crm-sync', 'payment.refund_reversed'), ('manifest', 'fulfillment.handed_over'),
  ('disputes', 'dispute.answered'), ('disputes', 'dispute.closed'),
  ('documents', 'order.completed'), ('documents', 'fulfillment.handed_over'),
  ('documents', 'payment.captured'), ('documents', 'refund.succeeded');

create table oms.outbox_deliveries (
  outbox_id bigint not null references oms.outbox,
  lane text not null,
  done_at timestamptz,
  attempts integer not null default 0,
  last_error text,
  next_attempt_at timestamptz not null default now(),
  primary key (outbox_id, lane)
);
create index outbox_deliveries_due on oms.outbox_deliveries (lane, outbox_id) where done_at is null;

create function oms.fan_out() returns trigger language plpgsql as $$
begin
  insert into oms.outbox_deliveries (outbox_id, lane)
    select o.id, s.lane from added o join oms.lane_subscriptions s on s.type = o.type;
  perform pg_notify('oms_outbox', '');
  return null;
end $$;
create trigger outbox_fan_out after insert on oms.outbox
  referencing new table as added for each statement execute function oms.fan_out();

create table oms.inbox (
  source text not null,
  event_id text not null,
  topic text not null,
  body jsonb not null,
  raw_hash text not null,
  reference text,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  result text check (result in ('applied', 'superseded', 'ignored', 'parked')),
  reason text,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  request_id text,
  primary key (source, event_id)
);
create index inbox_waiting on oms.inbox (received_at) where processed_at is null;
comment on table oms.inbox is 'Every webhook that was answered 2xx, once; applied by the wake lane';

create table oms.wakes (
  id uuid primary key default uuidv7(),
  workflow_id text not null,
  kind text not null,
  ref text not null,
  created_at timestamptz not null default now(),
  signaled_at timestamptz,
  attempts integer not null default 0,
  unique (workflow_id, kind, ref)
);
create index wakes_open on oms.wakes (id) where signaled_at is null;
comment on table oms.wakes is 'Facts a workflow must hear of, written with the fact; the wake lane signals and marks them';

create table oms.incidents (
  id uuid primary key default uuidv7(),
  kind text not null,
  status text not null default 'open' check (status in ('open', 'resolved')),
  order_id uuid,
  doc_type text not null,
  doc_id text not null,
  detail text not null,
  attempts integer not null default 0,
  opened_at timestamptz not null default now(),
  resolved_at timestamptz,
  resolved_by text,
  note text
);
create unique index incidents_open on oms.incidents (kind, doc_type, doc_id) where status = 'open';

create table oms.idempotency_keys (
  scope text not null,
  key text not null,
  request_hash text not null,
  status text not null default 'running' check (status in ('running', 'done')),
  response_status integer,
  response jsonb,
  locked_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '24 hours',
  primary key (scope, key)
);
create index idempotency_keys_expiry on oms.idempotency_keys (expires_at);
comment on column oms.idempotency_keys.scope is 'API key and route';

create function oms.notify_channel() returns trigger language plpgsql as $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end $$;
create trigger wakes_notify after insert on oms.wakes for each statement execute function oms.notify_channel('oms_wake');
create trigger inbox_notify after insert on oms.inbox for each statement execute function oms.notify_channel('oms_wake');
create trigger stock_wakes_notify after insert on oms.stock_wakes for each statement execute function oms.notify_channel('oms_wake');
create trigger events_notify after insert on oms.order_events for each statement execute function oms.notify_channel('oms_events');
