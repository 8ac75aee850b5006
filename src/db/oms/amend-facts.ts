import type { AmendFacts, AmendStock } from '../../domain/amend';
import type { Change, ChangeBase, ChangeCatalogue } from '../../domain/change-facts';
import type { Queryable } from '../pool';

interface Stored {
  readonly base: ChangeBase;
  readonly catalogue: ChangeCatalogue;
  readonly stock: readonly AmendStock[];
}

const FACTS = `
  with o as (
    select * from oms.orders where id = $1::uuid
  ), named as (
    select jsonb_build_object('currency', o.currency, 'lines', $2::jsonb -> 'lines',
      'shippingMethod', coalesce($2::jsonb -> 'shippingMethod', to_jsonb(o.shipping_method)),
      'shippingAddress', coalesce($2::jsonb -> 'shippingAddress', o.ship_to)) as body
    from o
  )
  select jsonb_build_object(
    'base', jsonb_build_object('currency', o.currency, 'taxIncluded', o.tax_included, 'shippingMethod', o.shipping_method,
      'shippingMinor', o.shipping_minor, 'shippingTaxMinor', o.shipping_tax_minor,
      'shippingTaxRate', trim_scale(o.shipping_tax_rate)::text, 'totalMinor', o.total_minor, 'shipTo', o.ship_to,
      'billTo', o.bill_to, 'priority', o.priority, 'promisedBy', oms.iso(o.promised_by),
      'lines', (select jsonb_agg(jsonb_build_object('lineId', l.id, 'lineNo', l.line_no, 'sku', l.sku, 'title', l.title,
          'quantity', l.qty_ordered, 'canceled', l.qty_canceled, 'shipped', l.qty_shipped,
          'unitPriceMinor', l.unit_price_minor, 'discountMinor', l.discount_minor, 'taxMinor', l.tax_minor,
          'taxRate', trim_scale(l.tax_rate)::text, 'taxCategory', l.tax_category, 'totalMinor', l.total_minor,
          'weightGrams', l.weight_grams, 'requiresShipping', l.requires_shipping and l.known_sku,
          'kitParts', l.kit_parts,
          'discounts', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'code', a.code, 'type', a.type,
              'valuePercent', a.value_percent, 'amountMinor', a.amount_minor) order by a.id), '[]')
            from oms.order_line_adjustments a where a.order_line_id = l.id)) order by l.line_no)
        from oms.order_lines l where l.order_id = o.id)),
    'catalogue', oms.catalogue_facts(n.body),
    'stock', (select coalesce(jsonb_agg(jsonb_build_object('sku', s.sku, 'available', s.available, 'backorder', s.backorder)), '[]')
      from (select v.sku, sum(greatest(0, v.on_hand - v.reserved - v.safety_stock - v.unavailable))::int as available,
          bool_or(v.backorder) as backorder
        from oms.inventory_levels v join oms.locations k on k.code = v.location and k.active
        where v.sku = any(oms.stock_skus(oms.intake_skus(n.body))) or v.sku in (
          select coalesce(k.sku, l.sku) from oms.order_lines l
          left join lateral jsonb_to_recordset(l.kit_parts) as k(sku text) on true where l.order_id = o.id)
        group by v.sku) s)
  ) as facts
  from o, named n`;

/** What an amend of an order is worked out from; reads only, locks nothing. */
export async function loadAmendFacts(
  db: Queryable,
  orderId: string,
  changes: readonly Change[],
): Promise<AmendFacts> {
  const skus = changes.flatMap((change) => (change.type === 'addLine' ? [change.sku] : []));
  const method = changes.find((change) => change.type === 'setShippingMethod');
  const address = changes.find((change) => change.type === 'setAddress');
  const names = {
    lines: skus.map((sku) => ({ sku })),
    ...(method === undefined ? {} : { shippingMethod: method.shippingMethod }),
    ...(address?.shippingAddress === undefined ? {} : { shippingAddress: address.shippingAddress }),
  };
  const { rows } = await db.query<{ facts: Stored }>(FACTS, [orderId, JSON.stringify(names)]);
  const [row] = rows;
  if (row === undefined) throw new Error('the order to amend does not exist');
  return row.facts;
}
