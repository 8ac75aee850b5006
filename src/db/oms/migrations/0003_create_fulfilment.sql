-- Fulfilment orders, shipments, packages and tracking.

create table oms.fulfillment_orders (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  location text references oms.locations,
  status text not null default 'open',
  backorder boolean not null default false,
  priority text not null default 'normal',
  promised_by timestamptz,
  is_resend boolean not null default false,
  packed_at timestamptz,
  handed_over_at timestamptz,
  shipping_captured_minor bigint not null default 0 check (shipping_captured_minor >= 0),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index fulfillment_orders_by_order on oms.fulfillment_orders (order_id);
create unique index fulfillment_orders_scheduled on oms.fulfillment_orders (order_id) where status = 'scheduled';
create index fulfillment_orders_work on oms.fulfillment_orders (location, status, id);

comment on column oms.fulfillment_orders.backorder is 'Began as what was not there; without a location until stock is';
alter table oms.reservations add foreign key (fulfillment_order_id) references oms.fulfillment_orders;
comment on column oms.fulfillment_orders.is_resend is 'Its units were handed over, and captured, before; they are sent again';

create table oms.fulfillment_order_lines (
  fulfillment_order_id uuid not null references oms.fulfillment_orders,
  order_line_id uuid not null references oms.order_lines,
  sku text,
  quantity integer not null check (quantity >= 0),
  picked integer not null default 0 check (picked >= 0),
  packed integer not null default 0 check (packed >= 0),
  serials jsonb not null default '[]',
  primary key (fulfillment_order_id, order_line_id),
  check (packed <= picked and picked <= quantity)
);

create table oms.shipments (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  fulfillment_order_id uuid not null references oms.fulfillment_orders,
  package_no integer not null default 1,
  carrier text not null,
  service text not null,
  booking_key text not null unique,
  booking_status text not null default 'pending' check (booking_status in ('pending', 'booked', 'voiding', 'voided', 'refused')),
  tracking_no text,
  label_url text,
  status text not null default 'pending',
  eta timestamptz,
  weight_grams integer not null,
  dimensions jsonb not null default '{}',
  shipped_at timestamptz,
  delivered_at timestamptz,
  delivery_recorded_at timestamptz,
  failed_attempts integer not null default 0 check (failed_attempts >= 0),
  silence interval,
  silent_at timestamptz,
  lost_at timestamptz,
  recorded_attempts integer not null default 0 check (recorded_attempts >= 0),
  recorded_losses integer not null default 0 check (recorded_losses >= 0),
  recorded_status text check (recorded_status in ('lost', 'return_to_sender')),
  exception text check (exception in ('delivery_failed', 'lost', 'delivery_disputed')),
  exception_since timestamptz,
  given_up_as text check (given_up_as in ('resend', 'refund', 'returned')),
  intercepted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (carrier, tracking_no),
  unique (fulfillment_order_id, package_no)
);
create index shipments_by_order on oms.shipments (order_id);
create index shipments_by_tracking on oms.shipments (tracking_no);
comment on column oms.shipments.booking_status is 'voiding: its package was opened again, the carrier has still to take the booking back';
comment on column oms.shipments.booking_key is 'Idempotency key, stored before the carrier is called';
create index shipments_silent on oms.shipments (silent_at) where silent_at is not null;
create index shipments_excepted on oms.shipments (order_id) where exception is not null;
comment on column oms.shipments.status is 'A projection of tracking events by (occurred_at, rank); lost while lost_at is set';
comment on column oms.shipments.failed_attempts is 'A projection too: distinct scans that say so';
comment on column oms.shipments.silence is 'How long no scan may come, as the policy said at the hand-over; null: for ever';
comment on column oms.shipments.silent_at is 'When it has been silent for too long; null: nobody waits for a scan';
comment on column oms.shipments.lost_at is 'Taken for lost, because it was silent; the next scan ends that';
comment on column oms.shipments.recorded_status is 'With recorded_attempts and recorded_losses: what a step of the order has made of it; else it has news for the order';
comment on column oms.shipments.exception is 'What a person has to decide on; null: nothing';
comment on column oms.shipments.given_up_as is 'Why the order does not wait for it any more: sent again, paid back, or back in the house';

create table oms.shipment_items (
  shipment_id uuid not null references oms.shipments,
  order_line_id uuid not null references oms.order_lines,
  quantity integer not null check (quantity > 0),
  primary key (shipment_id, order_line_id)
);

create table oms.tracking_events (
  id bigint generated always as identity primary key,
  shipment_id uuid not null references oms.shipments,
  carrier_event_id text not null,
  code text not null,
  status text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  location text,
  raw jsonb not null default '{}',
  unique (shipment_id, carrier_event_id)
);
