import type { CreditNote, Invoice } from '../../src/contracts/documents';
import type { DocumentFigures } from '../../src/domain/document-figures';
import { headingOf, type Seller } from '../../src/domain/document-heading';

/** The seller of the tests. */
export const SELLER: Seller = {
  name: 'Throughline Demo Ltd',
  taxId: 'IE1234567WA',
  email: 'billing@throughline.example',
  endpoint: '9935:IE1234567WA',
  address: {
    line1: '1 Quay Street',
    line2: null,
    city: 'Dublin',
    region: null,
    postalCode: 'D01 X2X2',
    country: 'IE',
  },
};

const ID = '01900000-0000-7000-8000-000000000001';

export interface DocumentOptions {
  readonly currency?: string;
  readonly taxIncluded?: boolean;
  readonly locale?: string;
  readonly name?: string;
  readonly email?: string | null;
}

function headed(figures: DocumentFigures, options: DocumentOptions) {
  const { currency = 'USD', taxIncluded = false, locale = 'en' } = options;
  const { name = 'Ada Park', email = 'ada@example.com' } = options;
  const shipTo = { name, line1: '1 Main St', city: 'Boston', postalCode: '02110', country: 'US' };
  const order = { orderId: ID, orderNo: 'T100001', currency, taxIncluded, locale, email };
  const rest = { customerName: name, billTo: null, shipTo, paymentMethod: 'card', terms: null };
  const heading = headingOf({ ...order, ...rest }, SELLER, '2026-11-22');
  const { lines, taxBreakdown } = figures;
  const parts = { lines: [...lines], taxBreakdown: [...taxBreakdown] };
  return { ...heading, ...figures, ...parts, id: ID, sequence: 1 };
}

/** An invoice of these figures as the API shows it. */
export function invoiceOf(figures: DocumentFigures, options: DocumentOptions = {}): Invoice {
  const number = { invoiceNo: 'INV-2026-000001', series: 'INV-2026' };
  return { ...headed(figures, options), ...number, status: 'issued', fulfillmentOrderId: null };
}

/** A credit note of these figures, likewise. */
export function creditNoteDocument(
  figures: DocumentFigures,
  options: DocumentOptions = {},
): CreditNote {
  const number = { creditNoteNo: 'CN-2026-000001', series: 'CN-2026' };
  const of = { invoiceId: ID, invoiceNo: 'INV-2026-000001', invoiceDate: '2026-11-20' };
  return { ...headed(figures, options), ...number, ...of, status: 'issued', refundId: ID };
}
