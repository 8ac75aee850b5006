import type { PutProduct } from '../../contracts/catalogue';
import type { Queryable } from '../pool';

export interface ProductRow {
  readonly sku: string;
  readonly title: string;
  readonly prices: { currency: string; priceMinor: number }[];
  readonly weightGrams: number;
  readonly taxCategory: string;
  readonly backorder: 'deny' | 'allow';
  readonly kitParts: { sku: string; quantity: number }[];
  readonly category: string | null;
  readonly costs: { currency: string; costMinor: number }[];
  readonly returnRule: 'standard' | 'final_sale' | 'hazardous' | 'hygiene';
  readonly returnWindow: string | null;
  readonly active: boolean;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The creation time as the list's cursor keeps it: to the microsecond, in UTC. */
  readonly createdKey: string;
}

/**
 * Writes a product as a whole, in one statement: prices left out are gone, and the stock levels follow its backorder
 * rule. Waiting orders are served again when it may now be oversold. May run any number of times. Fails with
 * check_violation `inventory_levels_not_oversold` when it may no longer be and is.
 */
export async function putProduct(db: Queryable, sku: string, product: PutProduct): Promise<void> {
  await db.query(
    `with product as (
       insert into oms.products as p (sku, title, category, tax_category, weight_grams, backorder, kit_parts, costs,
         return_rule, return_window, active)
       values ($1::text, $2::text, $3::text, $4::text, $5::integer, $6::text, $7::jsonb, $8::jsonb,
         $9::text, $10::text, $11::boolean)
       on conflict (sku) do update set title = excluded.title, category = excluded.category,
         tax_category = excluded.tax_category, weight_grams = excluded.weight_grams, backorder = excluded.backorder,
         kit_parts = excluded.kit_parts, costs = excluded.costs, return_rule = excluded.return_rule,
         return_window = excluded.return_window, active = excluded.active, version = p.version + 1, updated_at = now()
     ), price as (
       select currency, "priceMinor" as price_minor
       from jsonb_to_recordset($12::jsonb) as r(currency text, "priceMinor" bigint)
     ), dropped as (
       delete from oms.product_prices where sku = $1::text and currency not in (select currency from price)
     ), kept as (
       insert into oms.product_prices (sku, currency, price_minor)
       select $1::text, currency, price_minor from price
       on conflict (sku, currency) do update set price_minor = excluded.price_minor
     ), levels as (
       update oms.inventory_levels set backorder = ($6::text = 'allow'), updated_at = now()
       where sku = $1::text and backorder <> ($6::text = 'allow')
     )
     insert into oms.stock_wakes (sku)
     select $1::text where $6::text = 'allow'
       and exists (select from oms.shortages where sku = $1::text and status = 'waiting')`,
    [
      sku,
      product.title,
      product.category,
      product.taxCategory,
      product.weightGrams,
      product.backorder,
      JSON.stringify(product.kitParts),
      JSON.stringify(product.costs),
      product.returnRule,
      product.returnWindow,
      product.active,
      JSON.stringify(product.prices),
    ],
  );
}

export interface ProductFilter {
  readonly limit: number;
  readonly after: { readonly at: string; readonly key: string } | null;
  readonly sku: string | null;
  readonly active: boolean | null;
  readonly category: string | null;
  readonly q: string | null;
}

const EVERY_PRODUCT: ProductFilter = {
  limit: 1,
  after: null,
  sku: null,
  active: null,
  category: null,
  q: null,
};

export async function findProduct(db: Queryable, sku: string): Promise<ProductRow | null> {
  return (await listProducts(db, { ...EVERY_PRODUCT, sku }))[0] ?? null;
}

/** Newest first, then by SKU from the end. */
export async function listProducts(db: Queryable, filter: ProductFilter): Promise<ProductRow[]> {
  const { rows } = await db.query<ProductRow>(
    `select p.sku, p.title, p.category, p.tax_category as "taxCategory", p.weight_grams as "weightGrams",
       p.backorder, p.kit_parts as "kitParts", p.costs, p.return_rule as "returnRule",
       p.return_window as "returnWindow", p.active, p.version, p.created_at as "createdAt",
       p.updated_at as "updatedAt",
       to_char(p.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "createdKey",
       (select coalesce(jsonb_agg(jsonb_build_object('currency', r.currency, 'priceMinor', r.price_minor)
          order by r.currency), '[]') from oms.product_prices r where r.sku = p.sku) as prices
     from oms.products p
     where ($2::timestamptz is null or (p.created_at, p.sku) < ($2::timestamptz, $3::text))
       and ($4::text is null or p.sku = $4::text)
       and ($5::boolean is null or p.active = $5::boolean)
       and ($6::text is null or p.category = $6::text)
       and ($7::text is null or strpos(lower(p.sku), lower($7::text)) > 0
         or strpos(lower(p.title), lower($7::text)) > 0)
     order by p.created_at desc, p.sku desc
     limit $1::integer`,
    [
      filter.limit,
      filter.after?.at ?? null,
      filter.after?.key ?? null,
      filter.sku,
      filter.active,
      filter.category,
      filter.q,
    ],
  );
  return rows;
}

/** Those of the SKUs that cannot be parts of a kit: they name no product, or a kit. */
export async function findUnusableParts(db: Queryable, skus: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ sku: string }>(
    `select w.sku from unnest($1::text[]) as w(sku)
     where not exists (select from oms.products p where p.sku = w.sku and p.kit_parts = '[]')`,
    [skus],
  );
  return rows.map((row) => row.sku);
}

/** Is the product a part of a kit, or has it stock of its own? Then it cannot be a kit. */
export async function isStockItem(db: Queryable, sku: string): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    `select exists (select from oms.products p where p.kit_parts @> jsonb_build_array(jsonb_build_object('sku', $1::text)))
       or exists (select from oms.inventory_levels v where v.sku = $1::text and (v.on_hand <> 0 or v.reserved <> 0))
       as found`,
    [sku],
  );
  return rows[0]?.found ?? false;
}
