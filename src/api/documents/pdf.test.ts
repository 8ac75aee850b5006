import { creditNoteDocument, invoiceOf } from '../../../test/helpers/documents';
import { anInvoicedLine, anInvoicedOrder } from '../../../test/helpers/invoiced-orders';
import { textOfPdf } from '../../../test/helpers/pdf-text';
import { creditNoteOf } from '../../domain/credit-note';
import type { DocumentFigures } from '../../domain/document-figures';
import { nextInvoice } from '../../domain/invoice';
import { creditNotePdf, invoicePdf } from './pdf';

function figuresOf(titles: readonly string[], capturedMinor = 0): DocumentFigures {
  const lines = titles.map((title, n) => anInvoicedLine({ id: `line-${String(n)}`, title }));
  const order = anInvoicedOrder({ lines, capturedMinor });
  const figures = nextInvoice(order, { earlier: [], amended: [], correctedMinor: 0, units: null });
  if (figures === null) throw new Error('there is nothing to invoice');
  return figures;
}

describe('documents to print', () => {
  it('hold number, order number and total as text', async () => {
    const pdf = await invoicePdf(invoiceOf(figuresOf(['Mug']), { name: 'Zoë Müller' }));
    const text = textOfPdf(pdf);

    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    for (const part of ['Invoice INV-2026-000001', 'Order: T100001', 'USD 32.91', 'Zoë Müller'])
      expect(text).toContain(part);
  });

  it('show simplified and traditional Chinese, in Chinese', async () => {
    const figures = figuresOf(['龍井茶（禮盒）', '红色马克杯']);
    const options = { locale: 'zh-TW', name: '陳小姐', currency: 'CNY' };
    const text = textOfPdf(await invoicePdf(invoiceOf(figures, options)));

    for (const part of ['发票 INV-2026-000001', '龍井茶（禮盒）', '红色马克杯', '陳小姐', '合计'])
      expect(text).toContain(part);
    expect(text).not.toContain('�');
  });

  it('go on to further pages', async () => {
    const titles = Array.from({ length: 120 }, (_, n) => `Mug number ${String(n)}`);
    const pdf = await invoicePdf(invoiceOf(figuresOf(titles)));
    const text = textOfPdf(pdf);

    expect(pdf.toString('latin1')).toMatch(/\/Count 4\b/);
    for (const title of titles) expect(text).toContain(title);
    expect(text.match(/Unit price/g)).toHaveLength(4);
  });

  it('are the same bytes each time', async () => {
    const invoice = invoiceOf(figuresOf(['Mug']));

    expect((await invoicePdf(invoice)).equals(await invoicePdf(invoice))).toBe(true);
  });

  it('of a credit note name the invoice and what was refunded', async () => {
    const refund = { lines: [], shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor: 700 };
    const figures = creditNoteOf(anInvoicedOrder(), { ...refund, amountMinor: 700 });
    const text = textOfPdf(await creditNotePdf(creditNoteDocument(figures)));

    const chinese = textOfPdf(await creditNotePdf(creditNoteDocument(figures, { locale: 'zh' })));

    for (const part of ['Credit note CN-2026-000001', 'For invoice: INV-2026-000001', 'Refunded'])
      expect(text).toContain(part);
    for (const part of ['贷项通知单 CN-2026-000001', '对应发票', '已退款', '退款'])
      expect(chinese).toContain(part);
  });
});
