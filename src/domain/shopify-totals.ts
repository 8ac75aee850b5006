import { addDecimals, objectOf, objectsOf, textOf, type ForeignObject } from './foreign-document';
import type { Fee, OrderTotals, ShopifyIntake, ShopifyLine } from './intake-body';
import { decimalToMinor, isCurrency } from './money';
import { show, spread, sumOf, toShopifyLine, type MoneyReader } from './shopify-money';

type Totals = OrderTotals &
  Pick<ShopifyIntake, 'lines' | 'shippingTaxMinor' | 'shippingTaxRate' | 'fees' | 'presentment'>;

interface Shipping {
  readonly priceMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly taxRate: string;
}

/**
 * Lines and sums of a document in shop money. The document's own sums win; each that its parts do not give is a
 * complaint at the reader.
 */
export function readTotals(order: ForeignObject, money: MoneyReader): Totals {
  const items = objectsOf(order.line_items);
  const goods = items.filter((item) => !isTip(item));
  const shipping = readShipping(order, money);
  const fees = readFees(order, items, money);
  const lines = completeLines(order, goods, shipping, money);
  const sums = chooseSums(order, { lines, shipping, fees }, money);
  return {
    ...sums,
    lines,
    shippingTaxMinor: shipping.taxMinor,
    shippingTaxRate: shipping.taxRate,
    fees,
    presentment: readPresentment(order),
  };
}

/** Shopify lists a tip among the lines; only a tip names the gateway it was paid by. */
function isTip(item: ForeignObject): boolean {
  return textOf(item.tip_payment_gateway) !== null || textOf(item.tip_payment_method) !== null;
}

function readShipping(order: ForeignObject, money: MoneyReader): Shipping {
  const lines = objectsOf(order.shipping_lines).filter((line) => line.is_removed !== true);
  const taxLines = lines.flatMap((line) => objectsOf(line.tax_lines));
  const rates = lines.length === 0 ? [] : objectsOf(lines[0]?.tax_lines).map((tax) => tax.rate);
  const fullMinor = sumOf(money, lines, 'price');
  const priceMinor = lines.reduce((sum, line) => sum + discountedPrice(line, money), 0);
  const isTotalOnly = lines.length === 0;
  return {
    priceMinor: isTotalOnly ? (money.read(order, 'total_shipping_price') ?? 0) : priceMinor,
    discountMinor: Math.max(0, fullMinor - priceMinor),
    taxMinor: sumOf(money, taxLines, 'price'),
    taxRate: addDecimals(rates),
  };
}

function discountedPrice(line: ForeignObject, money: MoneyReader): number {
  const discounted = money.read(line, 'discounted_price');
  if (discounted !== null) return discounted;
  const allocated = sumOf(money, objectsOf(line.discount_allocations), 'amount');
  return Math.max(0, (money.read(line, 'price') ?? 0) - allocated);
}

function readFees(
  order: ForeignObject,
  items: readonly ForeignObject[],
  money: MoneyReader,
): Fee[] {
  const tips = items.filter(isTip);
  const tipMinor = money.read(order, 'total_tip_received') ?? sumOf(money, tips, 'price');
  const dutiesMinor =
    money.read(order, 'original_total_duties') ?? money.read(order, 'current_total_duties') ?? 0;
  const fees: Fee[] = [
    { kind: 'tip', amountMinor: tipMinor },
    { kind: 'duties', amountMinor: dutiesMinor },
  ];
  return fees.filter((fee) => fee.amountMinor > 0);
}

function completeLines(
  order: ForeignObject,
  items: readonly ForeignObject[],
  shipping: Shipping,
  money: MoneyReader,
): ShopifyLine[] {
  const given = items.map((item) => toShopifyLine(item, order, money));
  const lines = spreadTax(
    order,
    items,
    spreadDiscount(order, given, shipping, money),
    shipping,
    money,
  );
  const isTaxIncluded = order.taxes_included === true;
  return lines.map((line) => {
    const netMinor = valueOf(line) - line.discountMinor;
    return { ...line, totalMinor: isTaxIncluded ? netMinor : netMinor + line.taxMinor };
  });
}

/** Where no line names a discount but the order does. */
function spreadDiscount(
  order: ForeignObject,
  lines: ShopifyLine[],
  shipping: Shipping,
  money: MoneyReader,
): ShopifyLine[] {
  if (lines.some((line) => line.discountMinor > 0)) return lines;
  const total = (money.read(order, 'total_discounts') ?? 0) - shipping.discountMinor;
  const worth = lines.reduce((sum, line) => sum + valueOf(line), 0);
  if (total <= 0) return lines;
  const code = textOf(objectsOf(order.discount_codes)[0]?.code);
  const parts = spread(Math.min(total, worth), lines.map(valueOf));
  return lines.map((line, index) => {
    const amountMinor = parts[index] ?? 0;
    if (amountMinor === 0) return line;
    return { ...line, discountMinor: amountMinor, discounts: [{ code, amountMinor }] };
  });
}

