-- Customers, what identifies them, consent, and what is known of them: timeline and totals.
-- Ids are UUIDv7; money is bigint minor units beside an ISO 4217 currency.

create schema if not exists crm;

create table crm.customers (
  id uuid primary key default uuidv7(),
  version integer not null default 1,
  status text not null default 'active' check (status in ('active', 'merged', 'erased')),
  merged_into uuid references crm.customers,
  locale text check (length(locale) <= 35),
  timezone text,
  birth_month integer check (birth_month between 1 and 12),
  birth_day integer check (birth_day between 1 and 31),
  birth_year integer,
  birth_calendar text check (birth_calendar in ('solar', 'lunar')),
  birth_leap_month boolean,
  tags text[] not null default '{}',
  custom_fields jsonb not null default '{}',
  owner_staff_id uuid,
  team text,
  tier text,
  blocked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((status = 'merged') = (merged_into is not null)),
  check (merged_into <> id)
);
create index customers_newest on crm.customers (id desc);
create index customers_tags on crm.customers using gin (tags);
comment on column crm.customers.blocked_at is 'Orders of a blocked customer are rejected at review';
comment on column crm.customers.merged_into is 'A merged id stays as a redirect to its survivor';

create table crm.customer_pii (
  customer_id uuid primary key references crm.customers deferrable initially deferred,
  name text check (length(name) <= 500),
  given_name text check (length(given_name) <= 500),
  family_name text check (length(family_name) <= 500),
  email text,
  phone text,
  addresses jsonb not null default '[]' check (jsonb_typeof(addresses) = 'array')
);
create index customer_pii_email on crm.customer_pii (email);
create index customer_pii_phone on crm.customer_pii (phone);
create index customer_pii_name on crm.customer_pii (lower(name) text_pattern_ops);
comment on table crm.customer_pii is 'Name, primary e-mail and phone, addresses: the row that erasure deletes';

create table crm.identities (
  id uuid primary key default uuidv7(),
  customer_id uuid not null references crm.customers deferrable initially deferred,
  channel text not null check (channel in ('email', 'phone', 'external', 'shopify', 'wechat_unionid',
    'wechat_openid', 'wecom', 'weibo')),
  external_id text not null check (external_id <> ''),
  verified_at timestamptz not null default now(),
  unique (channel, external_id),
  check (channel <> 'email' or external_id = lower(btrim(external_id)))
);
create index identities_customer on crm.identities (customer_id);
comment on table crm.identities is 'Proven: one (channel, value) belongs to one customer. The unique key is what makes two first orders one person';

create table crm.identity_claims (
  id uuid primary key default uuidv7(),
  customer_id uuid not null references crm.customers deferrable initially deferred,
  channel text not null,
  value text not null check (value <> ''),
  valid boolean not null default true,
  decides boolean not null default false,
  created_at timestamptz not null default now(),
  unique (customer_id, channel, value)
);
create unique index identity_claims_decides on crm.identity_claims (channel, value) where decides;
create index identity_claims_value on crm.identity_claims (channel, value);
comment on table crm.identity_claims is 'Said, not proven: several customers may claim one value';
comment on column crm.identity_claims.decides is 'Further unverified orders with this e-mail belong to this customer';

create table crm.order_customers (
  order_id uuid primary key,
  customer_id uuid not null references crm.customers deferrable initially deferred,
  at timestamptz not null default now()
);
create index order_customers_customer on crm.order_customers (customer_id);
comment on table crm.order_customers is 'Which customer an order was resolved to: asking again answers the same';

create table crm.consent_events (
  id uuid primary key default uuidv7(),
  customer_id uuid not null references crm.customers,
  address_hash text not null,
  channel text not null,
  topic text not null,
  state text not null check (state in ('in', 'out', 'pending')),
  basis text not null check (basis in ('explicit', 'double_opt_in', 'contract', 'legitimate_interest',
    'import', 'one_click', 'page', 'complaint')),
  source text not null,
  wording jsonb,
  actor_type text not null,
  actor_id text not null,
  at timestamptz not null default now()
);
create index consent_events_customer on crm.consent_events (customer_id, id desc);
comment on table crm.consent_events is 'Append-only history of consent';

create table crm.consent_current (
  address_hash text not null,
  channel text not null,
  topic text not null,
  state text not null check (state in ('in', 'out', 'pending')),
  at timestamptz not null default now(),
  primary key (address_hash, channel, topic)
);
comment on column crm.consent_current.address_hash is 'HMAC of channel and address';

create table crm.suppressions (
  id uuid not null unique default uuidv7(),
  address_hash text not null,
  channel text not null,
  reason text not null check (reason in ('unsubscribed', 'hard_bounce', 'complaint', 'legal', 'erased')),
  at timestamptz not null default now(),
  primary key (address_hash, channel, reason)
);
comment on table crm.suppressions is 'Addresses not to be written to; only a hash, so it outlives merge and erasure';

create table crm.interactions (
  id uuid primary key default uuidv7(),
  customer_id uuid not null references crm.customers,
  kind text not null check (kind in ('order_placed', 'order_shipped', 'order_delivered', 'order_completed',
    'order_canceled', 'return_requested', 'return_received', 'return_closed', 'refund_succeeded', 'message_sent', 'message_bounced',
    'case_opened', 'case_message', 'case_resolved', 'survey_sent', 'survey_answered', 'consent_changed',
    'merged', 'unmerged', 'note')),
  ref_type text not null,
  ref_id text not null,
  at timestamptz not null,
  summary text not null,
  data jsonb not null default '{}',
  unique (kind, ref_type, ref_id)
);
create index interactions_timeline on crm.interactions (customer_id, at desc, id desc);
create index interactions_order_no on crm.interactions ((data ->> 'orderNo')) where kind = 'order_placed';
comment on table crm.interactions is 'Append-only timeline: one row per (kind, reference), however often the fact is told';

create table crm.customer_totals (
  customer_id uuid not null references crm.customers,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  order_count integer not null default 0 check (order_count >= 0),
  captured_minor bigint not null default 0 check (captured_minor >= 0),
  refunded_minor bigint not null default 0 check (refunded_minor >= 0),
  first_order_at timestamptz,
  last_order_at timestamptz,
  primary key (customer_id, currency)
);
comment on table crm.customer_totals is 'Sums of the postings, kept for reading';

create table crm.totals_postings (
  event_key text primary key,
  customer_id uuid not null references crm.customers,
  currency text not null,
  order_count integer not null default 0,
  captured_minor bigint not null default 0,
  refunded_minor bigint not null default 0,
  order_at timestamptz,
  posted_at timestamptz not null default now()
);
comment on table crm.totals_postings is 'Append-only: an event told twice is posted once';

create function crm.survivor(p_id uuid) returns uuid language sql stable as $$
  with recursive chain as (
    select c.id, c.merged_into from crm.customers c where c.id = p_id
    union all
    select c.id, c.merged_into from chain join crm.customers c on c.id = chain.merged_into
  )
  select id from chain where merged_into is null
$$;
comment on function crm.survivor is 'The customer that an id stands for now, through all merges';

create function crm.utc(p_at timestamptz) returns text language sql immutable parallel safe
  return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
comment on function crm.utc is 'A time as the API writes it';
