-- Intake, orders and what hangs on them: lines, discounts, holds, findings, events, steps, commands.

create sequence oms.order_numbers start 100001;

create table oms.intakes (
  id uuid primary key default uuidv7(),
  order_id uuid not null unique default uuidv7(),
  order_no text not null unique default 'T' || nextval('oms.order_numbers'),
  door text not null check (door in ('api', 'shopify')),
  channel text not null,
  external_id text,
  api_key_id uuid,
  idempotency_key text,
  body jsonb not null,
  body_hash text not null,
  status text not null default 'accepted' check (status in ('accepted', 'placed', 'parked')),
  reason text,
  actor_type text not null,
  actor_id text not null,
  request_id text,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  placed_at timestamptz,
  updated_at timestamptz not null default now(),
  check (external_id is not null or idempotency_key is not null)
);
create unique index intakes_external on oms.intakes (channel, external_id) where external_id is not null;
create unique index intakes_keyed on oms.intakes (api_key_id, idempotency_key) where external_id is null;
create index intakes_waiting on oms.intakes (created_at) where status = 'accepted';
comment on table oms.intakes is 'What a door accepted, durable before anything else happens; the order id is minted here';

create table oms.orders (
  id uuid primary key,
  order_no text not null unique,
  version integer not null default 1,
  revision integer not null default 1,
  channel text not null,
  external_id text,
  origin text not null,
  status text not null,
  payment_status text not null default 'unpaid',
  allocation_status text not null default 'none',
  fulfillment_status text not null default 'unfulfilled',
  phase text not null default 'review'
    check (phase in ('review', 'reserve', 'pay', 'fulfill', 'track', 'complete', 'cancel', 'over')),
  stage text not null default 'intake',
  wait_code text,
  wait_detail text,
  wait_since timestamptz,
  wait_until timestamptz,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  subtotal_minor bigint not null check (subtotal_minor >= 0),
  discount_minor bigint not null check (discount_minor >= 0),
  shipping_minor bigint not null check (shipping_minor >= 0),
  shipping_tax_minor bigint not null default 0 check (shipping_tax_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  total_minor bigint not null check (total_minor >= 0),
  current_total_minor bigint not null default 0,
  shipping_credited_minor bigint not null default 0 check (shipping_credited_minor >= 0),
  tax_included boolean not null,
  shipping_tax_rate numeric(9, 6) not null default 0,
  shipping_method text,
  presentment jsonb,
  payment_method text not null,
  customer_id uuid,
  customer_name text,
  email text,
  phone text,
  locale text not null default 'en',
  ship_to jsonb,
  bill_to jsonb,
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  promised_by timestamptz,
  note text,
  source_metadata jsonb not null default '{}',
  cancel_reason text,
  workflow_id text not null,
  placed_at timestamptz not null,
  confirmed_at timestamptz,
  completed_at timestamptz,
  canceled_at timestamptz,
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index orders_external on oms.orders (channel, external_id) where external_id is not null;
create index orders_newest on oms.orders (id desc);
create index orders_running on oms.orders (updated_at) where phase <> 'over';
create index orders_by_customer on oms.orders (customer_id, placed_at);
create index orders_by_stage on oms.orders (stage, id desc);
create index orders_by_status on oms.orders (status, id desc);
create index orders_by_email on oms.orders (lower(email));
create index orders_by_phone on oms.orders (phone);
create index orders_promised on oms.orders (promised_by)
  where phase in ('review', 'reserve', 'pay', 'fulfill');
create index orders_by_placed on oms.orders (placed_at);
comment on column oms.orders.version is 'Rises with what the customer would call a change: baseVersion of the contract';
comment on column oms.orders.revision is 'Rises with every recorded change, so that the workflow knows which of two answers is newer';
comment on column oms.orders.status is 'Changed only by the order workflow''s steps';
comment on column oms.orders.phase is 'Where the workflow''s story resumes';
comment on column oms.orders.wait_code is 'The order-level wait: review, shortage, payment or void; holds and warehouse are derived';
comment on column oms.orders.current_total_minor is 'Derived: the total less canceled units; shipping falls away with the last unit';
comment on column oms.orders.shipping_credited_minor is 'Of captured shipping, given back because an amend made it less';
comment on column oms.orders.ship_to is 'Snapshot; personal data stays here and never enters a workflow';

create table oms.order_lines (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  line_no integer not null check (line_no > 0),
  sku text,
  known_sku boolean not null default true,
  external_line_id text,
  title text not null,
  qty_ordered integer not null check (qty_ordered >= 0),
  qty_canceled integer not null default 0 check (qty_canceled >= 0),
  qty_allocated integer not null default 0 check (qty_allocated >= 0),
  qty_fulfilled integer not null default 0 check (qty_fulfilled >= 0),
  qty_shipped integer not null default 0 check (qty_shipped >= 0),
  qty_delivered integer not null default 0 check (qty_delivered >= 0),
  qty_return_requested integer not null default 0 check (qty_return_requested >= 0),
  qty_returned integer not null default 0 check (qty_returned >= 0),
  qty_return_rejected integer not null default 0 check (qty_return_rejected >= 0),
  qty_refunded integer not null default 0 check (qty_refunded >= 0),
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  discount_minor bigint not null default 0 check (discount_minor >= 0),
  tax_minor bigint not null default 0 check (tax_minor >= 0),
  total_minor bigint not null check (total_minor >= 0),
  captured_minor bigint not null default 0 check (captured_minor >= 0),
  credited_minor bigint not null default 0 check (credited_minor >= 0 and credited_minor <= captured_minor),
  tax_rate numeric(9, 6) not null default 0,
  tax_category text not null default 'standard',
  weight_grams integer not null default 0,
  requires_shipping boolean not null default true,
  kit_parts jsonb not null default '[]',
  substitute_for uuid references oms.order_lines,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  unique (order_id, line_no),
  constraint order_lines_counters check (
    qty_delivered <= qty_shipped and qty_shipped <= qty_fulfilled
    and qty_fulfilled <= qty_ordered - qty_canceled
    and qty_returned + qty_return_rejected <= qty_shipped
    and qty_allocated + qty_shipped <= qty_ordered - qty_canceled)
);
create index order_lines_by_sku on oms.order_lines (sku);
comment on column oms.order_lines.captured_minor is 'The worth that hand-overs took, gross: from cards, or from money that was there';
comment on column oms.order_lines.credited_minor is 'Of it, given back because a cancel or an amend made the line worth less';
comment on column oms.order_lines.qty_allocated is 'Units reserved and not yet handed over';
comment on column oms.order_lines.kit_parts is 'What one unit is made of, as it was when the order was placed; empty: the item itself';

create table oms.order_line_adjustments (
  id uuid primary key default uuidv7(),
  order_line_id uuid not null references oms.order_lines,
  source text not null check (source in ('merchant', 'shopify', 'coupon')),
  code text,
  type text not null check (type in ('fixed', 'percent')),
  value_percent numeric(9, 6),
  amount_minor bigint not null check (amount_minor >= 0),
  frozen_at timestamptz not null default now()
);
create index order_line_adjustments_line on oms.order_line_adjustments (order_line_id);
comment on table oms.order_line_adjustments is 'Discounts frozen per line at placement, by largest remainder';

create table oms.order_holds (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  type text not null,
  reason text not null,
  source text not null default 'user' check (source in ('system', 'user')),
  status text not null default 'active' check (status in ('active', 'released')),
  placed_by text not null,
  placed_at timestamptz not null default now(),
  released_by text,
  released_at timestamptz,
  release_reason text
);
create index order_holds_order on oms.order_holds (order_id);

create table oms.order_findings (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  code text not null,
  verdict text not null check (verdict in ('pass', 'hold', 'reject')),
  rule text not null,
  detail text not null,
  status text not null default 'open' check (status in ('open', 'accepted')),
  decided_by text,
  decided_at timestamptz,
  unique (order_id, code)
);

create table oms.order_streams (
  order_id uuid primary key references oms.orders,
  event_seq integer not null default 0,
  outbox_seq integer not null default 0
);
comment on table oms.order_streams is 'The counters behind gapless event and outbox numbers; its row lock orders them';

create table oms.order_events (
  id bigint generated always as identity primary key,
  order_id uuid not null references oms.orders,
  seq integer not null,
  at timestamptz not null default now(),
  type text not null,
  actor_type text not null,
  actor_id text not null,
  reason text,
  request_id text,
  data jsonb not null default '{}',
  unique (order_id, seq)
);
comment on table oms.order_events is 'Append-only: who did what to an order, when and why';

create table oms.commands (
  id uuid primary key default uuidv7(),
  order_id uuid not null,
  kind text not null,
  body jsonb not null default '{}',
  actor_type text not null,
  actor_id text not null,
  request_id text,
  status text not null default 'running' check (status in ('running', 'done', 'failed')),
  result jsonb,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index commands_by_order on oms.commands (order_id, id);
comment on table oms.commands is 'A command''s body stays here; the workflow update carries only its id. Also the operation behind a 202';

create table oms.shortages (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  sku text not null,
  quantity integer not null check (quantity > 0),
  priority integer not null,
  promised_by timestamptz,
  placed_at timestamptz not null,
  order_no text not null,
  is_backorder boolean not null default false,
  status text not null default 'waiting' check (status in ('waiting', 'served', 'withdrawn')),
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index shortages_live on oms.shortages (order_id, sku) where status = 'waiting';
create index shortages_rank on oms.shortages (sku, priority desc, promised_by nulls last, placed_at, order_no)
  where status = 'waiting';
comment on column oms.shortages.sku is 'The stock item: of a kit its parts';
comment on column oms.shortages.is_backorder is 'Somebody chose to let the rest follow: the order goes on without it';
comment on column oms.shortages.priority is 'urgent 3, high 2, normal 1, low 0: higher is served first';

create table oms.reservations (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  order_line_id uuid not null references oms.order_lines,
  sku text not null,
  location text not null,
  quantity integer not null check (quantity > 0),
  per_unit integer not null default 1 check (per_unit > 0),
  is_lead boolean not null default true,
  cause_key text not null default 'order',
  fulfillment_order_id uuid,
  state text not null default 'committed' check (state in ('held', 'committed', 'consumed', 'released', 'expired')),
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  foreign key (sku, location) references oms.inventory_levels
);
create unique index reservations_live on oms.reservations (order_line_id, sku, location, cause_key)
  where state in ('held', 'committed');
create index reservations_by_order on oms.reservations (order_id);
comment on column oms.reservations.sku is 'The stock item: a kit has a row for each of its parts';
comment on column oms.reservations.per_unit is 'Units of the item in one unit of the line: more than one only where the line is a kit';
comment on column oms.reservations.is_lead is 'Of a kit''s parts one row stands for the line''s units: sum(quantity / per_unit) filter (where is_lead)';
comment on column oms.reservations.cause_key is 'One cause reserves once: the order itself, a served queue, a report, a move';
comment on column oms.reservations.fulfillment_order_id is 'The work that will ship it; null: not planned yet';
create index reservations_by_item on oms.reservations (sku, location) where state in ('held', 'committed');

create table oms.payments (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  seq integer not null,
  method text not null check (method in ('card', 'prepaid', 'cod', 'invoice', 'store_credit', 'exchange_credit', 'external')),
  provider text not null,
  status text not null default 'pending',
  reference text,
  charge text,
  multicapture boolean not null default true,
  idempotency_key text not null,
  token text,
  attempted_at timestamptz,
  currency text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  authorized_minor bigint not null default 0 check (authorized_minor >= 0),
  captured_minor bigint not null default 0 check (captured_minor >= 0),
  refunded_minor bigint not null default 0 check (refunded_minor >= 0),
  refund_pending_minor bigint not null default 0 check (refund_pending_minor >= 0),
  voided_minor bigint not null default 0 check (voided_minor >= 0),
  disputed_minor bigint not null default 0 check (disputed_minor >= 0),
  failure_code text,
  expires_at timestamptz,
  renew_at timestamptz,
  renews uuid references oms.payments,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (order_id, seq),
  unique (provider, idempotency_key),
  constraint payments_captured_within_authorized
    check (method <> 'card' or captured_minor + voided_minor <= authorized_minor),
  constraint payments_refunded_within_captured check (refunded_minor + refund_pending_minor <= captured_minor)
);
create index payments_by_reference on oms.payments (reference);
create index payments_by_charge on oms.payments (charge) where charge is not null;
create index payments_to_renew on oms.payments (renew_at) where status in ('authorized', 'partially_captured');
create index payments_by_renewed on oms.payments (renews) where renews is not null;
comment on column oms.payments.renew_at is 'When a new authorisation is taken in place of this one; null: never, or it was declined';
comment on column oms.payments.renews is 'The authorisation in whose place this one is';
comment on column oms.payments.captured_minor is 'Gross: refunds are not netted out';
comment on column oms.payments.attempted_at is 'Set, with the key, before the gateway is first called';
comment on column oms.payments.charge is 'The provider''s charge, where it has one beside the reference';
comment on column oms.payments.multicapture is 'Whether the authorisation allows several captures';
comment on column oms.payments.token is 'Card token: erased as soon as the authorisation has ended';

create table oms.payment_events (
  id bigint generated always as identity primary key,
  payment_id uuid not null references oms.payments,
  provider text not null,
  psp_event_id text not null,
  type text not null,
  amount_minor bigint not null,
  idempotency_key text,
  occurred_at timestamptz not null default now(),
  received_at timestamptz not null default now(),
  raw jsonb not null default '{}',
  counted boolean not null default true,
  unique (provider, psp_event_id)
);
comment on table oms.payment_events is 'Append-only; amounts of a payment are a fold over its counted events';

create table oms.captures (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  payment_id uuid not null references oms.payments,
  fulfillment_order_id uuid,
  amount_minor bigint not null check (amount_minor >= 0),
  idempotency_key text not null unique,
  status text not null default 'owed' check (status in ('owed', 'done')),
  failure_code text,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index captures_by_order on oms.captures (order_id);
comment on table oms.captures is 'What a hand-over owes: written with the hand-over, settled by the gateway afterwards';
