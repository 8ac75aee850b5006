import { XMLParser } from 'fast-xml-parser';

/**
 * Our own check of a UBL document by EN 16931: the rules about sums, tax categories and what must be there, with the
 * published rules' names and tolerances, and those of Peppol BIS Billing 3 about a line's price. It is not the published
 * rule set, which needs an XSLT 2 processor; docs/documents.md tells how the documents passed that.
 */
export function checkEn16931(xml: string): string[] {
  const root: Node = parser.parse(xml);
  const isInvoice = root['Invoice'] !== undefined;
  const document = one(root, isInvoice ? 'Invoice' : 'CreditNote');
  const lines = many(document, isInvoice ? 'InvoiceLine' : 'CreditNoteLine').map((line) =>
    readLine(line, isInvoice ? 'InvoicedQuantity' : 'CreditedQuantity'),
  );
  const rules: Rules = [
    ...presenceRules(document, isInvoice),
    ...lines.flatMap(lineRules),
    ...sumRules(document, lines),
    ...categoryRules(document, lines),
    ...amountRules(document),
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}

// A parsed document has no shape yet.
type Node = any;
type Rules = (readonly [rule: string, holds: boolean])[];

const parser = new XMLParser({
  ignoreAttributes: false,
  removeNSPrefix: true,
  parseTagValue: false,
  isArray: (name) =>
    ['InvoiceLine', 'CreditNoteLine', 'TaxSubtotal', 'AllowanceCharge'].includes(name),
});

interface Taxed {
  readonly id: string;
  readonly percent: number;
}

interface Line {
  readonly net: number;
  readonly quantity: number;
  readonly allowances: number;
  readonly price: number;
  readonly base: number;
  readonly name: string;
  readonly category: Taxed;
}

function one(node: Node, ...path: string[]): Node {
  return path.reduce((at: Node, name) => at?.[name], node);
}

function many(node: Node, name: string): Node[] {
  return node?.[name] ?? [];
}

function textOf(node: Node): string {
  return typeof node === 'object' ? (node?.['#text'] ?? '') : (node ?? '');
}

function numberOf(node: Node): number {
  const text = textOf(node);
  return text === '' ? 0 : Number(text);
}

function categoryOf(node: Node): Taxed {
  return { id: textOf(node?.ID), percent: numberOf(node?.Percent) };
}

function readLine(line: Node, quantityName: string): Line {
  const allowances = many(line, 'AllowanceCharge').map(({ Amount }) => numberOf(Amount));
  return {
    net: numberOf(line.LineExtensionAmount),
    quantity: numberOf(line[quantityName]),
    allowances: allowances.reduce((sum, value) => sum + value, 0),
    price: numberOf(line.Price?.PriceAmount),
    base: numberOf(line.Price?.BaseQuantity) || 1,
    name: textOf(line.Item?.Name),
    category: categoryOf(line.Item?.ClassifiedTaxCategory),
  };
}

function presenceRules(document: Node, isInvoice: boolean): Rules {
  const seller = one(document, 'AccountingSupplierParty', 'Party');
  const buyer = one(document, 'AccountingCustomerParty', 'Party');
  const type = textOf(isInvoice ? document.InvoiceTypeCode : document.CreditNoteTypeCode);
  const payable = numberOf(document.LegalMonetaryTotal?.PayableAmount);
  return [
    ['BR-01', textOf(document.CustomizationID).startsWith('urn:cen.eu:en16931:2017')],
    ['BR-02', textOf(document.ID) !== ''],
    ['BR-03', /^\d{4}-\d\d-\d\d$/.test(textOf(document.IssueDate))],
    ['BR-04', type === (isInvoice ? '380' : '381')],
    ['BR-05', textOf(document.DocumentCurrencyCode) !== ''],
    ['BR-06', textOf(seller?.PartyLegalEntity?.RegistrationName) !== ''],
    ['BR-07', textOf(buyer?.PartyLegalEntity?.RegistrationName) !== ''],
    ['BR-09', textOf(seller?.PostalAddress?.Country?.IdentificationCode) !== ''],
    ['BR-11', textOf(buyer?.PostalAddress?.Country?.IdentificationCode) !== ''],
    ['BR-CO-26', textOf(seller?.PartyTaxScheme?.CompanyID) !== ''],
    ['BR-CO-25', payable <= 0 || textOf(document.DueDate) !== ''],
    ['PEPPOL-EN16931-R003', textOf(document.BuyerReference) !== ''],
    ['PEPPOL-EN16931-R010', textOf(buyer?.EndpointID) !== ''],
    ['PEPPOL-EN16931-R020', textOf(seller?.EndpointID) !== ''],
  ];
}

function lineRules({ net, quantity, price, base, allowances, name, category }: Line): Rules {
  return [
    ['BR-25', name !== ''],
    ['BR-27', price >= 0],
    ['BR-CO-04', category.id !== ''],
    ['PEPPOL-EN16931-R120', Math.abs((quantity * price) / base - allowances - net) <= 0.02],
    ['PEPPOL-EN16931-R121', base > 0],
  ];
}

/** Sums are exact, but for the last bits of binary fractions. */
function isSame(left: number, right: number): boolean {
  return Math.abs(left - right) < 0.000_01;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function sumRules(document: Node, lines: readonly Line[]): Rules {
  const totals = document.LegalMonetaryTotal;
  const [extension, exclusive, inclusive, charges, prepaid, payable] = [
    'LineExtensionAmount',
    'TaxExclusiveAmount',
    'TaxInclusiveAmount',
    'ChargeTotalAmount',
    'PrepaidAmount',
    'PayableAmount',
  ].map((name) => numberOf(totals?.[name]));
  const charged = sum(many(document, 'AllowanceCharge').map(({ Amount }) => numberOf(Amount)));
  const tax = numberOf(document.TaxTotal?.TaxAmount);
  const subtotals = many(document.TaxTotal, 'TaxSubtotal').map((row) => numberOf(row.TaxAmount));
  return [
    ['BR-16', lines.length > 0],
    ['BR-CO-10', isSame(extension ?? 0, sum(lines.map(({ net }) => net)))],
    ['BR-CO-12', isSame(charges ?? 0, charged)],
    ['BR-CO-13', isSame(exclusive ?? 0, (extension ?? 0) + (charges ?? 0))],
    ['BR-CO-14', isSame(tax, sum(subtotals))],
    ['BR-CO-15', isSame(inclusive ?? 0, (exclusive ?? 0) + tax)],
    ['BR-CO-16', isSame(payable ?? 0, (inclusive ?? 0) - (prepaid ?? 0))],
  ];
}

/** Per category and rate: what is taxed is what its lines and charges are worth, and the tax follows from the rate. */
function categoryRules(document: Node, lines: readonly Line[]): Rules {
  const charges = many(document, 'AllowanceCharge').map(({ Amount, TaxCategory }) => ({
    net: numberOf(Amount),
    category: categoryOf(TaxCategory),
  }));
  const parts = [...lines, ...charges];
  const subtotals = many(document.TaxTotal, 'TaxSubtotal').map((row) => ({
    taxable: numberOf(row.TaxableAmount),
    tax: numberOf(row.TaxAmount),
    category: categoryOf(row.TaxCategory),
  }));
  const isOf = (wanted: Taxed) => (part: { readonly category: Taxed }) =>
    part.category.id === wanted.id && part.category.percent === wanted.percent;
  const rules: Rules = [['BR-CO-18', subtotals.length > 0]];
  for (const { category } of parts) {
    rules.push([`BR-${category.id}-01`, subtotals.filter(isOf(category)).length === 1]);
    rules.push([
      `BR-${category.id}-05`,
      category.id === 'S' ? category.percent > 0 : category.percent === 0,
    ]);
  }
  for (const { taxable, tax, category } of subtotals) {
    const worth = sum(parts.filter(isOf(category)).map(({ net }) => net));
    rules.push([`BR-${category.id}-08`, isSame(taxable, worth)]);
    // The published rules let the sum of rounded lines differ from the rounded sum by less than one.
    const expected = Math.round(taxable * category.percent) / 100;
    rules.push(['BR-CO-17', Math.abs(tax - expected) < 1]);
    rules.push([`BR-${category.id}-09`, category.id === 'S' || tax === 0]);
  }
  return rules;
}

function amountRules(document: Node): Rules {
  const currency = textOf(document.DocumentCurrencyCode);
  const amounts = [
    ...Object.values<Node>(document.LegalMonetaryTotal ?? {}),
    document.TaxTotal?.TaxAmount,
    ...many(document.TaxTotal, 'TaxSubtotal').flatMap((row) => [row.TaxableAmount, row.TaxAmount]),
  ];
  return [
    ['BR-DEC', amounts.every((amount) => /^-?\d+(?:\.\d{1,2})?$/.test(textOf(amount)))],
    ['PEPPOL-EN16931-R051', amounts.every((amount) => amount?.['@_currencyID'] === currency)],
  ];
}
