import type { AmendPlan } from '../../domain/amend';
import type { ChangeBase, ChangeLine } from '../../domain/change-facts';
import type { Queryable } from '../pool';
import { RESERVED_UNITS } from './open-units';
import type { Actor } from './record-change';

const WRITE_LINES = `
  with line as (
    select * from jsonb_to_recordset($2::jsonb) as l("lineId" uuid, quantity int, "discountMinor" bigint, "taxMinor" bigint,
      "taxRate" numeric, "totalMinor" bigint, discounts jsonb)
  ), shares as (
    update oms.order_line_adjustments a set amount_minor = d."amountMinor"
    from line l, jsonb_to_recordset(l.discounts) as d(id uuid, "amountMinor" bigint)
    where a.id = d.id and a.order_line_id = l."lineId" and a.amount_minor <> d."amountMinor"
  ), added as (
    insert into oms.order_line_adjustments (order_line_id, source, code, type, value_percent, amount_minor)
    select l."lineId", 'merchant', d.code, d.type, d."valuePercent", d."amountMinor"
    from line l, jsonb_to_recordset(l.discounts) as d(id uuid, code text, type text, "valuePercent" numeric, "amountMinor" bigint)
    where d.id is null
  )
  update oms.order_lines l set qty_ordered = n.quantity, discount_minor = n."discountMinor", tax_minor = n."taxMinor",
    tax_rate = n."taxRate", total_minor = n."totalMinor",
    qty_allocated = case when $3::boolean then ${RESERVED_UNITS} else l.qty_allocated end
  from line n where l.id = n."lineId" and l.order_id = $1::uuid`;

const INSERT_LINES = `
  with line as (
    select * from jsonb_to_recordset($2::jsonb) as l("lineNo" int, sku text, title text, quantity int, "unitPriceMinor" bigint,
      "discountMinor" bigint, "taxMinor" bigint, "taxRate" numeric, "taxCategory" text, "totalMinor" bigint,
      "weightGrams" int, "kitParts" jsonb, discounts jsonb)
  ), added as (
    insert into oms.order_lines (order_id, line_no, sku, title, qty_ordered, unit_price_minor, discount_minor, tax_minor,
      tax_rate, tax_category, total_minor, weight_grams, kit_parts)
    select $1::uuid, l."lineNo", l.sku, l.title, l.quantity, l."unitPriceMinor", l."discountMinor", l."taxMinor", l."taxRate",
      l."taxCategory", l."totalMinor", l."weightGrams", l."kitParts"
    from line l
    returning id, line_no
  ), shares as (
    insert into oms.order_line_adjustments (order_line_id, source, code, type, value_percent, amount_minor)
    select a.id, 'merchant', d.code, d.type, d."valuePercent", d."amountMinor"
    from added a join line l on l."lineNo" = a.line_no,
      jsonb_to_recordset(l.discounts) as d(code text, type text, "valuePercent" numeric, "amountMinor" bigint)
  )
  select id, line_no as "lineNo" from added`;

/** Writes the lines as they are after an amend; answers with the ids of all lines, by number. */
export async function writeLines(
  tx: Queryable,
  orderId: string,
  lines: readonly ChangeLine[],
  isAllocated: boolean,
): Promise<Map<number, string>> {
  const known = lines.filter(({ lineId }) => lineId !== null);
  await tx.query(WRITE_LINES, [orderId, JSON.stringify(known), isAllocated]);
  const added = lines.filter(({ lineId }) => lineId === null);
  const { rows } = await tx.query<{ id: string; lineNo: number }>(INSERT_LINES, [
    orderId,
    JSON.stringify(added),
  ]);
  return new Map([
    ...known.map(({ lineNo, lineId }): [number, string] => [lineNo, lineId ?? '']),
    ...rows.map(({ lineNo, id }): [number, string] => [lineNo, id]),
  ]);
}

