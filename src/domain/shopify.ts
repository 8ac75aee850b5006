import {
  addDecimals,
  objectOf,
  objectsOf,
  textOf,
  timeOf,
  type ForeignObject,
} from './foreign-document';
import type { Address, IntakeEntry, ShopifyIntake, SourcePayment } from './intake-body';
import { isCurrency } from './money';
import { createMoneyReader } from './shopify-money';
import { readTotals } from './shopify-totals';

export type ShopifyMapping =
  | { readonly kind: 'order'; readonly body: ShopifyIntake }
  | { readonly kind: 'unusable'; readonly reason: string };

/**
 * Turns Shopify's order document (REST and webhooks; decimal strings) into an intake. The document's own totals win
 * over its lines; where they do not add up the order is taken as given and `inconsistencies` says so. Refuses only
 * what cannot be an order at all: one without id, known currency or lines.
 */
export function toShopifyIntake(document: unknown): ShopifyMapping {
  const order = unwrap(objectOf(document));
  const externalId = readShopifyOrderId(order);
  const currency = textOf(order.currency)?.toUpperCase() ?? '';
  if (externalId === null) return { kind: 'unusable', reason: 'the document has no order id' };
  if (!isCurrency(currency)) return { kind: 'unusable', reason: 'the currency is unknown' };
  if (objectsOf(order.line_items).length === 0)
    return { kind: 'unusable', reason: 'the order has no lines' };
  return { kind: 'order', body: toBody(order, externalId, currency) };
}

/** The numeric id as text, which is the order's `externalId`; null when there is none. */
export function readShopifyOrderId(document: unknown): string | null {
  return textOf(unwrap(objectOf(document)).id, 200);
}

/** What a cancel says, as the part of an intake that it decides. */
export function readShopifyCancel(
  document: unknown,
): Pick<ShopifyIntake, 'entry' | 'canceledAt' | 'cancelReason'> {
  const order = unwrap(objectOf(document));
  const canceledAt = timeOf(order.cancelled_at);
  return { entry: 'canceled', canceledAt, cancelReason: textOf(order.cancel_reason) };
}

/** Webhooks send the order bare, the REST API inside `order`. */
function unwrap(document: ForeignObject): ForeignObject {
  return 'line_items' in document || !('order' in document) ? document : objectOf(document.order);
}

function toBody(order: ForeignObject, externalId: string, currency: string): ShopifyIntake {
  const inconsistencies: string[] = [];
  const totals = readTotals(order, createMoneyReader(currency, inconsistencies));
  const entry = readEntry(order);
  if (entry === 'open' && order.fulfillment_status === 'partial')
    inconsistencies.push('a part of the order was fulfilled at the shop already');
  const isShipped = totals.lines.some((line) => line.requiresShipping);
  return {
    source: 'shopify',
    channel: 'shopify',
    externalId,
    externalNo: textOf(order.name, 100),
    currency,
    placedAt: timeOf(order.processed_at) ?? timeOf(order.created_at),
    customer: readCustomer(order),
    taxIncluded: order.taxes_included === true,
    ...totals,
    inconsistencies: [...new Set(inconsistencies)],
    shippingAddress: readAddress(order.shipping_address),
    billingAddress: readAddress(order.billing_address),
    shippingMethod: isShipped ? readShippingMethod(order) : null,
    sourcePayment: readPayment(order, totals.totalMinor),
    entry,
    canceledAt: timeOf(order.cancelled_at),
    cancelReason: textOf(order.cancel_reason),
    closedAt: timeOf(order.closed_at),
    note: textOf(order.note, 4000),
    priority: 'normal',
    promisedBy: null,
    metadata: readMetadata(order),
  };
}

/** Canceled, fulfilled and refunded documents are history: nothing is left to do for them. */
function readEntry(order: ForeignObject): IntakeEntry {
  if (timeOf(order.cancelled_at) !== null) return 'canceled';
  if (order.fulfillment_status === 'fulfilled') return 'completed';
  const isOver = order.financial_status === 'refunded' || order.financial_status === 'voided';
  return isOver ? 'canceled' : 'open';
}

function readPayment(order: ForeignObject, totalMinor: number): SourcePayment {
  switch (order.financial_status) {
    case 'paid':
    case 'partially_refunded':
    case 'refunded':
      return 'paid';
    case 'authorized':
      return 'authorized';
    default:
      return totalMinor === 0 ? 'paid' : 'awaited';
  }
}

function readCustomer(order: ForeignObject): ShopifyIntake['customer'] {
  const customer = objectOf(order.customer);
  const shipping = objectOf(order.shipping_address);
  const billing = objectOf(order.billing_address);
  const locale = textOf(order.customer_locale, 35);
  return {
    email:
      textOf(order.email, 320) ?? textOf(order.contact_email, 320) ?? textOf(customer.email, 320),
    phone: textOf(order.phone, 50) ?? textOf(customer.phone, 50) ?? textOf(shipping.phone, 50),
    name: nameOf(customer) ?? nameOf(shipping) ?? nameOf(billing),
    locale:
      locale !== null && /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/.test(locale) ? locale : null,
    externalId: textOf(customer.id, 200),
    isEmailVerified: customer.verified_email !== false,
  };
}

function nameOf(person: ForeignObject): string | null {
  const parts = [textOf(person.first_name), textOf(person.last_name)].filter(
    (part) => part !== null,
  );
  return textOf(person.name) ?? textOf(parts.join(' '));
}

function readAddress(value: unknown): Address | null {
  const address = objectOf(value);
  const line1 = textOf(address.address1);
  const city = textOf(address.city);
  const country = textOf(address.country_code, 2)?.toUpperCase() ?? null;
  if (line1 === null && city === null && country === null) return null;
  return {
    name: nameOf(address),
    company: textOf(address.company),
    line1: line1 ?? '',
    line2: textOf(address.address2),
    city,
    region: textOf(address.province_code, 100) ?? textOf(address.province, 100),
    postalCode: textOf(address.zip, 32),
    country: country !== null && /^[A-Z]{2}$/.test(country) ? country : null,
    phone: textOf(address.phone, 50),
  };
}

/** Shops name their rates freely; ours are two. What the shopper saw is kept in the metadata. */
function readShippingMethod(order: ForeignObject): string {
  const [line] = objectsOf(order.shipping_lines);
  const words = `${textOf(line?.code) ?? ''} ${textOf(line?.title) ?? ''}`;
  return /express|overnight|priority|next.?day/i.test(words) ? 'express' : 'standard';
}

function readMetadata(order: ForeignObject): Readonly<Record<string, unknown>> {
  const [shipping] = objectsOf(order.shipping_lines);
  return {
    financialStatus: textOf(order.financial_status),
    fulfillmentStatus: textOf(order.fulfillment_status),
    shippingTitle: textOf(shipping?.title),
    sourceName: textOf(order.source_name),
    gateways: Array.isArray(order.payment_gateway_names)
      ? order.payment_gateway_names.map((g) => textOf(g))
      : [],
    tags: textOf(order.tags, 4000),
    isTest: order.test === true,
    noteAttributes: objectsOf(order.note_attributes)
      .slice(0, 100)
      .map((attribute) => ({ name: textOf(attribute.name), value: textOf(attribute.value) })),
    orderTaxRate: addDecimals(objectsOf(order.tax_lines).map((tax) => tax.rate)),
  };
}
