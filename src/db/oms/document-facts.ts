import type { CreditedRefund } from '../../domain/credit-note';
import type { DocumentFigures } from '../../domain/document-figures';
import type { BilledOrder } from '../../domain/document-heading';
import type { InvoicedOrder } from '../../domain/invoice';
import type { Queryable } from '../pool';

/** A refund that gives back what an amend took off: asked for under the key of its command. */
const OF_AMEND = `exists (select from oms.commands c
    where c.order_id = r.order_id and c.kind = 'amend' and r.cause_key = 'change:' || c.id)`;

const REFUND_JSON = `jsonb_build_object('amountMinor', r.amount_minor, 'shippingMinor', r.shipping_minor,
    'shippingTaxMinor', r.shipping_tax_minor, 'adjustmentMinor', r.adjustment_minor,
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('lineId', n.order_line_id, 'quantity', n.quantity,
        'itemMinor', n.item_minor, 'taxMinor', n.tax_minor) order by k.line_no), '[]')
      from oms.refund_lines n join oms.order_lines k on k.id = n.order_line_id where n.refund_id = r.id))`;

const FACTS = `
  select jsonb_build_object('orderId', o.id, 'orderNo', o.order_no, 'currency', o.currency,
    'taxIncluded', o.tax_included, 'locale', o.locale, 'customerName', o.customer_name, 'email', o.email,
    'billTo', o.bill_to, 'shipTo', o.ship_to, 'paymentMethod', o.payment_method,
    'terms', (select n.body #>> '{payment,terms}' from oms.intakes n where n.order_id = o.id),
    'shippingMinor', o.shipping_minor, 'shippingTaxMinor', o.shipping_tax_minor,
    'shippingTaxRate', trim_scale(o.shipping_tax_rate)::text, 'fees', coalesce(o.source_metadata -> 'fees', '[]'),
    'currentTotalMinor', o.current_total_minor, 'status', o.status, 'isHistory', exists (
      select from oms.order_events e where e.order_id = o.id and e.data ? 'isHistory'),
    'capturedMinor', (select coalesce(sum(p.captured_minor), 0) from oms.payments p where p.order_id = o.id),
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'sku', l.sku, 'title', l.title,
        'ordered', l.qty_ordered, 'wanted', l.qty_ordered - l.qty_canceled, 'unitPriceMinor', l.unit_price_minor,
        'discountMinor', l.discount_minor, 'taxMinor', l.tax_minor, 'taxRate', trim_scale(l.tax_rate)::text)
        order by l.line_no), '[]') from oms.order_lines l where l.order_id = o.id),
    'invoices', (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'fulfillmentOrderId', i.fulfillment_order_id,
        'figures', i.document) order by i.id), '[]') from oms.invoices i where i.order_id = o.id),
    'correctedMinor', (select coalesce(sum(c.total_minor), 0) from oms.credit_notes c
      where c.order_id = o.id and c.refund_id is null),
    'amended', (select coalesce(jsonb_agg(${REFUND_JSON} order by r.id), '[]') from oms.refunds r
      where r.order_id = o.id and ${OF_AMEND} and r.status <> 'canceled')) as facts,
    to_char(now() at time zone 'utc', 'YYYY-MM-DD') as today
  from oms.orders o where o.id = $1::uuid`;

export interface OrderToInvoice extends InvoicedOrder, BilledOrder {
  readonly status: string;
  /** Came in as a finished document of a shop, which has issued its own. */
  readonly isHistory: boolean;
  readonly invoices: readonly {
    readonly id: string;
    readonly fulfillmentOrderId: string | null;
    readonly figures: DocumentFigures;
  }[];
  readonly amended: readonly CreditedRefund[];
  /** What credit notes without a refund took off its invoices. */
  readonly correctedMinor: number;
  /** The day in UTC, by the store's clock. */
  readonly today: string;
}

/** Locks an order, so that its documents are issued one after the other, and reads what they are made of. */
export async function openForDocuments(
  tx: Queryable,
  orderId: string,
): Promise<OrderToInvoice | null> {
  await tx.query('select from oms.orders where id = $1::uuid for update', [orderId]);
  const { rows } = await tx.query<{ facts: Omit<OrderToInvoice, 'today'>; today: string }>(FACTS, [
    orderId,
  ]);
  const [row] = rows;
  return row === undefined ? null : { ...row.facts, today: row.today };
}

/** Units that a fulfilment order handed over, by line. */
export async function findHandedOverUnits(
  db: Queryable,
  fulfillmentOrderId: string,
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ lineId: string; units: number }>(
    `select l.order_line_id as "lineId", l.packed as units
     from oms.fulfillment_order_lines l join oms.fulfillment_orders f on f.id = l.fulfillment_order_id
     where f.id = $1::uuid and f.handed_over_at is not null and l.packed > 0`,
    [fulfillmentOrderId],
  );
  return new Map(rows.map(({ lineId, units }) => [lineId, units]));
}

export interface RefundToCredit extends CreditedRefund {
  readonly orderId: string;
  readonly isCredited: boolean;
}

/** A refund that has succeeded, be it taken back since; null for any other, and for what another one's credit note counts. */
export async function findRefundToCredit(
  db: Queryable,
  refundId: string,
): Promise<RefundToCredit | null> {
  const { rows } = await db.query<{ refund: RefundToCredit }>(
    `select ${REFUND_JSON} || jsonb_build_object('orderId', r.order_id, 'isCredited', exists (
         select from oms.credit_notes c where c.refund_id = r.id)) as refund
     from oms.refunds r where r.id = $1::uuid and r.succeeded_at is not null and r.replaces is null`,
    [refundId],
  );
  return rows[0]?.refund ?? null;
}