const WRITE_ORDER = `
  with o as (
    update oms.orders set subtotal_minor = t."subtotalMinor", discount_minor = t."discountMinor", tax_minor = t."taxMinor",
      total_minor = t."totalMinor", tax_included = h."taxIncluded", shipping_method = h."shippingMethod",
      shipping_minor = h."shippingMinor", shipping_tax_minor = h."shippingTaxMinor", shipping_tax_rate = h."shippingTaxRate",
      ship_to = h."shipTo", bill_to = h."billTo", priority = h.priority, promised_by = h."promisedBy", version = version + 1
    from jsonb_to_record($2::jsonb) as h("taxIncluded" boolean, "shippingMethod" text, "shippingMinor" bigint,
        "shippingTaxMinor" bigint, "shippingTaxRate" numeric, "shipTo" jsonb, "billTo" jsonb, priority text,
        "promisedBy" timestamptz),
      jsonb_to_record($3::jsonb) as t("subtotalMinor" bigint, "discountMinor" bigint, "taxMinor" bigint, "totalMinor" bigint)
    where id = $1::uuid
  )
  update oms.fulfillment_orders f set priority = h.priority, promised_by = h."promisedBy", updated_at = now()
  from jsonb_to_record($2::jsonb) as h(priority text, "promisedBy" timestamptz)
  where f.order_id = $1::uuid and f.status not in ('closed', 'canceled', 'incomplete')
    and (f.priority <> h.priority or f.promised_by is distinct from h."promisedBy")`;

/** Writes sums, addresses, shipping and rank; the version rises. */
export async function writeOrder(tx: Queryable, orderId: string, plan: AmendPlan): Promise<void> {
  const { lines: _lines, ...head }: ChangeBase = plan.order;
  await tx.query(WRITE_ORDER, [orderId, JSON.stringify(head), JSON.stringify(plan.after)]);
}

export interface ChangeRow {
  readonly orderId: string;
  readonly commandId: string;
  readonly baseVersion: number;
  readonly changes: readonly object[];
  readonly plan: AmendPlan;
  readonly lines: readonly object[];
  readonly actor: Actor;
}

/** Keeps a confirmed amend with its figures; answers with its id. */
export async function insertChange(tx: Queryable, change: ChangeRow): Promise<string> {
  const { before, after, stock, payment } = change.plan;
  const { rows } = await tx.query<{ id: string }>(
    `insert into oms.order_changes (order_id, command_id, base_version, changes, before, after, price_delta_minor, lines, stock,
       payment_action, payment_minor, actor_type, actor_id)
     values ($1::uuid, $2::uuid, $3::int, $4::jsonb, $5::jsonb, $6::jsonb, $7::bigint, $8::jsonb, $9::jsonb, $10::text,
       $11::bigint, $12::text, $13::text) returning id`,
    [
      change.orderId,
      change.commandId,
      change.baseVersion,
      JSON.stringify(change.changes),
      JSON.stringify(before),
      JSON.stringify(after),
      after.totalMinor - before.totalMinor,
      JSON.stringify(change.lines),
      JSON.stringify(stock),
      payment.action,
      payment.amountMinor,
      change.actor.type,
      change.actor.id,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the change was not written');
  return row.id;
}

/** A confirmed amend as its caller sees it; null: the command has none. */
export async function findChange<C extends object>(
  db: Queryable,
  commandId: string,
): Promise<C | null> {
  const { rows } = await db.query<{ document: C }>(
    `select jsonb_build_object('id', c.id, 'status', 'confirmed', 'baseVersion', c.base_version, 'before', c.before,
       'after', c.after, 'priceDeltaMinor', c.price_delta_minor, 'lines', c.lines, 'stock', c.stock,
       'payment', jsonb_build_object('action', c.payment_action, 'amountMinor', c.payment_minor)) as document
     from oms.order_changes c where c.command_id = $1::uuid`,
    [commandId],
  );
  return rows[0]?.document ?? null;
}
