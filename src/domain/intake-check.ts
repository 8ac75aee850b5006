import type { Basket } from './intake-body';
import type { CatalogueFacts } from './intake-facts';

/** What the catalogue lacks for an order; indexes are those of the lines. */
export interface Lacking {
  readonly unknownLines: readonly number[];
  readonly unpricedLines: readonly number[];
  readonly hasShippingMethod: boolean;
  /** The method exists, in other currencies. */
  readonly hasShippingMethodElsewhere: boolean;
  readonly isTooLarge: boolean;
}

/** Bounds an order's goods so that tax on top of them stays a safe integer. */
export const MAX_GOODS_MINOR = 100_000_000_000_000;

/** What the catalogue lacks for a basket; null when it can be priced. */
export function findLacking(basket: Basket, catalogue: CatalogueFacts): Lacking | null {
  const facts = basket.lines.map((line) => {
    const product = catalogue.products.find(({ sku, active }) => sku === line.sku && active);
    const priceMinor = line.unitPriceMinor ?? product?.priceMinor ?? null;
    return { isKnown: product !== undefined, priceMinor, quantity: line.quantity };
  });
  const goods = facts.reduce(
    (sum, { priceMinor, quantity }) => sum + (priceMinor ?? 0) * quantity,
    0,
  );
  const lacking: Lacking = {
    unknownLines: indexesOf(facts, ({ isKnown }) => !isKnown),
    unpricedLines: indexesOf(facts, ({ isKnown, priceMinor }) => isKnown && priceMinor === null),
    hasShippingMethod: catalogue.shipping !== null,
    hasShippingMethodElsewhere: catalogue.hasShippingMethodElsewhere,
    isTooLarge: goods > MAX_GOODS_MINOR,
  };
  return isLacking(lacking) ? lacking : null;
}

/** Does anything keep the order from being priced? */
export function isLacking(lacking: Lacking): boolean {
  return (
    lacking.unknownLines.length > 0 ||
    lacking.unpricedLines.length > 0 ||
    !lacking.hasShippingMethod ||
    lacking.isTooLarge
  );
}

function indexesOf<T>(items: readonly T[], isMeant: (item: T) => boolean): number[] {
  return items.flatMap((item, index) => (isMeant(item) ? [index] : []));
}
