import {
  capRefund,
  type RefundLine,
  type RefundParts,
  spreadOver,
  sumOfRefund,
} from '../../domain/refund';
import type { Queryable } from '../pool';
import {
  type Actor,
  type EventRecord,
  recordChange,
  type Recorded,
  recordingWith,
  runRecording,
} from './record-change';
import { findRefundable, type RefundableOrder } from './refund-facts';

export interface RefundRequest extends RefundParts {
  readonly orderId: string;
  /** One cause asks once: the same key again answers with the first refund. */
  readonly causeKey: string | null;
  readonly reason: string;
  readonly destination: 'original' | 'store_credit' | 'exchange';
  readonly returnId?: string;
  readonly disputeId?: string;
  readonly exchangeOrderId?: string;
  /** The refund into an exchange that it is a part of: its credit note counts for this one. */
  readonly replaces?: string;
  readonly lines: readonly RefundLine[];
  /** The lines' units were canceled, never handed over: they do not count as refunded units of what was. */
  readonly isOfCanceled?: boolean;
  readonly needsApproval: boolean;
  readonly requestedBy: Actor;
  readonly requestedStaff?: string | null;
  readonly requestId: string | null;
  /** More than what is refundable is no refund at all (null) instead of a smaller one. */
  readonly isExact?: boolean;
}

export interface CreatedRefund {
  readonly refundId: string;
  readonly amountMinor: number;
}

interface Inserted extends Recorded {
  readonly refundId: string;
  readonly taken: number;
}

/** `$11` is the refund, `$12` its lines, `$13` the shares of the payments. */
const CREATE = recordingWith(
  `refund as (
    insert into oms.refunds (id, order_id, return_id, dispute_id, cause_key, destination, currency, amount_minor,
      shipping_minor, shipping_tax_minor, adjustment_minor, is_of_canceled, reason, needs_approval, exchange_order_id, replaces,
      requested_by_type, requested_by, requested_staff, request_id, wait_code, wait_detail, wait_since)
    select r.id, ord.id, r."returnId", r."disputeId", r."causeKey", r.destination, r.currency, r."amountMinor",
      r."shippingMinor", r."shippingTaxMinor", r."adjustmentMinor", r."isOfCanceled", r.reason, r."needsApproval",
      r."exchangeOrderId", r.replaces, $6::text, $7::text, r."requestedStaff", $8::text,
      case when r."needsApproval" then 'refund_approval' end,
      case when r."needsApproval" then 'another person must approve the refund' end,
      case when r."needsApproval" then now() end
    from ord, jsonb_to_record($11::jsonb) as r(id uuid, "returnId" uuid, "disputeId" uuid, "causeKey" text,
      destination text, currency text, "amountMinor" bigint, "shippingMinor" bigint, "shippingTaxMinor" bigint,
      "adjustmentMinor" bigint, "isOfCanceled" boolean, reason text, "needsApproval" boolean, "exchangeOrderId" uuid,
      replaces uuid, "requestedStaff" text)
    returning id, order_id, workflow_id, destination, is_of_canceled, amount_minor
  ), lines as (
    insert into oms.refund_lines (refund_id, order_line_id, quantity, item_minor, tax_minor)
    select r.id, l."lineId", l.quantity, l."itemMinor", l."taxMinor"
    from refund r, jsonb_to_recordset($12::jsonb) as l("lineId" uuid, quantity int, "itemMinor" bigint, "taxMinor" bigint)
  ), taken as (
    update oms.payments p set refund_pending_minor = p.refund_pending_minor + s."amountMinor", updated_at = now()
    from jsonb_to_recordset($13::jsonb) as s(id uuid, "amountMinor" bigint)
    where p.id = s.id
      and p.captured_minor - p.refunded_minor - p.refund_pending_minor - p.disputed_minor >= s."amountMinor"
    returning p.id, p.seq, p.method, s."amountMinor" as amount_minor
  ), shares as (
    insert into oms.refund_payments (refund_id, payment_id, amount_minor, way, idempotency_key)
    select r.id, t.id, t.amount_minor, case
        when r.destination <> 'original' then r.destination
        when t.method = 'card' then 'gateway'
        when t.method = 'exchange_credit' and r.is_of_canceled then 'exchange'
        when t.method in ('store_credit', 'exchange_credit') then 'store_credit'
        else 'outside' end,
      'refund:' || r.id || ':' || t.seq
    from refund r, taken t
  ), wake as (
    insert into oms.wakes (workflow_id, kind, ref) select workflow_id, 'refund_created', id::text from refund
  ),`,
  {
    result: `(select count(*)::int from taken) as taken, (select oms.announce('refund', r.id, 'refund.created',
      jsonb_build_object('orderId', r.order_id, 'refundId', r.id, 'customerId', m.customer_id, 'currency', m.currency,
        'amountMinor', r.amount_minor)) from refund r) as told`,
  },
);

