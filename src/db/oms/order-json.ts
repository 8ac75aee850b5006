/**
 * Parts of the statements that build documents as JSON. Every one expects its table under a fixed alias: orders `o`,
 * lines `l`, fulfilment orders `f`, shipments `s`, payments `p`.
 */

/** What a list shows of an order, and the facts behind `waitingFor` and `allowedActions`. */
export const ORDER_ITEM_JSON = `jsonb_build_object(
    'id', o.id, 'orderNo', o.order_no, 'version', o.version, 'channel', o.channel, 'externalId', o.external_id,
    'origin', o.origin, 'status', o.status, 'paymentStatus', o.payment_status,
    'allocationStatus', o.allocation_status, 'fulfillmentStatus', o.fulfillment_status, 'stage', o.stage,
    'currency', o.currency, 'taxIncluded', o.tax_included, 'subtotalMinor', o.subtotal_minor,
    'discountMinor', o.discount_minor, 'shippingMinor', o.shipping_minor, 'shippingTaxMinor', o.shipping_tax_minor,
    'taxMinor', o.tax_minor, 'totalMinor', o.total_minor, 'currentTotalMinor', o.current_total_minor,
    'shippingMethod', o.shipping_method, 'paymentMethod', o.payment_method, 'customerId', o.customer_id)
  || jsonb_build_object(
    'customerName', o.customer_name, 'email', o.email, 'phone', o.phone, 'locale', o.locale, 'priority', o.priority,
    'promisedBy', oms.iso(o.promised_by), 'note', o.note, 'cancelReason', o.cancel_reason,
    'placedAt', oms.iso(o.placed_at), 'confirmedAt', oms.iso(o.confirmed_at),
    'completedAt', oms.iso(o.completed_at), 'canceledAt', oms.iso(o.canceled_at),
    'archivedAt', oms.iso(o.archived_at), 'createdAt', oms.iso(o.created_at), 'updatedAt', oms.iso(o.updated_at),
    'workflowId', o.workflow_id,
    'amounts', (select jsonb_build_object('authorizedMinor', a.authorized, 'capturedMinor', a.captured,
        'refundedMinor', a.refunded, 'balanceDueMinor', greatest(0, o.current_total_minor - a.captured),
        'voidedMinor', a.voided, 'pendingRefundMinor', a.pending, 'disputedMinor', a.disputed,
        'refundableMinor', greatest(0, a.captured - a.refunded - a.pending - a.disputed))
      from (select coalesce(sum(p.authorized_minor), 0) as authorized, coalesce(sum(p.captured_minor), 0) as captured,
          coalesce(sum(p.refunded_minor), 0) as refunded, coalesce(sum(p.voided_minor), 0) as voided,
          coalesce(sum(p.refund_pending_minor), 0) as pending, coalesce(sum(p.disputed_minor), 0) as disputed
        from oms.payments p where p.order_id = o.id) a),
    'facts', jsonb_build_object('phase', o.phase, 'waitCode', o.wait_code, 'waitDetail', o.wait_detail,
      'waitSince', oms.iso(o.wait_since), 'waitUntil', oms.iso(o.wait_until),
      'exceptions', (select jsonb_build_object('since', oms.iso(min(s.exception_since)),
          'kinds', coalesce(jsonb_agg(distinct s.exception), '[]'))
        from oms.shipments s where s.order_id = o.id and s.exception is not null),
      'hold', (select jsonb_build_object('active', count(*), 'since', oms.iso(min(h.placed_at)),
          'types', coalesce(jsonb_agg(distinct h.type), '[]'))
        from oms.order_holds h where h.order_id = o.id and h.status = 'active'),
      'work', (select jsonb_build_object(
          'since', oms.iso(min(w.created_at) filter (where w.status <> 'closed')),
          'locations', coalesce(jsonb_agg(distinct w.location) filter (where w.status <> 'closed'), '[]'),
          'handedOverAt', oms.iso(max(w.handed_over_at)))
        from oms.fulfillment_orders w where w.order_id = o.id and w.status <> 'canceled')))`;

