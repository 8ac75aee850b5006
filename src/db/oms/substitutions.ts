import type { CatalogueFacts } from '../../domain/intake-facts';
import type { SubstituteLine, Substitution } from '../../domain/substitution';
import type { Queryable } from '../pool';

export interface SubstituteFacts {
  readonly catalogue: CatalogueFacts;
  readonly country: string | null;
  readonly region: string | null;
}

/** What the catalogue says of the items that are to take the place of others in an order. */
export async function loadSubstituteFacts(
  tx: Queryable,
  orderId: string,
  skus: readonly string[],
): Promise<SubstituteFacts> {
  const { rows } = await tx.query<SubstituteFacts & Record<string, unknown>>(
    `select oms.catalogue_facts(jsonb_build_object('currency', o.currency, 'shippingAddress', o.ship_to,
         'lines', (select jsonb_agg(jsonb_build_object('sku', s)) from unnest($2::text[]) s))) as catalogue,
       o.ship_to ->> 'country' as country, o.ship_to ->> 'region' as region
     from oms.orders o where o.id = $1::uuid`,
    [orderId, skus],
  );
  const [facts] = rows;
  if (facts === undefined) throw new Error('the order does not exist');
  return facts;
}

const REPLACE = `
  with wanted as (
    select s.*, row_number() over (order by o.line_no) as n, o.qty_ordered - o.qty_canceled as open
    from jsonb_to_recordset($2::jsonb) as s("lineId" uuid, sku text, title text, quantity int, "unitPriceMinor" bigint,
      "taxMinor" bigint, "totalMinor" bigint, "taxRate" numeric, "taxCategory" text, "weightGrams" int)
    join oms.order_lines o on o.id = s."lineId" and o.order_id = $1::uuid
  ), gone as (
    update oms.order_lines l set qty_canceled = l.qty_canceled + w.open from wanted w where l.id = w."lineId"
  ), added as (
    insert into oms.order_lines (order_id, line_no, sku, title, qty_ordered, unit_price_minor, tax_minor, total_minor,
      tax_rate, tax_category, weight_grams, substitute_for)
    select $1::uuid, (select max(line_no) from oms.order_lines where order_id = $1::uuid) + w.n, w.sku, w.title, w.quantity,
      w."unitPriceMinor", w."taxMinor", w."totalMinor", w."taxRate", w."taxCategory", w."weightGrams", w."lineId"
    from wanted w
  )
  select sum("unitPriceMinor" * quantity) as subtotal, sum("taxMinor") as tax, sum("totalMinor") as total from wanted`;

/** Cancels what is left of the old lines and adds those that take their place, as a new version of the order. */
export async function replaceLines(
  tx: Queryable,
  orderId: string,
  lines: readonly SubstituteLine[],
): Promise<void> {
  const { rows } = await tx.query<{ subtotal: string; tax: string; total: string }>(REPLACE, [
    orderId,
    JSON.stringify(lines),
  ]);
  const [sums] = rows;
  await tx.query(
    `update oms.orders set subtotal_minor = subtotal_minor + $2::bigint, tax_minor = tax_minor + $3::bigint,
       total_minor = total_minor + $4::bigint, version = version + 1 where id = $1::uuid`,
    [orderId, sums?.subtotal ?? 0, sums?.tax ?? 0, sums?.total ?? 0],
  );
}

/** Keeps what the customer is offered, until the policy's deadline; its id. */
export async function insertOffer(
  tx: Queryable,
  orderId: string,
  { lines, priceDeltaMinor }: Substitution,
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into oms.substitutions (order_id, lines, price_delta_minor, until)
     values ($1::uuid, $2::jsonb, $3::bigint, now() + (
       select (p.value #>> '{}')::interval from oms.policies p
       where p.key = 'substitutionDeadline' and jsonb_typeof(p.value) = 'string'))
     returning id`,
    [orderId, JSON.stringify(lines), priceDeltaMinor],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the offer was not written');
  return row.id;
}

/** What an order's customer has to decide on; null: nothing (any more). */
export async function findOpenOffer(
  tx: Queryable,
  orderId: string,
): Promise<{ readonly id: string; readonly lines: readonly SubstituteLine[] } | null> {
  const { rows } = await tx.query<{ id: string; lines: SubstituteLine[] }>(
    `select id, lines from oms.substitutions where order_id = $1::uuid and status = 'offered'`,
    [orderId],
  );
  return rows[0] ?? null;
}

/** Ends the open offer of an order, if there is one. */
export async function endOffer(
  tx: Queryable,
  orderId: string,
  status: 'accepted' | 'declined' | 'expired' | 'withdrawn',
): Promise<void> {
  await tx.query(
    `update oms.substitutions set status = $2::text, decided_at = now()
     where order_id = $1::uuid and status = 'offered'`,
    [orderId, status],
  );
}

export interface OfferPage {
  readonly id: string;
  readonly orderId: string;
  readonly orderNo: string;
  readonly currency: string;
  readonly locale: string;
  readonly status: 'offered' | 'accepted' | 'declined' | 'expired' | 'withdrawn';
  readonly until: string | null;
  readonly priceDeltaMinor: number;
  readonly lines: readonly (SubstituteLine & {
    readonly oldTitle: string;
    readonly oldQuantity: number;
  })[];
}

/** An offer as its customer sees it; null: no such offer. */
export async function findOffer(db: Queryable, id: string): Promise<OfferPage | null> {
  const { rows } = await db.query<OfferPage & Record<string, unknown>>(
    `select s.id, o.id as "orderId", o.order_no as "orderNo", o.currency, o.locale, oms.iso(s.until) as until,
       case when s.status = 'offered' and o.wait_code is distinct from 'substitution' then 'withdrawn' else s.status end
         as status,
       s.price_delta_minor as "priceDeltaMinor", (
         select jsonb_agg(e.value || jsonb_build_object('oldTitle', l.title, 'oldQuantity', l.qty_ordered) order by e.ordinality)
         from jsonb_array_elements(s.lines) with ordinality e join oms.order_lines l on l.id = (e.value ->> 'lineId')::uuid)
         as lines
     from oms.substitutions s join oms.orders o on o.id = s.order_id where s.id = $1::uuid`,
    [id],
  );
  return rows[0] ?? null;
}
