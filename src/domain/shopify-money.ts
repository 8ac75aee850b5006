import { divideHalfUp, parseDecimal, powerOfTen } from './exact';
import {
  addDecimals,
  countOf,
  objectOf,
  objectsOf,
  textOf,
  type ForeignObject,
} from './foreign-document';
import type { ShopifyLine } from './intake-body';
import { currencyExponent, decimalToMinor, minorToDecimal, prorate } from './money';

/** Bounds within which every sum of a document stays exact. */
const MAX_QUANTITY = 1_000_000;
const MAX_LINE_MINOR = 1_000_000_000_000;

/** Reads a document's amounts in one currency, and collects what is wrong with them. */
export interface MoneyReader {
  readonly currency: string;
  /** `<field>_set.shop_money`, else the plain field; null when neither is there. */
  read(object: ForeignObject, field: string): number | null;
  complain(problem: string): void;
}

/** A reader of shop money. Amounts below 0 or finer than the currency are taken as near as can be, with a complaint. */
export function createMoneyReader(currency: string, problems: string[]): MoneyReader {
  function toMinor(text: string, field: string): number {
    const exact = decimalToMinor(text, currency);
    const minor = exact ?? roundToMinor(text, currency);
    if (exact === null)
      problems.push(`${field} "${text.slice(0, 40)}" is no amount of ${currency}`);
    if (minor >= 0) return minor;
    problems.push(`${field} is below zero`);
    return 0;
  }
  return {
    currency,
    read(object, field) {
      const shopMoney = objectOf(objectOf(object[`${field}_set`]).shop_money);
      const text = textOf(shopMoney.amount) ?? textOf(object[field]);
      return text === null ? null : toMinor(text, field);
    },
    complain: (problem) => problems.push(problem),
  };
}

/** Half up; 0 for what is no number, or one too large to be exact. */
function roundToMinor(text: string, currency: string): number {
  const decimal = parseDecimal(text);
  if (decimal === null) return 0;
  const scaled = decimal.units * powerOfTen(currencyExponent(currency));
  const minor = Number(divideHalfUp(scaled, powerOfTen(decimal.scale)));
  return Number.isSafeInteger(minor) ? minor : 0;
}

/** The sum of a field over objects. */
export function sumOf(
  money: MoneyReader,
  objects: readonly ForeignObject[],
  field: string,
): number {
  return objects.reduce((sum, object) => sum + (money.read(object, field) ?? 0), 0);
}

/** An amount in text, for a complaint. */
export function show(minor: number, currency: string): string {
  return `${minorToDecimal(minor, currency)} ${currency}`;
}

/** One `line_items[]` element as a line of ours; its own discounts and taxes, as the document has them. */
export function toShopifyLine(
  item: ForeignObject,
  order: ForeignObject,
  money: MoneyReader,
): ShopifyLine {
  const { quantity, unitPriceMinor } = readValue(item, money);
  const discounts = capDiscounts(
    readDiscounts(item, order, money),
    unitPriceMinor * quantity,
    money,
  );
  const taxLines = objectsOf(item.tax_lines);
  return {
    externalLineId: textOf(item.id),
    sku: textOf(item.sku),
    title: textOf(item.title) ?? textOf(item.name) ?? 'untitled',
    quantity,
    unitPriceMinor,
    discounts,
    discountMinor: discounts.reduce((sum, discount) => sum + discount.amountMinor, 0),
    taxMinor: sumOf(money, taxLines, 'price'),
    taxRate: addDecimals(taxLines.map((tax) => tax.rate)),
    totalMinor: 0,
    weightGrams: Math.min(countOf(item.grams) ?? 0, 1_000_000_000),
    requiresShipping: item.requires_shipping !== false,
  };
}

function readValue(
  item: ForeignObject,
  money: MoneyReader,
): { quantity: number; unitPriceMinor: number } {
  const unitPriceMinor = money.read(item, 'price') ?? 0;
  const quantity = countOf(item.quantity);
  const isUsable = quantity !== null && quantity <= MAX_QUANTITY;
  if (isUsable && unitPriceMinor * quantity <= MAX_LINE_MINOR) return { quantity, unitPriceMinor };
  money.complain('a line has no usable quantity or price');
  return { quantity: isUsable ? quantity : 0, unitPriceMinor: 0 };
}

/** No line is discounted below 0: what goes beyond its worth is left out. */
function capDiscounts(
  discounts: ShopifyLine['discounts'],
  valueMinor: number,
  money: MoneyReader,
): ShopifyLine['discounts'] {
  let left = valueMinor;
  return discounts.map((discount) => {
    const amountMinor = Math.min(discount.amountMinor, left);
    if (amountMinor < discount.amountMinor)
      money.complain('a line is discounted by more than it is worth');
    left -= amountMinor;
    return { ...discount, amountMinor };
  });
}

/** Allocations hold the line's share of every discount; documents without them may have a sum of the line's own. */
function readDiscounts(
  item: ForeignObject,
  order: ForeignObject,
  money: MoneyReader,
): ShopifyLine['discounts'] {
  const allocations = objectsOf(item.discount_allocations);
  const applications = objectsOf(order.discount_applications);
  if (allocations.length > 0)
    return allocations.map((allocation) => {
      const application = objectOf(
        applications[countOf(allocation.discount_application_index) ?? -1],
      );
      const code = textOf(application.code) ?? textOf(application.title);
      return { code, amountMinor: money.read(allocation, 'amount') ?? 0 };
    });
  const own = money.read(item, 'total_discount') ?? 0;
  return own === 0 ? [] : [{ code: null, amountMinor: own }];
}

/** Splits an amount that the document names for the order alone, by what each line is worth. */
export function spread(amountMinor: number, weights: readonly number[]): number[] {
  if (weights.length === 0 || amountMinor === 0) return weights.map(() => 0);
  return prorate(amountMinor, weights);
}