/** Order `o` is not handed over yet, and its promise is near. */
export const IS_AT_RISK = `o.phase in ('review', 'reserve', 'pay', 'fulfill') and o.promised_by - (
    select (p.value #>> '{}')::interval from oms.policies p
    where p.key = 'promiseRiskLead' and jsonb_typeof(p.value) = 'string') <= now()`;

const LINE_JSON = `jsonb_build_object('id', l.id, 'lineNo', l.line_no, 'sku', l.sku, 'knownSku', l.known_sku,
    'title', l.title, 'quantity', l.qty_ordered, 'unitPriceMinor', l.unit_price_minor,
    'discountMinor', l.discount_minor, 'taxMinor', l.tax_minor, 'taxRate', trim_scale(l.tax_rate)::text,
    'taxCategory', l.tax_category, 'totalMinor', l.total_minor, 'weightGrams', l.weight_grams,
    'requiresShipping', l.requires_shipping, 'substituteFor', l.substitute_for, 'canceled', l.qty_canceled,
    'allocated', l.qty_allocated, 'fulfilled', l.qty_fulfilled, 'shipped', l.qty_shipped,
    'delivered', l.qty_delivered, 'returnRequested', l.qty_return_requested, 'returned', l.qty_returned,
    'returnRejected', l.qty_return_rejected, 'refunded', l.qty_refunded)
  || jsonb_build_object('discounts', (select coalesce(jsonb_agg(jsonb_build_object('code', a.code, 'type', a.type,
      'valuePercent', a.value_percent, 'amountMinor', a.amount_minor) order by a.id), '[]')
    from oms.order_line_adjustments a where a.order_line_id = l.id))`;

/** Also needs the order under `o`. */
export const FULFILLMENT_JSON = `jsonb_build_object('id', f.id, 'orderId', f.order_id, 'orderNo', o.order_no,
    'location', f.location, 'status', f.status, 'backorder', f.backorder, 'priority', f.priority, 'promisedBy', oms.iso(f.promised_by),
    'packedAt', oms.iso(f.packed_at), 'handedOverAt', oms.iso(f.handed_over_at),
    'createdAt', oms.iso(f.created_at), 'updatedAt', oms.iso(f.updated_at),
    'isHeld', exists (select from oms.order_holds h where h.order_id = f.order_id and h.status = 'active'),
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('lineId', w.order_line_id, 'sku', w.sku,
        'quantity', w.quantity, 'picked', w.picked, 'packed', w.packed) order by k.line_no), '[]')
      from oms.fulfillment_order_lines w join oms.order_lines k on k.id = w.order_line_id
      where w.fulfillment_order_id = f.id and w.quantity > 0))`;

export const SHIPMENT_JSON = `jsonb_build_object('id', s.id, 'orderId', s.order_id,
    'fulfillmentOrderId', s.fulfillment_order_id, 'carrier', s.carrier, 'service', s.service,
    'trackingNo', s.tracking_no, 'labelUrl', s.label_url, 'status', s.status, 'eta', oms.iso(s.eta),
    'weightGrams', s.weight_grams, 'shippedAt', oms.iso(s.shipped_at), 'deliveredAt', oms.iso(s.delivered_at),
    'createdAt', oms.iso(s.created_at), 'failedAttempts', s.failed_attempts, 'exception', s.exception,
    'givenUpAs', s.given_up_as, 'interceptedAt', oms.iso(s.intercepted_at),
    'items', (select coalesce(jsonb_agg(jsonb_build_object('lineId', i.order_line_id, 'quantity', i.quantity)), '[]')
      from oms.shipment_items i where i.shipment_id = s.id))`;

/** Invoices and credit notes of the order under `o`. */
const DOCUMENTS_JSON = `(select coalesce(jsonb_agg(d.document order by d.at), '[]') from (
        select jsonb_build_object('id', i.id, 'kind', 'invoice', 'status', i.status, 'number', i.invoice_no,
          'totalMinor', i.total_minor) as document, i.issued_at as at from oms.invoices i where i.order_id = o.id
        union all
        select jsonb_build_object('id', c.id, 'kind', 'credit_note', 'status', c.status, 'number', c.credit_note_no,
          'totalMinor', c.total_minor), c.issued_at from oms.credit_notes c where c.order_id = o.id) d)`;
