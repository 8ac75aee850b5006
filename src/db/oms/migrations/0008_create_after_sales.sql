-- What happens to an order after it was placed: changes, returns, refunds, store credit, documents, disputes.

create table oms.order_changes (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  command_id uuid unique references oms.commands,
  base_version integer not null,
  changes jsonb not null,
  before jsonb not null,
  after jsonb not null,
  price_delta_minor bigint not null,
  lines jsonb not null,
  stock jsonb not null,
  payment_action text not null check (payment_action in ('none', 'authorize', 'capture_less', 'refund')),
  payment_minor bigint not null check (payment_minor >= 0),
  actor_type text not null,
  actor_id text not null,
  created_at timestamptz not null default now()
);
create index order_changes_by_order on oms.order_changes (order_id, id);
comment on table oms.order_changes is 'Append-only: every confirmed amend, with the figures before and after';

create table oms.returns (
  id uuid primary key default uuidv7(),
  return_no text not null unique,
  order_id uuid not null references oms.orders,
  kind text not null check (kind in ('return', 'exchange', 'return_to_sender')),
  status text not null default 'requested',
  revision integer not null default 1,
  note text,
  requested_by text not null check (requested_by in ('customer', 'staff')),
  -- The same request again finds the return it made.
  request_key uuid unique,
  -- Of a return to sender: the shipment that comes back.
  of_shipment_id uuid unique references oms.shipments,
  keep_item boolean not null default false,
  location text references oms.locations,
  is_receipt_complete boolean not null default false,
  exchange_lines jsonb not null default '[]',
  exchange_order_id uuid,
  carrier text,
  -- Wanted: the lane that talks to the carrier books it; the key is stored before the call.
  label_status text not null default 'none' check (label_status in ('none', 'wanted', 'booked', 'refused', 'voided')),
  booking_key text unique,
  tracking_no text,
  label_url text,
  shipment_status text not null default 'pending',
  wait_code text check (wait_code in ('return_approval', 'return_goods', 'inspection', 'refund')),
  wait_since timestamptz,
  wait_until timestamptz,
  workflow_id text not null generated always as ('return/' || id) stored,
  created_at timestamptz not null default now(),
  approved_at timestamptz,
  declined_at timestamptz,
  received_at timestamptz,
  inspected_at timestamptz,
  closed_at timestamptz,
  canceled_at timestamptz,
  expired_at timestamptz,
  updated_at timestamptz not null default now()
);
create sequence oms.return_numbers start 100001;
alter table oms.returns alter column return_no set default 'R' || nextval('oms.return_numbers');
create index returns_by_order on oms.returns (order_id);
create index returns_by_status on oms.returns (status, id desc);
create index returns_by_tracking on oms.returns (tracking_no) where tracking_no is not null;
create trigger returns_guard before update of status on oms.returns
  for each row execute function oms.guard_transition('return', 'status');
comment on column oms.returns.status is 'Changed by the return workflow''s steps; a scan alone moves it from approved to in_transit';

create function oms.wake_order_of_return() returns trigger language plpgsql as $$
begin
  insert into oms.wakes (workflow_id, kind, ref) values ('order/' || new.order_id, 'shipment_moved', 'return:' || new.id)
  on conflict do nothing;
  return null;
end $$;
create trigger returns_wake_order after update of status on oms.returns for each row
  when (new.kind = 'return_to_sender' and new.status is distinct from old.status
    and new.status in ('closed', 'canceled', 'expired'))
  execute function oms.wake_order_of_return();
comment on function oms.wake_order_of_return is 'An order waits for the parcel that comes back to its sender';
revoke all on function oms.wake_order_of_return from public;

create table oms.return_lines (
  id uuid primary key default uuidv7(),
  return_id uuid not null references oms.returns,
  order_line_id uuid not null references oms.order_lines,
  sku text,
  quantity integer not null check (quantity > 0),
  received integer not null default 0 check (received >= 0),
  received_new integer not null default 0 check (received_new >= 0),
  accepted integer not null default 0 check (accepted >= 0),
  rejected integer not null default 0 check (rejected >= 0),
  reason text not null,
  condition text check (condition in ('new', 'opened', 'damaged', 'wrong_item')),
  reception text not null default 'awaiting'
    check (reception in ('awaiting', 'in_transit', 'received', 'lost', 'wrong_item', 'short', 'kept_by_customer')),
  acceptance text not null default 'pending' check (acceptance in ('pending', 'accepted', 'rejected', 'manual_review')),
  disposition text check (disposition in ('restock', 'damaged', 'scrap', 'return_to_vendor')),
  unique (return_id, order_line_id),
  constraint return_lines_counters
    check (received_new <= received and received <= quantity and accepted + rejected <= quantity)
);
create index return_lines_by_line on oms.return_lines (order_line_id);

