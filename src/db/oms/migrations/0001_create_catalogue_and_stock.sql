-- Catalogue, locations, prices, taxes, stock levels and the stock ledger.
-- Money is bigint minor units beside an ISO 4217 currency; quantities are whole units.

create schema if not exists oms;

create table oms.policies (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now(),
  updated_by text not null default 'seed'
);
comment on table oms.policies is 'Deadlines, thresholds and review rules as data; durations are ISO 8601 strings';

create table oms.products (
  sku text primary key check (sku <> '' and length(sku) <= 100),
  title text not null check (length(title) <= 500),
  category text,
  tax_category text not null default 'standard',
  weight_grams integer not null default 0 check (weight_grams >= 0),
  backorder text not null default 'deny' check (backorder in ('deny', 'allow')),
  kit_parts jsonb not null default '[]',
  costs jsonb not null default '[]',
  return_rule text not null default 'standard'
    check (return_rule in ('standard', 'final_sale', 'hazardous', 'hygiene')),
  return_window text,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table oms.product_prices (
  sku text not null references oms.products on delete cascade,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  price_minor bigint not null check (price_minor >= 0),
  primary key (sku, currency)
);

create table oms.locations (
  code text primary key check (code <> '' and length(code) <= 100),
  name text not null,
  priority integer not null default 100,
  capacity_per_day integer check (capacity_per_day >= 0),
  time_zone text not null default 'UTC',
  cut_off time,
  address jsonb not null default '{}',
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column oms.locations.priority is 'Lower serves first';

create table oms.tax_areas (
  country text primary key check (country ~ '^[A-Z]{2}$'),
  prices_include_tax boolean not null
);

create table oms.tax_rates (
  country text not null references oms.tax_areas,
  region text not null default '',
  category text not null default 'standard',
  rate numeric(9, 6) not null check (rate >= 0 and rate < 10),
  primary key (country, region, category)
);
comment on column oms.tax_rates.region is 'Empty: the whole country';

create table oms.shipping_methods (
  code text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  price_minor bigint not null check (price_minor >= 0),
  title text not null,
  carrier text not null,
  service text not null,
  tax_category text not null default 'shipping',
  active boolean not null default true,
  primary key (code, currency)
);

create table oms.inventory_levels (
  sku text not null references oms.products,
  location text not null references oms.locations,
  on_hand integer not null default 0,
  reserved integer not null default 0 check (reserved >= 0),
  incoming integer not null default 0 check (incoming >= 0),
  safety_stock integer not null default 0 check (safety_stock >= 0),
  unavailable integer not null default 0 check (unavailable >= 0),
  reorder_point integer not null default 0 check (reorder_point >= 0),
  backorder boolean not null default false,
  updated_at timestamptz not null default now(),
  primary key (sku, location),
  constraint inventory_levels_not_oversold
    check (backorder or (on_hand >= 0 and on_hand - unavailable - reserved >= 0))
);
comment on column oms.inventory_levels.backorder is 'The product''s backorder = allow, kept here so that the guard is one row''s';

create table oms.stock_ledger (
  id bigint generated always as identity primary key,
  sku text not null,
  location text not null,
  delta_on_hand integer not null default 0,
  delta_reserved integer not null default 0,
  delta_unavailable integer not null default 0,
  reason text not null check (reason in ('receipt', 'correction', 'damage', 'loss', 'found', 'scrap',
    'return', 'other', 'reserve', 'release', 'sale', 'short', 'transfer')),
  reference text,
  doc_type text not null,
  doc_id text not null,
  doc_line text not null default '',
  actor_type text not null,
  actor_id text not null,
  request_id text,
  at timestamptz not null default now(),
  unique (doc_type, doc_id, doc_line, sku, location, reason),
  foreign key (sku, location) references oms.inventory_levels
);
create unique index stock_ledger_reference on oms.stock_ledger (reference, sku, location)
  where doc_type = 'adjustment' and reference is not null;
create index stock_ledger_item on oms.stock_ledger (sku, location, id);
comment on table oms.stock_ledger is 'Append-only. The sum of its deltas is the level, per item and location, always';

create table oms.stock_wakes (
  id bigint generated always as identity primary key,
  sku text not null,
  created_at timestamptz not null default now(),
  served_at timestamptz
);
create index stock_wakes_open on oms.stock_wakes (id) where served_at is null;
comment on table oms.stock_wakes is 'This item may be able to serve waiting orders: work for the wake lane';

create function oms.share(x bigint, n bigint, q bigint) returns bigint
  language sql immutable strict parallel safe
  return case when q = 0 then 0 else floor((2 * x::numeric * n + q) / (2 * q))::bigint end;
comment on function oms.share is 'The rounding rule: x * n / q, half up. domain/money share() is the same rule';
