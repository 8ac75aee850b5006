import type { AllocationPart } from '../../domain/allocation';
import type { OrderPhase } from '../../contracts/order-process';
import type { IntakeHead, PlacedOrder } from '../../domain/intake-facts';
import type { OrderStatus } from '../../domain/order-state';
import type { Finding, ReviewWait } from '../../domain/review';
import type { Queryable } from '../pool';
import type { EventRecord } from './record-change';

export interface Placement {
  readonly intake: IntakeHead;
  readonly order: PlacedOrder;
  readonly customerId: string;
  /** What the customer is written to in. */
  readonly locale: string;
  readonly status: OrderStatus;
  /** Of an order that is not confirmed; a confirmed one goes on to `pay` or, if stock was not taken, `reserve`. */
  readonly phase: OrderPhase;
  /** Which review the order waits for; null: none. */
  readonly reviewWait: ReviewWait | null;
  readonly findings: readonly Finding[];
  readonly events: readonly EventRecord[];
  /** Stock to take at once; null: do not try. */
  readonly parts: readonly AllocationPart[] | null;
  readonly payments: readonly PaymentRow[];
  /** How the order is paid, or the rest of it. */
  readonly paymentMethod: string;
  readonly cancelReason: string | null;
}

export interface PaymentRow {
  readonly seq: number;
  readonly method: string;
  readonly provider: string;
  readonly idempotencyKey: string;
  readonly reference: string | null;
  readonly token: string | null;
  readonly amountMinor: number;
  /** Of an intent made elsewhere nobody says so: it is captured once. */
  readonly multicapture: boolean;
  readonly capturedMinor: number;
  /** A shop's own authorisation. */
  readonly authorizedMinor: number;
}

/**
 * The whole placement in one statement: order, lines, frozen discounts, findings, payments, stock if it is all there,
 * events, announcements, and the intake's end with its token blanked. Levels are locked in (item, location) order;
 * where one no longer suffices nothing is reserved and the order stands in phase `reserve`.
 */