create table oms.return_scans (
  id bigint generated always as identity primary key,
  return_id uuid not null references oms.returns,
  carrier_event_id text not null,
  code text not null,
  status text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  location text,
  unique (return_id, carrier_event_id)
);
comment on table oms.return_scans is 'Append-only: what the carrier reported of a return label''s parcel';

create table oms.refunds (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  return_id uuid references oms.returns,
  dispute_id uuid,
  -- One cause asks once: an order's cancel, an amend, a return, a shipment given up.
  cause_key text unique,
  status text not null default 'pending',
  revision integer not null default 1,
  destination text not null default 'original' check (destination in ('original', 'store_credit', 'exchange')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount_minor bigint not null check (amount_minor > 0),
  shipping_minor bigint not null default 0 check (shipping_minor >= 0),
  shipping_tax_minor bigint not null default 0 check (shipping_tax_minor >= 0),
  adjustment_minor bigint not null default 0 check (adjustment_minor >= 0),
  is_of_canceled boolean not null default false,
  replaces uuid references oms.refunds,
  reason text not null,
  needs_approval boolean not null default false,
  exchange_order_id uuid,
  requested_by_type text not null,
  requested_by text not null,
  requested_staff text,
  approved_by text,
  approved_staff text,
  request_id text,
  failure_code text,
  wait_code text check (wait_code in ('refund_approval', 'gateway', 'outside_payment')),
  wait_detail text,
  wait_since timestamptz,
  workflow_id text not null generated always as ('refund/' || id) stored,
  created_at timestamptz not null default now(),
  submitted_at timestamptz,
  succeeded_at timestamptz,
  failed_at timestamptz,
  canceled_at timestamptz,
  reversed_at timestamptz,
  updated_at timestamptz not null default now()
);
create index refunds_by_order on oms.refunds (order_id);
create index refunds_by_status on oms.refunds (status, id desc);
comment on column oms.refunds.amount_minor is 'The sum of its lines, shipping, shipping tax and adjustment; and of its payments';
create index refunds_of_exchanges on oms.refunds (exchange_order_id) where destination = 'exchange';
comment on column oms.refunds.replaces is 'The refund into an exchange that it is a part of, since the exchange order gave something back; that one''s credit note counts';
comment on column oms.refunds.is_of_canceled is 'Its units were canceled, never handed over';
create trigger refunds_guard before update of status on oms.refunds
  for each row execute function oms.guard_transition('refund', 'status');

create table oms.refund_lines (
  refund_id uuid not null references oms.refunds,
  order_line_id uuid not null references oms.order_lines,
  quantity integer not null check (quantity > 0),
  item_minor bigint not null check (item_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  primary key (refund_id, order_line_id)
);
create index refund_lines_by_line on oms.refund_lines (order_line_id);

create table oms.refund_payments (
  id uuid primary key default uuidv7(),
  refund_id uuid not null references oms.refunds,
  payment_id uuid not null references oms.payments,
  amount_minor bigint not null check (amount_minor > 0),
  way text not null check (way in ('gateway', 'store_credit', 'exchange', 'outside')),
  status text not null default 'pending'
    check (status in ('pending', 'submitted', 'succeeded', 'failed', 'canceled', 'reversed')),
  idempotency_key text not null unique,
  attempted_at timestamptz,
  reference text,
  failure_code text,
  ended_at timestamptz,
  passed_on_at timestamptz,
  unique (refund_id, payment_id)
);
create index refund_payments_by_payment on oms.refund_payments (payment_id);
create index refund_payments_reversed on oms.refund_payments (refund_id) where status = 'reversed';
comment on column oms.refund_payments.passed_on_at is 'Of what an exchange order gives back: when the refund into the exchange took it back to its own order';
comment on column oms.refund_payments.way is 'How the money goes back; one that failed at the gateway may become store credit';
comment on table oms.refund_payments is 'From which payment how much goes back; the key is stored before the gateway is called';

create table oms.store_credit_balances (
  customer_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  balance_minor bigint not null check (balance_minor >= 0),
  primary key (customer_id, currency)
);
create table oms.store_credit_ledger (
  id uuid primary key default uuidv7(),
  customer_id uuid not null,
  currency text not null,
  delta_minor bigint not null check (delta_minor <> 0),
  reason text not null check (reason in ('refund', 'payment', 'payment_released', 'refund_reversed', 'adjustment')),
  doc_type text not null,
  doc_id text not null,
  at timestamptz not null default now(),
  unique (doc_type, doc_id, reason)
);
create index store_credit_ledger_by_customer on oms.store_credit_ledger (customer_id, id desc);
comment on table oms.store_credit_ledger is 'Append-only; the sum of its deltas is the balance, per customer and currency';

create table oms.document_series (
  series text primary key,
  last integer not null check (last >= 0)
);
comment on table oms.document_series is 'The last number given; taken in the transaction that issues, so there are no gaps';

create table oms.invoices (
  id uuid primary key default uuidv7(),
  invoice_no text not null unique,
  series text not null references oms.document_series,
  sequence integer not null,
  order_id uuid not null references oms.orders,
  fulfillment_order_id uuid references oms.fulfillment_orders,
  status text not null default 'issued' check (status in ('draft', 'issued', 'paid')),
  total_minor bigint not null check (total_minor >= 0),
  document jsonb not null,
  issued_at timestamptz not null default now(),
  unique (series, sequence),
  unique nulls not distinct (order_id, fulfillment_order_id)
);
comment on column oms.invoices.document is 'The invoice as it was issued; its figures never change';

create table oms.credit_notes (
  id uuid primary key default uuidv7(),
  credit_note_no text not null unique,
  series text not null references oms.document_series,
  sequence integer not null,
  order_id uuid not null references oms.orders,
  invoice_id uuid references oms.invoices,
  refund_id uuid unique references oms.refunds,
  status text not null default 'issued' check (status in ('issued')),
  total_minor bigint not null check (total_minor >= 0),
  document jsonb not null,
  issued_at timestamptz not null default now(),
  unique (series, sequence)
);
create index credit_notes_by_order on oms.credit_notes (order_id);

create table oms.disputes (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  payment_id uuid not null references oms.payments,
  provider text not null,
  reference text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  fee_minor bigint not null default 0 check (fee_minor >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  reason text not null,
  status text not null check (status in ('warning_needs_response', 'warning_under_review', 'warning_closed',
    'needs_response', 'under_review', 'won', 'lost')),
  reported_at timestamptz not null,
  evidence_due_by timestamptz,
  response text,
  acted_by_type text,
  acted_by text,
  request_id text,
  recorded_status text,
  reserved_minor bigint not null default 0 check (reserved_minor between 0 and amount_minor),
  hold_id uuid references oms.order_holds,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  updated_at timestamptz not null default now(),
  unique (provider, reference)
);
comment on column oms.disputes.reported_at is 'When the status was said, by the provider or by us: of two reports the later counts';
comment on column oms.disputes.recorded_status is 'What a step of the order has made of it: amount reserved or freed, hold, events; null: nothing yet';
comment on column oms.disputes.reserved_minor is 'Its part of the payment''s disputed_minor; less than the amount where less was left to refund';
create index disputes_unrecorded on oms.disputes (order_id) where recorded_status is distinct from status;
create index disputes_by_order on oms.disputes (order_id);
create index disputes_by_payment on oms.disputes (payment_id);
alter table oms.refunds add foreign key (dispute_id) references oms.disputes;

create table oms.substitutions (
  id uuid primary key default uuidv7(),
  order_id uuid not null references oms.orders,
  lines jsonb not null,
  price_delta_minor bigint not null,
  status text not null default 'offered' check (status in ('offered', 'accepted', 'declined', 'expired', 'withdrawn')),
  until timestamptz,
  created_at timestamptz not null default now(),
  decided_at timestamptz
);
create unique index substitutions_open on oms.substitutions (order_id) where status = 'offered';
comment on table oms.substitutions is 'What a customer was offered in place of what is not there';

create table oms.links (
  token_hash text primary key,
  kind text not null check (kind in ('return', 'substitution')),
  order_id uuid not null references oms.orders,
  ref text not null,
  created_at timestamptz not null default now(),
  unique (kind, ref)
);
comment on table oms.links is 'Pages a customer may open with a token alone; only its hash is kept';

create table oms.document_streams (
  aggregate text not null check (aggregate in ('return', 'refund')),
  aggregate_id uuid not null,
  seq integer not null,
  primary key (aggregate, aggregate_id)
);
comment on table oms.document_streams is 'The counters behind the announcements of returns and refunds';

create function oms.announce(kind text, document_id uuid, event_type text, details jsonb) returns void
  language sql as $$
  with stream as (
    insert into oms.document_streams as s (aggregate, aggregate_id, seq) values (kind, document_id, 1)
    on conflict (aggregate, aggregate_id) do update set seq = s.seq + 1
    returning seq
  )
  insert into oms.outbox (aggregate, aggregate_id, seq, type, payload)
  select kind, document_id, seq, event_type, details || jsonb_build_object('occurredAt', now()) from stream
$$;
comment on function oms.announce is 'Announces a change of a return or refund with its next number. Orders have recordingWith';

grant select, insert, update on oms.order_changes, oms.returns, oms.return_lines, oms.return_scans, oms.refunds, oms.refund_lines,
  oms.refund_payments, oms.store_credit_balances, oms.store_credit_ledger, oms.document_series, oms.invoices,
  oms.credit_notes, oms.disputes, oms.substitutions, oms.links, oms.document_streams to throughline_oms;
revoke update on oms.order_changes, oms.return_scans, oms.refund_lines, oms.store_credit_ledger from throughline_oms;
grant usage, select on sequence oms.return_numbers to throughline_oms;
revoke all on function oms.announce from public;
grant execute on function oms.announce to throughline_oms;

create function oms.count_returns(target uuid) returns void language sql as $$
  update oms.order_lines l
  set qty_return_requested = c.requested, qty_returned = c.accepted, qty_return_rejected = c.rejected
  from (
    select rl.order_line_id, sum(rl.accepted)::int as accepted, sum(rl.rejected)::int as rejected,
      coalesce(sum(case when r.is_receipt_complete then rl.received else rl.quantity end - rl.accepted - rl.rejected)
        filter (where r.status not in ('declined', 'canceled', 'expired', 'closed') and not r.keep_item), 0)::int as requested
    from oms.return_lines rl join oms.returns r on r.id = rl.return_id where r.order_id = target group by 1
  ) c
  where l.id = c.order_line_id and (l.qty_return_requested, l.qty_returned, l.qty_return_rejected)
    is distinct from (c.requested, c.accepted, c.rejected)
$$;
comment on function oms.count_returns is 'Sets the lines'' return counters to what the order''s returns say: undecided units of live ones, accepted, rejected';

create function oms.open_return(target uuid, command uuid) returns jsonb language plpgsql as $$
declare
  document jsonb;
begin
  -- Both locks come first, the order's before the return's: what is read after them is what the last step left.
  perform 1 from oms.orders where id = (select order_id from oms.returns where id = target) for update;
  perform 1 from oms.returns where id = target for update;
  select jsonb_build_object(
    'id', r.id, 'revision', r.revision, 'returnNo', r.return_no, 'orderId', r.order_id, 'orderNo', o.order_no,
    'customerId', o.customer_id, 'currency', o.currency, 'taxIncluded', o.tax_included, 'kind', r.kind,
    'status', r.status, 'keepItem', r.keep_item, 'location', r.location, 'isReceiptComplete', r.is_receipt_complete,
    'exchangeLines', r.exchange_lines, 'exchangeOrderId', r.exchange_order_id,
    'isExchangePlaced', exists (select from oms.orders x where x.id = r.exchange_order_id), 'labelStatus', r.label_status,
    'waitCode', r.wait_code, 'until', r.wait_until, 'requestedBy', r.requested_by,
    'openRefunds', (select count(*) from oms.refunds f
      where f.return_id = r.id and f.status in ('pending', 'submitted', 'failed')),
    'lines', (select jsonb_agg(jsonb_build_object('id', rl.id, 'lineId', l.id, 'sku', l.sku, 'quantity', rl.quantity,
        'received', rl.received, 'receivedNew', rl.received_new, 'accepted', rl.accepted, 'rejected', rl.rejected,
        'condition', rl.condition, 'disposition', rl.disposition, 'reception', rl.reception,
        'rule', coalesce(p.return_rule, 'standard'), 'ordered', l.qty_ordered, 'returned', l.qty_returned,
        'itemMinor', l.unit_price_minor * l.qty_ordered - l.discount_minor, 'taxMinor', l.tax_minor) order by l.line_no)
      from oms.return_lines rl join oms.order_lines l on l.id = rl.order_line_id
      left join oms.products p on p.sku = l.sku where rl.return_id = r.id),
    'command', (select jsonb_build_object('id', c.id, 'kind', c.kind, 'body', c.body, 'actorType', c.actor_type,
        'actorId', c.actor_id, 'requestId', c.request_id, 'status', c.status, 'result', c.result)
      from oms.commands c where c.id = command)
  ) into document from oms.returns r join oms.orders o on o.id = r.order_id where r.id = target;
  return document;
end $$;
comment on function oms.open_return is 'Locks an order and one of its returns, and reads all a step of the return needs';

insert into oms.lane_subscriptions (lane, type) values
  ('manifest', 'return.approved'), ('manifest', 'return.canceled'), ('manifest', 'return.expired'),
  ('crm-sync', 'return.requested'), ('crm-sync', 'return.received'), ('crm-sync', 'return.closed');
revoke all on function oms.count_returns, oms.open_return from public;
grant execute on function oms.count_returns, oms.open_return to throughline_oms;
