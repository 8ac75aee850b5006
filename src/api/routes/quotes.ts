import { z } from 'zod';

import { AmountMinor, CurrencyCode } from '../../contracts/common';
import { CreateQuote } from '../../contracts/intake';
import { loadPricingFacts } from '../../db/oms/pricing-facts';
import type { Basket } from '../../domain/intake-body';
import { priceBasket } from '../../domain/intake';
import { findLacking } from '../../domain/intake-check';
import type { CatalogueFacts } from '../../domain/intake-facts';
import type { PricedOrder } from '../../domain/pricing';
import { toRefusal } from '../accept-order';
import { defineRoute } from '../route';

const QuoteLine = z.object({
  lineNo: z.int(),
  sku: z.string(),
  title: z.string(),
  quantity: z.int(),
  unitPriceMinor: AmountMinor,
  discountMinor: AmountMinor,
  taxMinor: AmountMinor,
  taxRate: z.string(),
  taxCategory: z.string(),
  totalMinor: AmountMinor,
});

const Quote = z
  .object({
    currency: CurrencyCode,
    taxIncluded: z.boolean(),
    subtotalMinor: AmountMinor,
    discountMinor: AmountMinor,
    shippingMethod: z.string(),
    shippingMinor: AmountMinor,
    shippingTaxMinor: AmountMinor,
    taxMinor: AmountMinor,
    totalMinor: AmountMinor,
    lines: z.array(QuoteLine),
  })
  .meta({ id: 'Quote' });

const createQuote = defineRoute({
  method: 'post',
  path: '/v1/quotes',
  scope: 'orders:read',
  tag: 'orders',
  summary: 'Prices an order; nothing is stored',
  body: CreateQuote,
  responses: { 200: z.object({ quote: Quote }) },
  handler: async ({ body, deps }) => {
    const catalogue = await loadPricingFacts(deps.oms, toBasket(body));
    const priced = priceChecked(toBasket(body), catalogue);
    return { status: 200, body: { quote: toQuote(priced) } };
  },
});

/** What prices depend on; personal data is not sent to the store for a quote. */
function toBasket({
  currency,
  lines,
  discounts,
  shippingAddress,
  shippingMethod,
}: CreateQuote): Basket {
  return { currency, lines, discounts, shippingAddress, shippingMethod };
}

function priceChecked(basket: Basket, catalogue: CatalogueFacts): PricedOrder {
  const lacking = findLacking(basket, catalogue);
  if (lacking !== null) throw toRefusal(lacking, basket);
  return priceBasket(basket, catalogue);
}

function toQuote(priced: PricedOrder): z.input<typeof Quote> {
  const { shippingCode, lines, ...sums } = priced;
  return { ...sums, shippingMethod: shippingCode, lines: lines.map((line) => ({ ...line })) };
}

export const quoteRoutes = [createQuote];
