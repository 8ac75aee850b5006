import XMLBuilder from 'fast-xml-builder';

import type { CreditNote, Invoice } from '../../contracts/documents';
import { toPercent } from '../../domain/document-heading';
import { minorToDecimal } from '../../domain/money';
import { taxOf } from '../../domain/tax';
import { ublParty } from './ubl-party';
import { cleanXml } from './xml-text';

type Document = Invoice | CreditNote;
type Line = Document['lines'][number];
type Taxed = Pick<Line, 'netMinor' | 'taxRate' | 'taxCategory'>;
type Node = Readonly<Record<string, unknown>>;

const UBL = 'urn:oasis:names:specification:ubl:schema:xsd';
const CUSTOMIZATION = 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0';
const PROFILE = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0';
/** UNECE recommendation 20: a piece. UNCL7161: freight service. UNCL5189: discount. */
const PIECE = 'H87';
const FREIGHT = 'FC';
const DISCOUNT = '95';

const builder = new XMLBuilder({ ignoreAttributes: false, format: true, suppressEmptyNode: true });

/** An invoice as UBL 2.1 in the Peppol BIS Billing 3 profile. */
export function invoiceXml(invoice: Invoice): string {
  return write('Invoice', {
    ...opening(invoice, invoice.invoiceNo),
    'cbc:DueDate': invoice.dueDate,
    'cbc:InvoiceTypeCode': 380,
    ...references(invoice),
    ...body(invoice, 'cac:InvoiceLine', 'cbc:InvoicedQuantity'),
  });
}

/** A credit note, likewise; it names the invoice that it corrects, if there is one. */
export function creditNoteXml(note: CreditNote): string {
  const billing =
    note.invoiceNo === null
      ? {}
      : {
          'cac:BillingReference': {
            'cac:InvoiceDocumentReference': {
              'cbc:ID': note.invoiceNo,
              'cbc:IssueDate': note.invoiceDate,
            },
          },
        };
  return write('CreditNote', {
    ...opening(note, note.creditNoteNo),
    'cbc:CreditNoteTypeCode': 381,
    ...references(note),
    ...billing,
    ...body(note, 'cac:CreditNoteLine', 'cbc:CreditedQuantity'),
  });
}

