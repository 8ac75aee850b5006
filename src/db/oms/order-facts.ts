import type { Queryable } from '../pool';

/** What mails and the timeline say of an order. */
export interface OrderFacts {
  readonly orderId: string;
  readonly orderNo: string;
  readonly customerId: string | null;
  readonly customerName: string | null;
  readonly email: string | null;
  readonly locale: string;
  readonly currency: string;
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly taxIncluded: boolean;
  readonly placedAt: Date;
  readonly lines: readonly OrderFactsLine[];
}

export interface OrderFactsLine {
  readonly sku: string | null;
  readonly title: string;
  readonly quantity: number;
  readonly totalMinor: number;
}

interface OrderFactsRow {
  id: string;
  order_no: string;
  customer_id: string | null;
  customer_name: string | null;
  email: string | null;
  locale: string;
  currency: string;
  subtotal_minor: number;
  discount_minor: number;
  shipping_minor: number;
  tax_minor: number;
  total_minor: number;
  tax_included: boolean;
  placed_at: Date;
  lines: OrderFactsLine[];
}

function toOrderFacts(row: OrderFactsRow): OrderFacts {
  return {
    orderId: row.id,
    orderNo: row.order_no,
    customerId: row.customer_id,
    customerName: row.customer_name,
    email: row.email,
    locale: row.locale,
    currency: row.currency,
    subtotalMinor: row.subtotal_minor,
    discountMinor: row.discount_minor,
    shippingMinor: row.shipping_minor,
    taxMinor: row.tax_minor,
    totalMinor: row.total_minor,
    taxIncluded: row.tax_included,
    placedAt: row.placed_at,
    lines: row.lines,
  };
}

/** Orders by id, without those that do not exist. */
export async function findOrderFacts(
  db: Queryable,
  orderIds: readonly string[],
): Promise<Map<string, OrderFacts>> {
  const { rows } = await db.query<OrderFactsRow>(
    `select o.id, o.order_no, o.customer_id, o.customer_name, o.email, o.locale, o.currency, o.subtotal_minor,
       o.discount_minor, o.shipping_minor, o.tax_minor, o.total_minor, o.tax_included, o.placed_at,
       coalesce((
         select jsonb_agg(jsonb_build_object('sku', l.sku, 'title', l.title, 'quantity', l.qty_ordered,
           'totalMinor', l.total_minor) order by l.line_no)
         from oms.order_lines l where l.order_id = o.id), '[]') as lines
     from oms.orders o where o.id = any($1::uuid[])`,
    [orderIds],
  );
  return new Map(rows.map((row) => [row.id, toOrderFacts(row)]));
}

export interface ShipmentFacts {
  readonly trackingNo: string;
  readonly carrier: string;
  readonly lines: readonly { readonly title: string; readonly quantity: number }[];
}

interface ShipmentFactsRow {
  tracking_no: string | null;
  carrier: string | null;
  lines: { title: string; quantity: number }[];
}

/**
 * What one announcement calls a shipment: the shipment itself, or all packages of a fulfilment order. Several tracking
 * numbers are joined; fields are empty while the carrier has not answered.
 */
export async function findShipmentFacts(
  db: Queryable,
  ref: { readonly shipmentId: string | null; readonly fulfillmentOrderId: string | null },
): Promise<ShipmentFacts> {
  const { rows } = await db.query<ShipmentFactsRow>(
    `with parcel as (
       select s.id, s.tracking_no, s.carrier, s.package_no from oms.shipments s
       where s.booking_status = 'booked'
         and case when $1::uuid is not null then s.id = $1::uuid else s.fulfillment_order_id = $2::uuid end
     )
     select (select string_agg(tracking_no, ', ' order by package_no) from parcel) as tracking_no,
       (select min(carrier) from parcel) as carrier,
       coalesce((
         select jsonb_agg(jsonb_build_object('title', l.title, 'quantity', i.quantity) order by l.line_no)
         from parcel p
         join oms.shipment_items i on i.shipment_id = p.id
         join oms.order_lines l on l.id = i.order_line_id), '[]') as lines`,
    [ref.shipmentId, ref.fulfillmentOrderId],
  );
  const row = rows[0];
  return {
    trackingNo: row?.tracking_no ?? '',
    carrier: row?.carrier ?? '',
    lines: row?.lines ?? [],
  };
}
