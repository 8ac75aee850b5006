import type { Queryable } from '../pool';

import { DEMO_LOCATIONS, DEMO_PRODUCTS, DEMO_STOCK } from './demo-catalogue';
import { DEMO_SHIPPING_METHODS, DEMO_TAX_AREAS, DEMO_TAX_RATES } from './demo-rates';

/**
 * Stores the demo catalogue: what is there already stays as it is, also when it was changed since. May run any number
 * of times; run it in one transaction.
 */
export async function seedCatalogue(tx: Queryable): Promise<void> {
  await seedProducts(tx);
  await seedLocations(tx);
  await seedStock(tx);
  await seedTaxes(tx);
  await seedShippingMethods(tx);
}

async function seedProducts(tx: Queryable): Promise<void> {
  await tx.query(
    `with product as (
       insert into oms.products (sku, title, category, tax_category, weight_grams, backorder)
       select p.sku, p.title, p.category, p."taxCategory", p."weightGrams", p.backorder
       from jsonb_to_recordset($1::jsonb) as p(sku text, title text, category text, "taxCategory" text,
         "weightGrams" integer, backorder text)
       on conflict (sku) do nothing
       returning sku
     )
     insert into oms.product_prices (sku, currency, price_minor)
     select product.sku, r.currency, r."priceMinor"
     from product
     join jsonb_to_recordset($1::jsonb) as p(sku text, prices jsonb) on p.sku = product.sku
     cross join jsonb_to_recordset(p.prices) as r(currency text, "priceMinor" bigint)
     on conflict (sku, currency) do nothing`,
    [JSON.stringify(DEMO_PRODUCTS)],
  );
}

async function seedLocations(tx: Queryable): Promise<void> {
  await tx.query(
    `insert into oms.locations (code, name, priority, capacity_per_day, time_zone, cut_off, address)
     select l.code, l.name, l.priority, l."capacityPerDay", l."timeZone", l."cutOff", l.address
     from jsonb_to_recordset($1::jsonb) as l(code text, name text, priority integer, "capacityPerDay" integer,
       "timeZone" text, "cutOff" time, address jsonb)
     on conflict (code) do nothing`,
    [JSON.stringify(DEMO_LOCATIONS)],
  );
}

/** The ledger says where the units of a new level came from: it is the level's sum from its first row on. */
async function seedStock(tx: Queryable): Promise<void> {
  await tx.query(
    `with level as (
       insert into oms.inventory_levels (sku, location, on_hand, backorder)
       select s.sku, s.location, s."onHand", p.backorder = 'allow'
       from jsonb_to_recordset($1::jsonb) as s(sku text, location text, "onHand" integer)
       join oms.products p on p.sku = s.sku
       on conflict (sku, location) do nothing
       returning sku, location, on_hand
     )
     insert into oms.stock_ledger (sku, location, delta_on_hand, reason, doc_type, doc_id, actor_type, actor_id)
     select sku, location, on_hand, 'receipt', 'seed', 'demo', 'system', 'seed' from level`,
    [JSON.stringify(DEMO_STOCK)],
  );
}

async function seedTaxes(tx: Queryable): Promise<void> {
  await tx.query(
    `insert into oms.tax_areas (country, prices_include_tax)
     select a.country, a.included from jsonb_to_recordset($1::jsonb) as a(country text, included boolean)
     on conflict (country) do nothing`,
    [JSON.stringify(DEMO_TAX_AREAS)],
  );
  await tx.query(
    `insert into oms.tax_rates (country, region, category, rate)
     select r.country, r.region, r.category, r.rate
     from jsonb_to_recordset($1::jsonb) as r(country text, region text, category text, rate numeric)
     on conflict (country, region, category) do nothing`,
    [JSON.stringify(DEMO_TAX_RATES)],
  );
}

async function seedShippingMethods(tx: Queryable): Promise<void> {
  await tx.query(
    `insert into oms.shipping_methods (code, currency, price_minor, title, carrier, service)
     select m.code, m.currency, m."priceMinor", m.title, 'sandbox', m.service
     from jsonb_to_recordset($1::jsonb) as m(code text, currency text, "priceMinor" bigint, title text, service text)
     on conflict (code, currency) do nothing`,
    [JSON.stringify(DEMO_SHIPPING_METHODS)],
  );
}