function write(name: 'Invoice' | 'CreditNote', content: Node): string {
  const root = {
    '@_xmlns': `${UBL}:${name}-2`,
    '@_xmlns:cac': `${UBL}:CommonAggregateComponents-2`,
    '@_xmlns:cbc': `${UBL}:CommonBasicComponents-2`,
    ...content,
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [name]: root })}`;
}

function opening({ issueDate }: Document, number: string): Node {
  return {
    'cbc:CustomizationID': CUSTOMIZATION,
    'cbc:ProfileID': PROFILE,
    'cbc:ID': number,
    'cbc:IssueDate': issueDate,
  };
}

function references({ currency, orderNo }: Document): Node {
  return {
    'cbc:DocumentCurrencyCode': currency,
    'cbc:BuyerReference': orderNo,
    'cac:OrderReference': { 'cbc:ID': orderNo },
  };
}

/** A document without lines must have one: then shipping is that line instead of a charge. */
function body(document: Document, lineName: string, quantityName: string): Node {
  const { seller, buyer, shipping, lines, currency } = document;
  const charged = lines.length > 0 && shipping !== null ? shipping : null;
  const shown = lines.length > 0 ? lines : [shippingLine(shipping)];
  return {
    'cac:AccountingSupplierParty': { 'cac:Party': ublParty(seller, seller) },
    'cac:AccountingCustomerParty': { 'cac:Party': ublParty(buyer, seller) },
    ...(charged === null ? {} : { 'cac:AllowanceCharge': shippingCharge(charged, currency) }),
    'cac:TaxTotal': taxTotal(document),
    'cac:LegalMonetaryTotal': totals(document, charged),
    [lineName]: shown.map((line, n) => ublLine(line, n, document, quantityName)),
  };
}

function shippingLine(shipping: Document['shipping']): Line {
  const none = { netMinor: 0, taxMinor: 0, taxRate: '0', taxCategory: 'Z' as const };
  const amounts = shipping ?? none;
  const title = shipping === null ? 'Nothing to pay' : 'Shipping';
  return {
    ...{ lineId: null, sku: null, title, quantity: 1, discountMinor: 0 },
    unitPriceMinor: amounts.netMinor,
    ...amounts,
  };
}

function amount(minor: number, currency: string): Node {
  return { '#text': minorToDecimal(minor, currency), '@_currencyID': currency };
}

function shippingCharge(shipping: Taxed, currency: string): Node {
  return {
    'cbc:ChargeIndicator': true,
    'cbc:AllowanceChargeReasonCode': FREIGHT,
    'cbc:AllowanceChargeReason': 'Shipping',
    'cbc:Amount': amount(shipping.netMinor, currency),
    'cac:TaxCategory': taxCategory(shipping),
  };
}

function taxCategory({ taxCategory: id, taxRate }: Omit<Taxed, 'netMinor'>): Node {
  return {
    'cbc:ID': id,
    'cbc:Percent': toPercent(taxRate),
    'cac:TaxScheme': { 'cbc:ID': 'VAT' },
  };
}

function taxTotal({ taxMinor, taxBreakdown, currency }: Document): Node {
  // A document over nothing has its one, empty line.
  const none = { category: 'Z' as const, rate: '0', taxableMinor: 0, taxMinor: 0 };
  const rows = taxBreakdown.length === 0 ? [none] : taxBreakdown;
  return {
    'cbc:TaxAmount': amount(taxMinor, currency),
    'cac:TaxSubtotal': rows.map((row) => ({
      'cbc:TaxableAmount': amount(row.taxableMinor, currency),
      'cbc:TaxAmount': amount(row.taxMinor, currency),
      'cac:TaxCategory': taxCategory({ taxCategory: row.category, taxRate: row.rate }),
    })),
  };
}

function totals(document: Document, charged: Taxed | null): Node {
  const { netMinor, totalMinor, prepaidMinor, payableMinor, currency } = document;
  const chargedMinor = charged?.netMinor ?? 0;
  return {
    'cbc:LineExtensionAmount': amount(netMinor - chargedMinor, currency),
    'cbc:TaxExclusiveAmount': amount(netMinor, currency),
    'cbc:TaxInclusiveAmount': amount(totalMinor, currency),
    ...(charged === null ? {} : { 'cbc:ChargeTotalAmount': amount(chargedMinor, currency) }),
    'cbc:PrepaidAmount': amount(prepaidMinor, currency),
    'cbc:PayableAmount': amount(payableMinor, currency),
  };
}

/** The discount is shown without tax; where the rest is no whole price per piece, it is a price for all of them. */
function ublLine(line: Line, n: number, document: Document, quantityName: string): Node {
  const { currency, taxIncluded } = document;
  const { netMinor, quantity, taxRate, sku, title, taxCategory: category } = line;
  const contained = taxIncluded ? taxOf(Math.max(0, line.discountMinor), taxRate, true) : 0;
  const discountMinor = Math.max(0, line.discountMinor) - contained;
  const grossMinor = Math.abs(netMinor + discountMinor);
  const pieces = Math.abs(quantity);
  const isWhole = grossMinor % pieces === 0;
  const unitCode = { '@_unitCode': PIECE };
  const base = isWhole ? {} : { 'cbc:BaseQuantity': { '#text': pieces, ...unitCode } };
  const allowance = {
    'cbc:ChargeIndicator': false,
    'cbc:AllowanceChargeReasonCode': DISCOUNT,
    'cbc:AllowanceChargeReason': 'Discount',
    'cbc:Amount': amount(discountMinor, currency),
  };
  return {
    'cbc:ID': n + 1,
    [quantityName]: { '#text': quantity, ...unitCode },
    'cbc:LineExtensionAmount': amount(netMinor, currency),
    ...(discountMinor === 0 ? {} : { 'cac:AllowanceCharge': allowance }),
    'cac:Item': {
      'cbc:Name': cleanXml(title) || sku || '-',
      ...(sku === null ? {} : { 'cac:SellersItemIdentification': { 'cbc:ID': cleanXml(sku) } }),
      'cac:ClassifiedTaxCategory': taxCategory({ taxCategory: category, taxRate }),
    },
    'cac:Price': {
      'cbc:PriceAmount': amount(isWhole ? grossMinor / pieces : grossMinor, currency),
      ...base,
    },
  };
}
