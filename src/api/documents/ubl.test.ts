import fc from 'fast-check';

import { checkEn16931 } from '../../../test/helpers/en16931';
import { creditNoteDocument, invoiceOf } from '../../../test/helpers/documents';
import {
  anInvoicedLine,
  anInvoicedOrder,
  invoicedOrders,
} from '../../../test/helpers/invoiced-orders';
import { creditNoteOf } from '../../domain/credit-note';
import { type InvoicedOrder, nextInvoice } from '../../domain/invoice';
import { shareOfUnits } from '../../domain/money';
import { creditNoteXml, invoiceXml } from './ubl';

const WHOLE = { earlier: [], amended: [], correctedMinor: 0, units: null };

function invoiceFor(order: InvoicedOrder, options: Parameters<typeof invoiceOf>[1] = {}) {
  const figures = nextInvoice(order, WHOLE);
  if (figures === null) throw new Error('there is nothing to invoice');
  const { taxIncluded } = order;
  return invoiceOf(figures, { taxIncluded, ...options });
}

/** One unit of every line, and shipping. */
function noteFor(order: InvoicedOrder) {
  const { shippingMinor, shippingTaxMinor, taxIncluded } = order;
  const lines = order.lines
    .filter(({ wanted }) => wanted > 0)
    .map(({ id, ordered, unitPriceMinor, discountMinor, taxMinor }) => ({
      lineId: id,
      quantity: 1,
      itemMinor: shareOfUnits(unitPriceMinor * ordered - discountMinor, ordered, 0, 1),
      taxMinor: shareOfUnits(taxMinor, ordered, 0, 1),
    }));
  const items = lines.reduce((sum, line) => sum + line.itemMinor, shippingMinor);
  const tax = lines.reduce((sum, line) => sum + line.taxMinor, shippingTaxMinor);
  const amountMinor = items + (taxIncluded ? 0 : tax);
  const refund = { amountMinor, lines, shippingMinor, shippingTaxMinor, adjustmentMinor: 0 };
  return creditNoteDocument(creditNoteOf(order, refund), { taxIncluded });
}

describe('UBL documents', () => {
  it('obey the rules of EN 16931 about sums and categories, for all mixed orders', () => {
    fc.assert(
      fc.property(invoicedOrders(), fc.constantFrom('USD', 'EUR', 'CNY'), (order, currency) => {
        expect(checkEn16931(invoiceXml(invoiceFor(order, { currency })))).toEqual([]);
        expect(checkEn16931(creditNoteXml(noteFor(order)))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['over nothing', anInvoicedOrder({ lines: [], shippingMinor: 0, shippingTaxMinor: 0 })],
    ['with fees', anInvoicedOrder({ fees: [{ kind: 'tip', amountMinor: 300 }] })],
    ['that never added up', anInvoicedOrder({ currentTotalMinor: 3000 })],
    [
      'with markup in its title',
      anInvoicedOrder({ lines: [anInvoicedLine({ title: '<b>&"\'' })] }),
    ],
    [
      'with an unprintable title',
      anInvoicedOrder({ lines: [anInvoicedLine({ title: '\u0001' })] }),
    ],
  ])('obey them for an order %s', (_, order) => {
    expect(checkEn16931(invoiceXml(invoiceFor(order)))).toEqual([]);
  });

  it('obey them for a refund of shipping, or of a lump sum', () => {
    const nothing = { lines: [], shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor: 0 };
    for (const refund of [
      { ...nothing, shippingMinor: 500, shippingTaxMinor: 31, amountMinor: 531 },
      { ...nothing, adjustmentMinor: 700, amountMinor: 700 },
    ]) {
      const note = creditNoteDocument(creditNoteOf(anInvoicedOrder(), refund));
      expect(checkEn16931(creditNoteXml(note))).toEqual([]);
    }
  });

  it('name profile, order, what was paid, shipping as a charge, and the discount of a line', () => {
    const order = anInvoicedOrder({
      lines: [anInvoicedLine({ discountMinor: 100, taxMinor: 156 })],
      capturedMinor: 1000,
    });

    const xml = invoiceXml(invoiceFor(order));

    for (const part of [
      '<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0<',
      '<cbc:InvoiceTypeCode>380<',
      '<cbc:BuyerReference>T100001<',
      '<cbc:PrepaidAmount currencyID="USD">10.00<',
      '<cbc:AllowanceChargeReasonCode>FC<',
      '<cbc:AllowanceChargeReasonCode>95<',
      '<cbc:Percent>6.25<',
    ])
      expect(xml).toContain(part);
    expect(xml).not.toContain('UBLVersionID');
  });

  it('of a credit note name the invoice', () => {
    const xml = creditNoteXml(noteFor(anInvoicedOrder()));

    expect(xml).toContain('<cbc:CreditNoteTypeCode>381<');
    expect(xml).toMatch(/<cac:InvoiceDocumentReference>\s*<cbc:ID>INV-2026-000001</);
  });

  it.each([
    [
      'BR-CO-10',
      /(<cbc:LineExtensionAmount currencyID="USD">)[\d.]+(<\/cbc:LineExtensionAmount>\s*<cbc:TaxExcl)/,
      '$11$2',
    ],
    ['BR-CO-15', /(<cbc:TaxInclusiveAmount currencyID="USD">)[\d.]+/, '$11.00'],
    ['BR-CO-16', /(<cbc:PayableAmount currencyID="USD">)[\d.]+/, '$11.00'],
    ['BR-CO-14', /(<cac:TaxTotal>\s*<cbc:TaxAmount currencyID="USD">)[\d.]+/, '$11.00'],
    ['BR-S-08', /(<cbc:TaxableAmount currencyID="USD">)[\d.]+/, '$11.00'],
    ['BR-S-05', /<cbc:Percent>6.25</g, '<cbc:Percent>0<'],
    ['BR-CO-25', /<cbc:DueDate>[^<]*<\/cbc:DueDate>/, ''],
    ['PEPPOL-EN16931-R120', /(<cbc:PriceAmount currencyID="USD">)[\d.]+/, '$17.00'],
  ])('break %s where they are tampered with', (rule, what, by) => {
    const xml = invoiceXml(invoiceFor(anInvoicedOrder()));

    expect(checkEn16931(xml)).toEqual([]);
    expect(checkEn16931(xml.replace(what, by))).toContain(rule);
  });
});
