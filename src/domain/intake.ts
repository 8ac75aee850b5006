import type { ApiIntake, Basket, ShopifyIntake } from './intake-body';
import type {
  CatalogueFacts,
  IntakeFacts,
  PlacedHeader,
  PlacedLine,
  PlacedOrder,
  PlacedPayment,
} from './intake-facts';
import { priceOrder, type PricedLine, type PricedOrder, type PricingLine } from './pricing';
import { documentFinding, type Finding, type ReviewFacts } from './review';
import { resolveTaxRates, STANDARD_TAX_CATEGORY } from './tax';

const SHIPPING_TAX_CATEGORY = 'shipping';
const NO_CREDIT = { askedMinor: 0, takenMinor: 0 };

/**
 * Prices a basket by the catalogue; a line's own price counts before the catalogue's. The caller has
 * checked that every SKU is known and priced: what is missing after all counts as 0.
 */
export function priceBasket(basket: Basket, catalogue: CatalogueFacts): PricedOrder {
  const lines = basket.lines.map((line, index) => toPricingLine(line, index, catalogue));
  const shippingTaxCategory = catalogue.shipping?.taxCategory ?? SHIPPING_TAX_CATEGORY;
  const categories = [...lines.map((line) => line.taxCategory), shippingTaxCategory];
  const { country, region } = basket.shippingAddress;
  const place = { country: country ?? '', region: region?.toUpperCase() ?? null };
  return priceOrder({
    currency: basket.currency,
    taxIncluded: catalogue.pricesIncludeTax,
    lines,
    discounts: basket.discounts,
    shipping: {
      code: basket.shippingMethod,
      priceMinor: catalogue.shipping?.priceMinor ?? 0,
      taxCategory: shippingTaxCategory,
    },
    taxRates: resolveTaxRates(catalogue.taxRates, place, categories),
  });
}

function toPricingLine(
  line: Basket['lines'][number],
  index: number,
  catalogue: CatalogueFacts,
): PricingLine {
  const product = catalogue.products.find((candidate) => candidate.sku === line.sku);
  return {
    lineNo: index + 1,
    sku: line.sku,
    title: product?.title ?? line.sku,
    taxCategory: product?.taxCategory ?? STANDARD_TAX_CATEGORY,
    quantity: line.quantity,
    unitPriceMinor: line.unitPriceMinor ?? product?.priceMinor ?? 0,
    weightGrams: product?.weightGrams ?? 0,
  };
}

/**
 * Turns an intake into the rows of an order. Pure: the same facts give the same order. Nothing is refused
 * here any more: a defect becomes a finding that holds the order in review.
 */
export function toPricedOrder(facts: IntakeFacts): PlacedOrder {
  const { body } = facts;
  return body.source === 'api' ? placeApiOrder(body, facts) : placeShopifyOrder(body, facts);
}

/** What the review rules look at. `isCustomerBlocked` is the CRM's word. */
export function toReviewFacts(
  facts: IntakeFacts,
  order: PlacedOrder,
  isCustomerBlocked: boolean,
): ReviewFacts {
  return {
    currency: order.header.currency,
    totalMinor: order.header.totalMinor,
    isFirstOrder: !facts.history.hasEarlierOrder,
    isCustomerBlocked,
    shippingCountry: order.header.shipTo?.country ?? null,
    billingCountry: order.header.billTo?.country ?? null,
    lines: order.lines,
    ordersInWindow: facts.history.ordersInWindow,
    extraFindings: order.findings,
  };
}

function placeApiOrder(body: ApiIntake, facts: IntakeFacts): PlacedOrder {
  const catalogue = catalogueOf(body, facts);
  const priced = priceBasket(body, catalogue);
  const lines = priced.lines.map((line) => fromPricedLine(line, body, catalogue));
  return {
    header: apiHeader(body, priced, facts),
    lines,
    payment: body.payment,
    storeCredit: askedCredit(body, priced.totalMinor),
    entry: 'open',
    findings: [
      ...findUnknownSkus(lines),
      ...(body.resendOf === undefined ? findLostPrices(body, catalogue) : []),
    ],
  };
}

