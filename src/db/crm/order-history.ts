import type { Queryable } from '../pool';

export interface TimelineEntry {
  readonly kind: string;
  readonly refType: string;
  readonly refId: string;
  readonly summary: string;
  readonly data: object;
}

export interface TotalsChange {
  readonly currency: string;
  readonly orderCount: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** When the counted order was placed. */
  readonly orderAt: Date | null;
}

export interface OrderFact {
  /** Names the announcement: what it adds to the totals is added once. */
  readonly eventKey: string;
  readonly customerId: string;
  readonly at: Date;
  readonly entry: TimelineEntry | null;
  readonly totals: TotalsChange | null;
}

/**
 * Writes what an order's announcement means to its customer: timeline entry and lifetime totals, in one statement.
 * May run any number of times, also at the same time: the entry is there once and the totals count it once.
 */
export async function recordOrderFact(db: Queryable, fact: OrderFact): Promise<void> {
  await db.query(
    `with person as (
       select crm.survivor($2::uuid) as id
     ), entry as (
       insert into crm.interactions (customer_id, kind, ref_type, ref_id, at, summary, data)
       select p.id, e.kind, e."refType", e."refId", $3::timestamptz, e.summary, e.data
       from person p, jsonb_to_record($4::jsonb) as e(kind text, "refType" text, "refId" text, summary text, data jsonb)
       where $4::jsonb is not null
       on conflict (kind, ref_type, ref_id) do nothing
     ), posted as (
       insert into crm.totals_postings (event_key, customer_id, currency, order_count, captured_minor, refunded_minor,
         order_at)
       select $1::text, p.id, t.currency, t."orderCount", t."capturedMinor", t."refundedMinor", t."orderAt"
       from person p, jsonb_to_record($5::jsonb)
         as t(currency text, "orderCount" integer, "capturedMinor" bigint, "refundedMinor" bigint, "orderAt" timestamptz)
       where $5::jsonb is not null
       on conflict (event_key) do nothing
       returning customer_id, currency, order_count, captured_minor, refunded_minor, order_at
     )
     insert into crm.customer_totals as known (customer_id, currency, order_count, captured_minor, refunded_minor,
       first_order_at, last_order_at)
     select customer_id, currency, order_count, captured_minor, greatest(refunded_minor, 0), order_at, order_at
     from posted
     on conflict (customer_id, currency) do update set
       order_count = known.order_count + excluded.order_count,
       captured_minor = known.captured_minor + excluded.captured_minor,
       refunded_minor = known.refunded_minor + (select p.refunded_minor from posted p),
       first_order_at = least(known.first_order_at, excluded.first_order_at),
       last_order_at = greatest(known.last_order_at, excluded.last_order_at)`,
    [
      fact.eventKey,
      fact.customerId,
      fact.at,
      fact.entry === null ? null : JSON.stringify(fact.entry),
      fact.totals === null ? null : JSON.stringify(fact.totals),
    ],
  );
}