export const PAYMENT_JSON = `jsonb_build_object('id', p.id, 'method', p.method, 'provider', p.provider,
        'reference', p.reference, 'status', p.status, 'authorizedMinor', p.authorized_minor,
        'capturedMinor', p.captured_minor, 'refundedMinor', p.refunded_minor, 'voidedMinor', p.voided_minor,
        'idempotencyKey', p.idempotency_key, 'failureCode', p.failure_code, 'multicapture', p.method = 'card' and p.multicapture,
        'expiresAt', oms.iso(p.expires_at), 'createdAt', oms.iso(p.created_at))`;

/** The complete order; takes the place of the item's flat customer fields. */
export const ORDER_JSON = `${ORDER_ITEM_JSON} - 'customerName' - 'email' - 'phone' - 'locale'
  || jsonb_build_object(
    'customer', jsonb_build_object('name', o.customer_name, 'email', o.email, 'phone', o.phone, 'locale', o.locale),
    'shippingAddress', o.ship_to, 'billingAddress', o.bill_to, 'presentment', o.presentment,
    'fees', coalesce(o.source_metadata -> 'fees', '[]'), 'exchangeOf', o.source_metadata -> 'exchangeOf',
    'resendOf', o.source_metadata #>> '{resendOf,orderId}',
    'promise', jsonb_build_object('promisedBy', oms.iso(o.promised_by), 'state', case
      when o.promised_by is null or o.status = 'canceled' then 'none'
      when o.promised_by < case when o.phase in ('track', 'complete', 'over') then (
        select max(f.handed_over_at) from oms.fulfillment_orders f where f.order_id = o.id) else now() end then 'missed'
      when ${IS_AT_RISK} then 'at_risk'
      else 'ok' end),
    'lines', (select coalesce(jsonb_agg(${LINE_JSON} order by l.line_no), '[]')
      from oms.order_lines l where l.order_id = o.id),
    'holds', (select coalesce(jsonb_agg(jsonb_build_object('id', h.id, 'type', h.type, 'reason', h.reason,
        'source', h.source, 'status', h.status, 'placedBy', h.placed_by, 'placedAt', oms.iso(h.placed_at),
        'releasedBy', h.released_by, 'releasedAt', oms.iso(h.released_at), 'releaseReason', h.release_reason)
        order by h.placed_at, h.id), '[]')
      from oms.order_holds h where h.order_id = o.id),
    'findings', (select coalesce(jsonb_agg(jsonb_build_object('code', n.code, 'verdict', n.verdict, 'rule', n.rule,
        'detail', n.detail, 'status', n.status, 'decidedBy', n.decided_by, 'decidedAt', oms.iso(n.decided_at))
        order by n.id), '[]')
      from oms.order_findings n where n.order_id = o.id),
    'fulfillmentOrders', (select coalesce(jsonb_agg(${FULFILLMENT_JSON} order by f.id), '[]')
      from oms.fulfillment_orders f where f.order_id = o.id),
    'shipments', (select coalesce(jsonb_agg(${SHIPMENT_JSON} order by s.id), '[]')
      from oms.shipments s where s.order_id = o.id and s.booking_status <> 'pending'),
    'payments', (select coalesce(jsonb_agg(${PAYMENT_JSON} order by p.seq), '[]')
      from oms.payments p where p.order_id = o.id),
    'returns', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'status', r.status,
        'kind', r.kind) order by r.id), '[]')
      from oms.returns r where r.order_id = o.id),
    'refunds', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'status', r.status,
        'amountMinor', r.amount_minor, 'kind', r.destination) order by r.id), '[]')
      from oms.refunds r where r.order_id = o.id),
    'invoices', ${DOCUMENTS_JSON},
    'disputes', (select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'status', d.status,
        'amountMinor', d.amount_minor, 'kind', d.reason) order by d.id), '[]')
      from oms.disputes d where d.order_id = o.id))`;
