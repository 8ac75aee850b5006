import { minorToDecimal, prorate } from '../../domain/money';
import { taxOf } from '../../domain/tax';
import type { StorefrontAddress, StorefrontLine, StorefrontOrder } from './storefront-request';

/** What a new document is given from outside. */
export interface StorefrontIdentity {
  readonly id: number;
  readonly orderNumber: number;
  readonly at: string;
}

/** Writes amounts as the shop does: decimal strings, with the customer's currency beside the shop's. */
function createMoney(order: StorefrontOrder) {
  const { currency } = order;
  const presentment = order.presentment ?? { currency, rate: 1 };
  return {
    presentmentCurrency: presentment.currency,
    text: (minor: number) => minorToDecimal(minor, currency),
    set: (minor: number) => ({
      shop_money: { amount: minorToDecimal(minor, currency), currency_code: currency },
      presentment_money: {
        amount: minorToDecimal(Math.round(minor * presentment.rate), presentment.currency),
        currency_code: presentment.currency,
      },
    }),
  };
}
type Money = ReturnType<typeof createMoney>;

function toTaxLine(money: Money, taxMinor: number, rate: string) {
  const title = 'Sales Tax';
  return { title, rate: Number(rate), price: money.text(taxMinor), price_set: money.set(taxMinor) };
}

interface PricedLine extends StorefrontLine {
  readonly discountMinor: number;
  readonly taxMinor: number;
}

function priceLines(order: StorefrontOrder): PricedLine[] {
  const values = order.lines.map((line) => line.unitPriceMinor * line.quantity);
  const subtotal = values.reduce((sum, value) => sum + value, 0);
  const discounts = prorate(Math.min(order.discountMinor, subtotal), values);
  return order.lines.map((line, index) => {
    const discountMinor = discounts[index] ?? 0;
    const netMinor = (values[index] ?? 0) - discountMinor;
    return {
      ...line,
      discountMinor,
      taxMinor: taxOf(netMinor, order.taxRate, order.taxesIncluded),
    };
  });
}

function toLineItem(
  line: PricedLine,
  id: number,
  { money, taxRate }: { money: Money; taxRate: string },
) {
  const title = line.title ?? line.sku ?? 'Gift';
  const allocation = {
    amount: money.text(line.discountMinor),
    amount_set: money.set(line.discountMinor),
    discount_application_index: 0,
  };
  return {
    ...{ id, sku: line.sku, title, name: title, quantity: line.quantity, grams: line.grams },
    ...{ price: money.text(line.unitPriceMinor), price_set: money.set(line.unitPriceMinor) },
    ...{
      product_id: line.sku === null ? null : id + 1,
      variant_id: line.sku === null ? null : id + 2,
    },
    ...{ product_exists: line.sku !== null, gift_card: false, taxable: true, vendor: null },
    ...{ requires_shipping: line.requiresShipping, fulfillment_service: 'manual' },
    ...{ fulfillable_quantity: line.quantity, fulfillment_status: null, properties: [] },
    ...{ total_discount: '0.00', discount_allocations: line.discountMinor > 0 ? [allocation] : [] },
    tax_lines: [toTaxLine(money, line.taxMinor, taxRate)],
  };
}

function toAddress(address: StorefrontAddress | null) {
  if (address === null) return null;
  const [firstName = '', ...rest] = address.name.split(' ');
  return {
    ...{ name: address.name, first_name: firstName, last_name: rest.join(' '), company: null },
    ...{ address1: address.line1, address2: address.line2, city: address.city, phone: null },
    ...{ zip: address.postalCode, province: address.region, province_code: address.region },
    ...{ country: address.country, country_code: address.country },
  };
}

function toCustomer(order: StorefrontOrder, id: number) {
  const { email, phone } = order;
  const names = { first_name: order.firstName, last_name: order.lastName };
  return { id, email, phone, ...names, verified_email: true, state: 'enabled', tags: '' };
}