function askedCredit({ payment }: ApiIntake, totalMinor: number): PlacedOrder['storeCredit'] {
  if (payment.method === 'exchange_credit') return NO_CREDIT;
  const askedMinor = Math.min(payment.storeCreditMinor ?? 0, totalMinor);
  return { askedMinor, takenMinor: 0 };
}

/** What is exchanged or sent again travels without a charge. */
function catalogueOf({ payment, resendOf }: ApiIntake, { catalogue }: IntakeFacts): CatalogueFacts {
  const isFree = payment.method === 'exchange_credit' || resendOf !== undefined;
  if (!isFree || catalogue.shipping === null) return catalogue;
  return { ...catalogue, shipping: { ...catalogue.shipping, priceMinor: 0 } };
}

/** What the order follows from, where it is not a customer's own. */
function toOrigin({
  payment,
  resendOf,
}: ApiIntake): Pick<PlacedHeader, 'origin' | 'sourceMetadata'> {
  if (payment.method === 'exchange_credit')
    return { origin: 'exchange', sourceMetadata: { exchangeOf: payment.exchangeOf } };
  if (resendOf !== undefined) return { origin: 'resend', sourceMetadata: { resendOf } };
  return { origin: 'checkout', sourceMetadata: {} };
}

function apiHeader(body: ApiIntake, priced: PricedOrder, facts: IntakeFacts): PlacedHeader {
  const exchange = body.payment.method === 'exchange_credit' ? body.payment : null;
  return {
    currency: priced.currency,
    taxIncluded: priced.taxIncluded,
    subtotalMinor: priced.subtotalMinor,
    discountMinor: priced.discountMinor,
    shippingMinor: priced.shippingMinor,
    shippingTaxMinor: priced.shippingTaxMinor,
    shippingTaxRate: priced.shippingTaxRate,
    taxMinor: priced.taxMinor,
    totalMinor: priced.totalMinor,
    shippingMethod: body.shippingMethod,
    presentment: null,
    customer: { ...body.customer, externalId: null },
    isEmailVerified: exchange !== null || facts.trustedChannels.includes(body.channel),
    locale: body.customer.locale,
    shipTo: body.shippingAddress,
    billTo: body.billingAddress,
    priority: body.priority,
    promisedBy: body.promisedBy,
    placedAt: body.placedAt ?? facts.intake.createdAt,
    note: body.note,
    ...toOrigin(body),
    canceledAt: null,
    cancelReason: null,
    completedAt: null,
  };
}

function fromPricedLine(line: PricedLine, body: ApiIntake, catalogue: CatalogueFacts): PlacedLine {
  return {
    lineNo: line.lineNo,
    sku: line.sku,
    isKnownSku: isKnown(line.sku, catalogue),
    externalLineId: null,
    title: line.title,
    quantity: line.quantity,
    unitPriceMinor: line.unitPriceMinor,
    discounts: line.discounts.map((discount) => ({
      source: 'merchant',
      code: discount.code,
      type: discount.type,
      valuePercent: discount.type === 'percent' ? percentOf(discount.code, body) : null,
      amountMinor: discount.amountMinor,
    })),
    discountMinor: line.discountMinor,
    taxMinor: line.taxMinor,
    taxRate: line.taxRate,
    taxCategory: line.taxCategory,
    totalMinor: line.totalMinor,
    weightGrams: line.weightGrams,
    requiresShipping: true,
  };
}

function percentOf(code: string, body: ApiIntake): number | null {
  const named = body.discounts.filter((discount) => discount.code === code);
  const percent = named.find((discount) => discount.type === 'percent');
  return percent?.valuePercent ?? null;
}

