-- Order templates, and what the doors and the place step read of the catalogue in one round trip.

create table oms.order_templates (
  id uuid primary key default uuidv7(),
  name text not null check (name <> '' and length(name) <= 500),
  body jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index order_templates_name on oms.order_templates (lower(name));
comment on table oms.order_templates is 'Orders to place again and again: the body of an order less what makes it one of its own';
grant select, insert, update, delete on oms.order_templates to throughline_oms;

create function oms.iso(moment timestamptz) returns text
  language sql stable strict parallel safe
  return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
comment on function oms.iso is 'A time as the contract spells it: ISO 8601, UTC, milliseconds';

create function oms.digits(phone text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(phone, '[^0-9]', '', 'g');
comment on function oms.digits is 'A telephone number''s digits alone: the same number however it was written';

create function oms.intake_skus(body jsonb) returns text[]
  language sql immutable strict parallel safe
  return array(select distinct l ->> 'sku' from jsonb_array_elements(body -> 'lines') l where l ->> 'sku' is not null);

create function oms.stock_skus(skus text[]) returns text[]
  language sql stable strict parallel safe
  return array(
    select distinct coalesce(k.sku, s.sku) from unnest(skus) as s(sku) left join oms.products p on p.sku = s.sku
    left join lateral jsonb_to_recordset(p.kit_parts) as k(sku text) on true);
comment on function oms.stock_skus is 'The stock items behind items: of a kit its parts';

create function oms.catalogue_facts(body jsonb) returns jsonb
  language sql stable parallel safe as $$
  select jsonb_build_object(
    'products', (select coalesce(jsonb_agg(jsonb_build_object('sku', p.sku, 'title', p.title,
        'taxCategory', p.tax_category, 'weightGrams', p.weight_grams, 'backorder', p.backorder, 'active', p.active,
        'kitParts', p.kit_parts,
        'priceMinor', r.price_minor)), '[]')
      from oms.products p
      left join oms.product_prices r on r.sku = p.sku and r.currency = body ->> 'currency'
      where p.sku = any(oms.intake_skus(body))),
    'shipping', (select jsonb_build_object('code', m.code, 'title', m.title, 'carrier', m.carrier,
        'service', m.service, 'priceMinor', m.price_minor, 'taxCategory', m.tax_category)
      from oms.shipping_methods m
      where m.code = body ->> 'shippingMethod' and m.currency = body ->> 'currency' and m.active),
    'hasShippingMethodElsewhere', exists (select from oms.shipping_methods m
      where m.code = body ->> 'shippingMethod' and m.active),
    'pricesIncludeTax', coalesce((select a.prices_include_tax from oms.tax_areas a
      where a.country = body #>> '{shippingAddress,country}'), false),
    'taxRates', (select coalesce(jsonb_agg(jsonb_build_object('country', t.country, 'region', nullif(t.region, ''),
        'category', t.category, 'rate', trim_scale(t.rate)::text)), '[]')
      from oms.tax_rates t where t.country = body #>> '{shippingAddress,country}'))
$$;
comment on function oms.catalogue_facts is 'Products, prices, taxes and shipping method that an intake''s body names';

revoke all on function oms.iso, oms.digits, oms.intake_skus, oms.stock_skus, oms.catalogue_facts from public;
grant execute on function oms.iso, oms.digits, oms.intake_skus, oms.stock_skus, oms.catalogue_facts to throughline_oms;

create index orders_by_external_id on oms.orders (external_id) where external_id is not null;
create index orders_by_phone_digits on oms.orders (oms.digits(phone)) where phone is not null;
create index intakes_by_external_id on oms.intakes (external_id) where external_id is not null;
create index inbox_by_reference on oms.inbox (reference) where reference is not null and processed_at is null;