const INSERT_ORDER = `
  with wanted as (
    select w.sku, w.location, sum(w.quantity)::int as quantity
    from jsonb_to_recordset($5::jsonb) as w(sku text, location text, quantity int) group by 1, 2
  ), locked as (
    select v.sku, v.location, v.backorder, v.on_hand - v.reserved - v.safety_stock - v.unavailable as available
    from oms.inventory_levels v join wanted w on w.sku = v.sku and w.location = v.location
    order by v.sku, v.location for update of v
  ), verdict as (
    select $5::jsonb is not null and count(*) filter (where l.backorder or l.available >= w.quantity) = count(*) as taken
    from wanted w left join locked l on l.sku = w.sku and l.location = w.location
  ), placed as (
    insert into oms.orders (id, order_no, channel, external_id, origin, status, phase, wait_code, wait_since, wait_until,
      currency, subtotal_minor, discount_minor, shipping_minor, shipping_tax_minor, tax_minor, total_minor, tax_included,
      shipping_tax_rate, shipping_method, presentment, payment_method, customer_id, customer_name, email, phone, locale,
      ship_to, bill_to, priority, promised_by, note, source_metadata, cancel_reason, workflow_id, placed_at,
      confirmed_at, completed_at, canceled_at)
    select $1::uuid, i.order_no, i.channel, i.external_id, h.origin, $7::text,
      case when $7::text = 'confirmed' then case when v.taken then 'pay' else 'reserve' end else $8::text end,
      $16::text, case when $7::text = 'in_review' then now() end,
      case when $7::text = 'in_review' then now() + (select (p.value #>> '{}')::interval from oms.policies p
        where p.key = 'reviewDeadline' and jsonb_typeof(p.value) = 'string') end,
      h.currency, h."subtotalMinor", h."discountMinor", h."shippingMinor", h."shippingTaxMinor", h."taxMinor",
      h."totalMinor", h."taxIncluded", h."shippingTaxRate", h."shippingMethod", h.presentment, $9::text, $10::uuid,
      h.customer ->> 'name', h.customer ->> 'email', h.customer ->> 'phone', h.locale, h."shipTo", h."billTo",
      h.priority, h."promisedBy", h.note, coalesce(h."sourceMetadata", '{}'), $11::text, 'order/' || $1::text,
      h."placedAt", case when $7::text = 'confirmed' then now() end, h."completedAt",
      case when $7::text = 'canceled' then coalesce(h."canceledAt", now()) end
    from oms.intakes i, verdict v, jsonb_to_record($2::jsonb) as h(currency text, "subtotalMinor" bigint,
      "discountMinor" bigint, "shippingMinor" bigint, "shippingTaxMinor" bigint, "taxMinor" bigint, "totalMinor" bigint,
      "taxIncluded" boolean, "shippingTaxRate" numeric, "shippingMethod" text, presentment jsonb, customer jsonb,
      locale text, "shipTo" jsonb, "billTo" jsonb, priority text, "promisedBy" timestamptz, note text,
      "sourceMetadata" jsonb, "placedAt" timestamptz, origin text, "completedAt" timestamptz, "canceledAt" timestamptz)
    where i.order_id = $1::uuid and i.status <> 'placed'
    returning id, customer_id, currency, phase, wait_until
  ), lines as (
    insert into oms.order_lines (order_id, line_no, sku, known_sku, external_line_id, title, qty_ordered, qty_canceled,
      qty_allocated, qty_fulfilled, qty_shipped, qty_delivered, unit_price_minor, discount_minor, tax_minor,
      total_minor, tax_rate, tax_category, weight_grams, requires_shipping)
    select o.id, l."lineNo", l.sku, l."isKnownSku", l."externalLineId", l.title, l.quantity,
      case when $7::text = 'canceled' then l.quantity else 0 end,
      case when v.taken and $7::text = 'confirmed' then coalesce((
        select sum(p.quantity / coalesce(p."perUnit", 1))
        from jsonb_to_recordset($5::jsonb) as p("lineId" text, quantity int, "perUnit" int, "isLead" boolean)
        where p."lineId" = l."lineNo"::text and p."isLead" is not false), 0) else 0 end,
      done.units, done.units, done.units, l."unitPriceMinor", l."discountMinor", l."taxMinor", l."totalMinor",
      l."taxRate", l."taxCategory", l."weightGrams", l."requiresShipping"
    from placed o, verdict v, jsonb_to_recordset($3::jsonb) as l("lineNo" int, sku text, "isKnownSku" boolean,
      "externalLineId" text, title text, quantity int, "unitPriceMinor" bigint, "discountMinor" bigint,
      "taxMinor" bigint, "totalMinor" bigint, "taxRate" numeric, "taxCategory" text, "weightGrams" int,
      "requiresShipping" boolean),
      lateral (select case when $7::text = 'completed' then l.quantity else 0 end as units) done
    returning id, line_no
  ), adjustments as (
    insert into oms.order_line_adjustments (order_line_id, source, code, type, value_percent, amount_minor)
    select l.id, d.source, d.code, d.type, d."valuePercent", d."amountMinor"
    from jsonb_to_recordset($3::jsonb) as j("lineNo" int, discounts jsonb) join lines l on l.line_no = j."lineNo",
      jsonb_to_recordset(j.discounts) as d(source text, code text, type text, "valuePercent" numeric, "amountMinor" bigint)
  ), findings as (
    insert into oms.order_findings (order_id, code, verdict, rule, detail)
    select o.id, f.code, f.verdict, f.rule, f.detail
    from placed o, jsonb_to_recordset($4::jsonb) as f(code text, verdict text, rule text, detail text)
  ), payment as (
    insert into oms.payments (order_id, seq, method, provider, status, reference, idempotency_key, token, currency,
      amount_minor, authorized_minor, captured_minor, multicapture)
    select o.id, p.seq, p.method, p.provider, case when p."capturedMinor" > 0 then 'captured'
        when p."authorizedMinor" > 0 then 'authorized' else 'pending' end,
      p.reference, p."idempotencyKey", p.token, o.currency, p."amountMinor", p."authorizedMinor", p."capturedMinor",
      p.multicapture
    from placed o, jsonb_to_recordset($6::jsonb) as p(seq int, method text, provider text, reference text, "idempotencyKey" text,
      token text, "amountMinor" bigint, "authorizedMinor" bigint, "capturedMinor" bigint,
      multicapture boolean)
    returning id, provider, authorized_minor, captured_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor)
    select p.id, p.provider, p.id || e.suffix, e.type, e.amount
    from payment p, lateral (values (':authorize', 'authorize_success', p.authorized_minor),
      (':charge', 'charge_success', p.captured_minor)) e(suffix, type, amount)
    where e.amount > 0
  ), reserved as (
    insert into oms.reservations (order_id, order_line_id, sku, location, quantity, per_unit, is_lead)
    select o.id, l.id, p.sku, p.location, p.quantity, coalesce(p."perUnit", 1), p."isLead" is not false
    from placed o, verdict v, jsonb_to_recordset($5::jsonb) as p("lineId" text, sku text, location text, quantity int,
      "perUnit" int, "isLead" boolean)
      join lines l on l.line_no::text = p."lineId"
    where v.taken and $7::text = 'confirmed'
    returning id, order_line_id, sku, location, quantity
  ), levels as (
    update oms.inventory_levels v set reserved = v.reserved + w.quantity, updated_at = now()
    from wanted w, verdict t, placed o
    where t.taken and $7::text = 'confirmed' and v.sku = w.sku and v.location = w.location
  ), ledger as (
    insert into oms.stock_ledger (sku, location, delta_reserved, reason, doc_type, doc_id, doc_line, actor_type, actor_id)
    select r.sku, r.location, r.quantity, 'reserve', 'reservation', r.id, '', 'system', 'order-workflow' from reserved r
  ), intake as (
    update oms.intakes set status = 'placed', placed_at = now(), updated_at = now(), body = body #- '{payment,token}'
    where order_id = $1::uuid and exists (select from placed)
  ), numbered as (
    select e.value as event, e.ordinality as n,
      count(*) filter (where e.value ? 'announce') over (order by e.ordinality) as announced
    from verdict v, jsonb_array_elements($12::jsonb || case when v.taken and $7::text = 'confirmed'
      and jsonb_array_length($5::jsonb) > 0 then '[{"type":"stock_reserved"}]'::jsonb else '[]'::jsonb end)
      with ordinality e
  ), stream as (
    insert into oms.order_streams (order_id, event_seq, outbox_seq)
    select o.id, (select count(*) from numbered), (select count(*) from numbered where event ? 'announce') from placed o
  ), events as (
    insert into oms.order_events (order_id, seq, type, actor_type, actor_id, reason, request_id, data)
    select o.id, n.n, n.event ->> 'type', $13::text, $14::text, n.event ->> 'reason', $15::text,
      coalesce(n.event -> 'data', '{}')
    from placed o, numbered n
  ), announcements as (
    insert into oms.outbox (aggregate, aggregate_id, seq, type, payload)
    select 'order', o.id, n.announced, n.event ->> 'announce', jsonb_build_object('orderId', o.id,
      'customerId', o.customer_id, 'currency', o.currency, 'occurredAt', now()) || coalesce(n.event -> 'payload', '{}')
    from placed o, numbered n where n.event ? 'announce' order by n.n
  )
  select o.phase, o.wait_until as "until" from placed o`;

export interface PlacedResult {
  readonly phase: OrderPhase;
  readonly until: Date | null;
}

/** Writes a placement; null: the intake was placed already (by a twin of this step). */
export async function insertPlacedOrder(
  tx: Queryable,
  placement: Placement,
): Promise<PlacedResult | null> {
  const { intake, order } = placement;
  const { rows } = await tx.query<PlacedResult & Record<string, unknown>>(INSERT_ORDER, [
    intake.orderId,
    JSON.stringify({ ...order.header, locale: placement.locale }),
    JSON.stringify(order.lines),
    JSON.stringify(placement.findings),
    placement.parts === null ? null : JSON.stringify(placement.parts),
    JSON.stringify(placement.payments),
    placement.status,
    placement.phase,
    placement.paymentMethod,
    placement.customerId,
    placement.cancelReason,
    JSON.stringify(placement.events),
    intake.actorType,
    intake.actorId,
    intake.requestId,
    placement.reviewWait,
  ]);
  return rows[0] ?? null;
}