function placeShopifyOrder(body: ShopifyIntake, facts: IntakeFacts): PlacedOrder {
  const lines = body.lines.map((line, index): PlacedLine => {
    const product = facts.catalogue.products.find((candidate) => candidate.sku === line.sku);
    return {
      ...line,
      lineNo: index + 1,
      isKnownSku: product !== undefined,
      discounts: line.discounts.map((discount) => ({
        source: 'shopify',
        code: discount.code,
        type: 'fixed',
        valuePercent: null,
        amountMinor: discount.amountMinor,
      })),
      taxCategory: product?.taxCategory ?? STANDARD_TAX_CATEGORY,
      weightGrams: line.weightGrams === 0 ? (product?.weightGrams ?? 0) : line.weightGrams,
    };
  });
  const inconsistent = body.inconsistencies.map((detail) =>
    documentFinding('totals_inconsistent', detail),
  );
  return {
    header: shopifyHeader(body, facts),
    lines,
    payment: shopifyPayment(body),
    storeCredit: NO_CREDIT,
    entry: body.entry,
    findings: [...findUnknownSkus(lines), ...joinDetails(inconsistent)],
  };
}

function shopifyHeader(body: ShopifyIntake, facts: IntakeFacts): PlacedHeader {
  const placedAt = body.placedAt ?? facts.intake.createdAt;
  const { isEmailVerified, ...customer } = body.customer;
  return {
    currency: body.currency,
    taxIncluded: body.taxIncluded,
    subtotalMinor: body.subtotalMinor,
    discountMinor: body.discountMinor,
    shippingMinor: body.shippingMinor,
    shippingTaxMinor: body.shippingTaxMinor,
    shippingTaxRate: body.shippingTaxRate,
    taxMinor: body.taxMinor,
    totalMinor: body.totalMinor,
    shippingMethod: body.shippingMethod,
    presentment: body.presentment,
    customer,
    isEmailVerified: isEmailVerified && facts.trustedChannels.includes(body.channel),
    locale: body.customer.locale,
    shipTo: body.shippingAddress,
    billTo: body.billingAddress,
    priority: body.priority,
    promisedBy: body.promisedBy,
    placedAt,
    note: body.note,
    origin: body.entry === 'open' ? 'checkout' : 'import',
    sourceMetadata: { ...body.metadata, externalNo: body.externalNo, fees: body.fees },
    canceledAt: body.entry === 'canceled' ? (body.canceledAt ?? placedAt) : null,
    cancelReason: body.entry === 'canceled' ? body.cancelReason : null,
    completedAt: body.entry === 'completed' ? (body.closedAt ?? placedAt) : null,
  };
}

function shopifyPayment(body: ShopifyIntake): PlacedPayment {
  const reference = `shopify:${body.externalId}`;
  if (body.sourcePayment === 'paid') return { method: 'prepaid', reference };
  return { method: 'external', sourcePayment: body.sourcePayment, reference };
}

function isKnown(sku: string, catalogue: CatalogueFacts): boolean {
  return catalogue.products.some((product) => product.sku === sku);
}

function findUnknownSkus(lines: readonly PlacedLine[]): Finding[] {
  const unknown = lines.filter((line) => !line.isKnownSku);
  if (unknown.length === 0) return [];
  const names = unknown.map((line) => `line ${String(line.lineNo)} (${line.sku ?? 'no SKU'})`);
  return [documentFinding('unknown_sku', `not in the catalogue: ${names.slice(0, 20).join(', ')}`)];
}

/** A price that was there when the order was accepted and is gone now: somebody must look. */
function findLostPrices(body: ApiIntake, catalogue: CatalogueFacts): Finding[] {
  const isUnpriced = body.lines.some(
    (line) =>
      line.unitPriceMinor === null &&
      catalogue.products.some(({ sku, priceMinor }) => sku === line.sku && priceMinor === null),
  );
  if (!isUnpriced && catalogue.shipping !== null) return [];
  return [
    documentFinding(
      'totals_inconsistent',
      'a price has left the catalogue since the order was accepted',
    ),
  ];
}

/** One finding per code is all an order can have. */
function joinDetails(findings: readonly Finding[]): Finding[] {
  const [first] = findings;
  if (first === undefined) return [];
  return [{ ...first, detail: findings.map((finding) => finding.detail).join('; ') }];
}