/**
 * Asks for a refund, in the caller's transaction and with the order's row locked: its parts, its share of each payment
 * (oldest first, each at most its rest), the cap taken of them, the event, the announcement, and the wake that starts
 * `refund/{id}`. At most what is refundable: more is cut (event `refund_capped`). Null: nothing is refundable. Repeatable
 * by `causeKey`; without one every call is a refund of its own.
 */
export async function createRefund(
  tx: Queryable,
  request: RefundRequest,
): Promise<CreatedRefund | null> {
  const known = await findRefundByCause(tx, request.causeKey);
  if (known !== null) return known;
  const order = await findRefundable(tx, request.orderId);
  if (order === null) throw new Error('the order to refund does not exist');
  const askedMinor = sumOfRefund(request, order.isTaxIncluded);
  const amountMinor = Math.min(askedMinor, order.refundableMinor);
  const isExact = request.isExact === true;
  if (amountMinor === 0 || (isExact && amountMinor < askedMinor)) {
    if (askedMinor > 0 && !isExact) await recordNothingLeft(tx, request, askedMinor);
    return null;
  }
  const parts = capRefund(request, amountMinor, order.isTaxIncluded);
  return insertRefund(tx, request, order, { parts, askedMinor, amountMinor });
}

/** The refund that a cause has asked for already. */
export async function findRefundByCause(
  tx: Queryable,
  causeKey: string | null,
): Promise<CreatedRefund | null> {
  if (causeKey === null) return null;
  const { rows } = await tx.query<CreatedRefund & Record<string, unknown>>(
    `select id as "refundId", amount_minor as "amountMinor" from oms.refunds where cause_key = $1::text`,
    [causeKey],
  );
  return rows[0] ?? null;
}

function cappedEvent(
  refundId: string | null,
  askedMinor: number,
  amountMinor: number,
): EventRecord {
  return { type: 'refund_capped', data: { refundId, askedMinor, amountMinor } };
}

async function recordNothingLeft(
  tx: Queryable,
  request: RefundRequest,
  askedMinor: number,
): Promise<void> {
  await recordChange(tx, {
    ...toChange(request),
    events: [{ reason: request.reason, ...cappedEvent(null, askedMinor, 0) }],
  });
}

function toChange({ orderId, requestedBy, requestId }: RefundRequest) {
  return { orderId, actor: requestedBy, requestId };
}

interface Figures {
  readonly parts: RefundParts;
  readonly askedMinor: number;
  readonly amountMinor: number;
}

async function insertRefund(
  tx: Queryable,
  request: RefundRequest,
  order: RefundableOrder,
  { parts, askedMinor, amountMinor }: Figures,
): Promise<CreatedRefund> {
  const refundId = await newRefundId(tx);
  const { payments } = order;
  const spread = spreadOver(
    amountMinor,
    payments.map(({ restMinor }) => restMinor),
  );
  const shares = payments
    .map(({ id }, n) => ({ id, amountMinor: spread[n] ?? 0 }))
    .filter((share) => share.amountMinor > 0);
  const { reason, destination } = request;
  const created: EventRecord = {
    type: 'refund_created',
    reason,
    data: { refundId, amountMinor, destination },
  };
  const isCapped = amountMinor < askedMinor;
  const events = isCapped ? [cappedEvent(refundId, askedMinor, amountMinor), created] : [created];
  const { lines, ...amounts } = parts;
  const inserted = await runRecording<Inserted>(tx, CREATE, { ...toChange(request), events }, [
    JSON.stringify({
      ...{ id: refundId, amountMinor, ...amounts, currency: order.currency, reason, destination },
      causeKey: request.causeKey,
      needsApproval: request.needsApproval,
      isOfCanceled: request.isOfCanceled ?? false,
      returnId: request.returnId ?? null,
      disputeId: request.disputeId ?? null,
      exchangeOrderId: request.exchangeOrderId ?? null,
      replaces: request.replaces ?? null,
      requestedStaff: request.requestedStaff ?? null,
    }),
    JSON.stringify(lines),
    JSON.stringify(shares),
  ]);
  if (inserted.taken !== shares.length) throw new Error('a payment has less left than was read');
  return { refundId, amountMinor };
}

async function newRefundId(tx: Queryable): Promise<string> {
  const { rows } = await tx.query<{ id: string }>('select uuidv7() as id');
  const [row] = rows;
  if (row === undefined) throw new Error('no id');
  return row.id;
}