/** Where neither line nor shipping names a tax but the order does. */
function spreadTax(
  order: ForeignObject,
  items: readonly ForeignObject[],
  lines: ShopifyLine[],
  shipping: Shipping,
  money: MoneyReader,
): ShopifyLine[] {
  const total = money.read(order, 'total_tax') ?? 0;
  const isNamed =
    shipping.taxMinor > 0 || items.some((item) => objectsOf(item.tax_lines).length > 0);
  if (isNamed || total === 0) return lines;
  const taxRate = addDecimals(objectsOf(order.tax_lines).map((tax) => tax.rate));
  const weights = lines.map((line, index) =>
    items[index]?.taxable === false ? 0 : valueOf(line) - line.discountMinor,
  );
  const parts = spread(total, weights);
  return lines.map((line, index) => {
    const taxMinor = parts[index] ?? 0;
    return taxMinor === 0 ? line : { ...line, taxMinor, taxRate };
  });
}

function valueOf(line: ShopifyLine): number {
  return line.unitPriceMinor * line.quantity;
}

interface Parts {
  readonly lines: readonly ShopifyLine[];
  readonly shipping: Shipping;
  readonly fees: readonly Fee[];
}

/** The document's sums where it has them, else those of its parts; a difference is a complaint. */
function chooseSums(order: ForeignObject, parts: Parts, money: MoneyReader): OrderTotals {
  const { lines, shipping } = parts;
  const goodsMinor = lines.reduce((sum, line) => sum + valueOf(line), 0);
  const discountMinor = lines.reduce((sum, line) => sum + line.discountMinor, 0);
  const taxMinor = lines.reduce((sum, line) => sum + line.taxMinor, shipping.taxMinor);
  const feesMinor = parts.fees.reduce((sum, fee) => sum + fee.amountMinor, 0);
  const tipMinor = parts.fees.find((fee) => fee.kind === 'tip')?.amountMinor ?? 0;

  const subtotal = choose(money.read(order, 'total_line_items_price'), goodsMinor, [
    goodsMinor + tipMinor,
  ]);
  const wholeDiscount = discountMinor + shipping.discountMinor;
  const discount = choose(money.read(order, 'total_discounts'), discountMinor, [wholeDiscount]);
  const tax = choose(money.read(order, 'total_tax'), taxMinor, []);
  const addedTax = order.taxes_included === true ? 0 : tax.minor;
  const sum = subtotal.minor - discount.minor + shipping.priceMinor + addedTax + feesMinor;
  const total = choose(money.read(order, 'total_price'), Math.max(0, sum), []);
  const net = choose(money.read(order, 'subtotal_price'), subtotal.minor - discount.minor, [
    subtotal.minor - discount.minor + tipMinor,
  ]);

  complain('total_line_items_price', subtotal, money);
  complain('subtotal_price', net, money);
  complain('total_discounts', discount, money);
  complain('total_tax', tax, money);
  complain('total_price', total, money);
  return {
    subtotalMinor: subtotal.minor,
    discountMinor: discount.minor,
    shippingMinor: shipping.priceMinor,
    taxMinor: tax.minor,
    totalMinor: total.minor,
  };
}

interface Choice {
  readonly minor: number;
  readonly expectedMinor: number;
  readonly isConsistent: boolean;
}

/** `alternatives`: other sums of the parts that mean the same; the parts' own figure is kept then. */
function choose(
  given: number | null,
  expectedMinor: number,
  alternatives: readonly number[],
): Choice {
  if (given === null || given === expectedMinor || alternatives.includes(given))
    return { minor: expectedMinor, expectedMinor, isConsistent: true };
  return { minor: given, expectedMinor, isConsistent: false };
}

function complain(field: string, choice: Choice, money: MoneyReader): void {
  if (choice.isConsistent) return;
  const { minor, expectedMinor } = choice;
  const parts = show(expectedMinor, money.currency);
  money.complain(`${field} is ${show(minor, money.currency)}, its parts give ${parts}`);
}

function readPresentment(order: ForeignObject): ShopifyIntake['presentment'] {
  const currency = textOf(order.presentment_currency)?.toUpperCase() ?? '';
  if (!isCurrency(currency)) return null;
  const read = (field: string): number => {
    const amount = textOf(objectOf(objectOf(order[`${field}_set`]).presentment_money).amount);
    return Math.max(0, (amount === null ? null : decimalToMinor(amount, currency)) ?? 0);
  };
  if (!('total_price_set' in order)) return null;
  return {
    currency,
    subtotalMinor: read('total_line_items_price'),
    discountMinor: read('total_discounts'),
    shippingMinor: read('total_shipping_price'),
    taxMinor: read('total_tax'),
    totalMinor: read('total_price'),
  };
}
