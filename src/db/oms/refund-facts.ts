import type { RefundableLine, RefundableShipping } from '../../domain/refund';
import type { Queryable } from '../pool';

export interface RefundableOrderLine extends RefundableLine {
  readonly shipped: number;
  readonly canceled: number;
  /** Units of refunds of what was handed over: those of canceled units are not among them. */
  readonly refundedShipped: number;
}

/** What of an order's money may go back, as its locked row has it. */
export interface RefundableOrder {
  readonly orderId: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly isTaxIncluded: boolean;
  readonly lines: readonly RefundableOrderLine[];
  readonly shipping: RefundableShipping;
  /** Captured payments, oldest first, with what is left of each. */
  readonly payments: readonly { readonly id: string; readonly restMinor: number }[];
  /** Captured less refunded, being refunded and disputed. */
  readonly refundableMinor: number;
}

/** Refunds that took place or may still: their units and amounts are not there for another. */
const LIVE = `('pending', 'submitted', 'succeeded')`;

/** Locks the order's row, as whoever creates a refund must; false: no such order. */
export async function lockForRefund(tx: Queryable, orderId: string): Promise<boolean> {
  const { rowCount } = await tx.query('select 1 from oms.orders where id = $1::uuid for update', [
    orderId,
  ]);
  return rowCount === 1;
}

/** Reads what is refundable; the caller has locked the order's row. Null: no such order. */
export async function findRefundable(
  tx: Queryable,
  orderId: string,
): Promise<RefundableOrder | null> {
  const { rows } = await tx.query<{ document: RefundableOrder }>(
    `with given as (
       select * from oms.refunds where order_id = $1::uuid and status in ${LIVE}
     ), units as (
       select l.order_line_id, sum(l.quantity)::int as units,
         coalesce(sum(l.quantity) filter (where not g.is_of_canceled), 0)::int as shipped,
         sum(l.item_minor) as item_minor, sum(l.tax_minor) as tax_minor
       from oms.refund_lines l join given g on g.id = l.refund_id group by 1
     ), paid as (
       select id, seq, captured_minor - refunded_minor - refund_pending_minor - disputed_minor as rest_minor
       from oms.payments where order_id = $1::uuid and captured_minor > 0
     )
     select jsonb_build_object('orderId', o.id, 'customerId', o.customer_id, 'currency', o.currency,
       'isTaxIncluded', o.tax_included,
       'lines', (select coalesce(jsonb_agg(jsonb_build_object('lineId', l.id, 'quantity', l.qty_ordered,
           'itemValueMinor', l.unit_price_minor * l.qty_ordered - l.discount_minor, 'taxMinor', l.tax_minor,
           'shipped', l.qty_shipped, 'canceled', l.qty_canceled, 'refundedShipped', coalesce(u.shipped, 0),
           'refundedUnits', coalesce(u.units, 0), 'refundedItemMinor', coalesce(u.item_minor, 0),
           'refundedTaxMinor', coalesce(u.tax_minor, 0)) order by l.line_no), '[]')
         from oms.order_lines l left join units u on u.order_line_id = l.id where l.order_id = o.id),
       'shipping', jsonb_build_object('shippingMinor', o.shipping_minor, 'shippingTaxMinor', o.shipping_tax_minor,
         'refundedMinor', (select coalesce(sum(shipping_minor), 0) from given),
         'refundedTaxMinor', (select coalesce(sum(shipping_tax_minor), 0) from given)),
       'payments', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'restMinor', rest_minor) order by seq), '[]')
         from paid),
       'refundableMinor', (select greatest(0, coalesce(sum(rest_minor), 0)) from paid)) as document
     from oms.orders o where o.id = $1::uuid`,
    [orderId],
  );
  return rows[0]?.document ?? null;
}
