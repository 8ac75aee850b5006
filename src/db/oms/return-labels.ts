import type { Queryable } from '../pool';

/** Whether a label was asked for that the carrier has not answered yet. */
export async function isLabelAwaited(db: Queryable, returnId: string): Promise<boolean> {
  const { rows } = await db.query(
    `select from oms.returns where id = $1::uuid and label_status = 'wanted'`,
    [returnId],
  );
  return rows.length > 0;
}

export interface WantedLabel {
  readonly bookingKey: string;
  /** An earlier try may have reached the carrier. */
  readonly isRetry: boolean;
  readonly service: string;
  readonly weightGrams: number;
  readonly from: Readonly<Record<string, unknown>> | null;
  readonly to: Readonly<Record<string, unknown>>;
}

/**
 * Stores the key of a label's booking before the carrier is called, and says what to book. Null: nothing is to be
 * booked (any more).
 */
export async function beginLabel(db: Queryable, returnId: string): Promise<WantedLabel | null> {
  const { rows } = await db.query<WantedLabel & Record<string, unknown>>(
    `with known as (
       select id, booking_key is not null as is_retry from oms.returns where id = $1::uuid
     )
     update oms.returns r set booking_key = 'return:' || r.id
     from known k, oms.orders o, oms.locations l
     where r.id = k.id and r.label_status = 'wanted' and r.status in ('approved', 'in_transit')
       and o.id = r.order_id and l.code = r.location
     returning r.booking_key as "bookingKey", k.is_retry as "isRetry", o.ship_to as "from",
       l.address || jsonb_build_object('name', l.name) as "to",
       greatest(1, (select coalesce(sum(w.quantity * x.weight_grams), 0)::int
         from oms.return_lines w join oms.order_lines x on x.id = w.order_line_id where w.return_id = r.id)) as "weightGrams",
       (select m.service from oms.shipping_methods m
         order by m.code = o.shipping_method desc, m.currency = o.currency desc, m.code desc limit 1) as service`,
    [returnId],
  );
  return rows[0] ?? null;
}

/** Records what the carrier gave, whatever became of the return meanwhile. A second time it changes nothing. */
export async function recordLabel(
  db: Queryable,
  returnId: string,
  booking: { readonly carrier: string; readonly trackingNo: string; readonly labelUrl: string },
): Promise<void> {
  await db.query(
    `update oms.returns set label_status = 'booked', carrier = $2::text, tracking_no = $3::text, label_url = $4::text,
       updated_at = now()
     where id = $1::uuid and label_status = 'wanted'`,
    [returnId, booking.carrier, booking.trackingNo, booking.labelUrl],
  );
}

/** Ends a wanted or booked label: refused by the carrier, taken back, or never booked. */
export async function endLabel(
  db: Queryable,
  returnId: string,
  status: 'refused' | 'voided' | 'none',
): Promise<void> {
  await db.query(
    `update oms.returns set label_status = $2::text, updated_at = now(),
       shipment_status = case when $2::text = 'voided' then 'canceled' else shipment_status end
     where id = $1::uuid and label_status in ('wanted', 'booked')`,
    [returnId, status],
  );
}

export interface OpenLabel {
  readonly status: 'wanted' | 'booked';
  readonly bookingKey: string | null;
}

/** The label that a return that is over may still hold at the carrier. */
export async function findOpenLabel(db: Queryable, returnId: string): Promise<OpenLabel | null> {
  const { rows } = await db.query<OpenLabel & Record<string, unknown>>(
    `select label_status as status, booking_key as "bookingKey" from oms.returns
     where id = $1::uuid and label_status in ('wanted', 'booked')`,
    [returnId],
  );
  return rows[0] ?? null;
}