function toShippingLine(order: StorefrontOrder, money: Money, taxMinor: number) {
  const { shippingMinor, shippingCode } = order;
  return {
    ...{ code: shippingCode, title: shippingCode, source: 'shopify', discount_allocations: [] },
    ...{ price: money.text(shippingMinor), price_set: money.set(shippingMinor) },
    ...{
      discounted_price: money.text(shippingMinor),
      discounted_price_set: money.set(shippingMinor),
    },
    tax_lines: [toTaxLine(money, taxMinor, order.taxRate)],
  };
}

function toDiscounts(order: StorefrontOrder, money: Money) {
  if (order.discountMinor === 0) return { discount_codes: [], discount_applications: [] };
  const amount = money.text(order.discountMinor);
  const code = order.discountCode;
  const target = { target_type: 'line_item', target_selection: 'all', allocation_method: 'across' };
  return {
    discount_codes: [{ code, amount, type: 'fixed_amount' }],
    discount_applications: [
      { type: 'discount_code', code, value: amount, value_type: 'fixed_amount', ...target },
    ],
  };
}

/** Each total as a string and, as `…_set`, in both currencies. */
function toTotals(amounts: Readonly<Record<string, number>>, money: Money) {
  const totals: Record<string, unknown> = {};
  for (const [name, minor] of Object.entries(amounts)) {
    totals[name] = money.text(minor);
    totals[`${name}_set`] = money.set(minor);
  }
  return totals;
}

/** An order document in the shape of Shopify's webhooks, whose lines add up to its totals. Pure. */
export function buildStorefrontDocument(order: StorefrontOrder, identity: StorefrontIdentity) {
  const money = createMoney(order);
  const lines = priceLines(order);
  const sum = (pick: (line: PricedLine) => number) => lines.reduce((s, l) => s + pick(l), 0);
  const itemsMinor = sum((line) => line.unitPriceMinor * line.quantity);
  const discountMinor = sum((line) => line.discountMinor);
  const shippingTaxMinor = taxOf(order.shippingMinor, order.taxRate, order.taxesIncluded);
  const taxMinor = sum((line) => line.taxMinor) + shippingTaxMinor;
  const subtotalMinor = itemsMinor - discountMinor;
  const addedTaxMinor = order.taxesIncluded ? 0 : taxMinor;
  const totals = toTotals(
    {
      subtotal_price: subtotalMinor,
      total_line_items_price: itemsMinor,
      total_discounts: discountMinor,
      total_tax: taxMinor,
      total_price: subtotalMinor + order.shippingMinor + addedTaxMinor,
    },
    money,
  );
  const { id, orderNumber, at } = identity;
  return {
    ...{ id, admin_graphql_api_id: `gid://shopify/Order/${id}`, name: `#${orderNumber}` },
    ...{ number: orderNumber - 1000, order_number: orderNumber, source_name: 'web', test: false },
    ...{ created_at: at, processed_at: at, updated_at: at, closed_at: null },
    ...{ cancelled_at: null, cancel_reason: null, confirmed: true, fulfillment_status: null },
    ...{ currency: order.currency, presentment_currency: money.presentmentCurrency },
    ...{ email: order.email, contact_email: order.email, phone: order.phone, note: order.note },
    ...{ customer_locale: order.locale, taxes_included: order.taxesIncluded, tags: '' },
    ...{ financial_status: order.financialStatus, payment_gateway_names: ['shopify_payments'] },
    ...totals,
    total_shipping_price_set: money.set(order.shippingMinor),
    ...toDiscounts(order, money),
    tax_lines: [toTaxLine(money, taxMinor, order.taxRate)],
    line_items: lines.map((line, i) =>
      toLineItem(line, id * 10 + i * 3, { money, taxRate: order.taxRate }),
    ),
    shipping_lines: [toShippingLine(order, money, shippingTaxMinor)],
    shipping_address: toAddress(order.shippingAddress),
    billing_address: toAddress(order.billingAddress),
    customer: toCustomer(order, id + 1),
    ...{ fulfillments: [], refunds: [], note_attributes: [] },
  };
}
