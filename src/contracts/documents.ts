import { z } from 'zod';

import { AmountMinor, CurrencyCode, Id, listQuery, pageOf, text } from './common';

const Minor = z.int().meta({ description: 'In minor units; below 0 where it lowers the document' });
const Day = z.iso.date().meta({ description: 'In UTC', example: '2026-11-22' });
const Rate = z.string().meta({ description: 'A decimal', example: '0.0625' });
const TaxCategory = z.enum(['S', 'Z']).meta({ description: 'S: taxed; Z: at zero' });

const Taxed = z.object({
  netMinor: Minor,
  taxMinor: Minor,
  taxRate: Rate,
  taxCategory: TaxCategory,
});

const DocumentLine = Taxed.extend({
  lineId: Id.nullable(),
  sku: z.string().nullable(),
  title: z.string(),
  quantity: z.int(),
  unitPriceMinor: AmountMinor,
  discountMinor: Minor,
}).meta({ id: 'DocumentLine' });

const Party = z
  .object({
    name: z.string(),
    address: z.object({
      line1: z.string().nullable(),
      line2: z.string().nullable(),
      city: z.string().nullable(),
      region: z.string().nullable(),
      postalCode: z.string().nullable(),
      country: z.string(),
    }),
    taxId: z.string().nullable(),
    email: z.string().nullable(),
    endpoint: z.string().nullable().meta({ description: 'Electronic address, `scheme:value`' }),
  })
  .meta({ id: 'DocumentParty' });

const head = {
  id: Id,
  series: z.string(),
  sequence: z.int().min(1),
  orderId: Id,
  orderNo: z.string(),
  issueDate: Day,
  dueDate: Day,
  currency: CurrencyCode,
  taxIncluded: z.boolean(),
  locale: z.string(),
  netMinor: Minor,
  taxMinor: Minor,
  totalMinor: AmountMinor,
  prepaidMinor: AmountMinor,
  payableMinor: AmountMinor,
};

const parts = {
  seller: Party,
  buyer: Party,
  lines: z.array(DocumentLine),
  shipping: Taxed.nullable(),
  taxBreakdown: z.array(
    z.object({ category: TaxCategory, rate: Rate, taxableMinor: Minor, taxMinor: Minor }),
  ),
};

/** An invoice in a list: every scalar. */
const InvoiceItem = z
  .object({
    ...head,
    invoiceNo: z.string(),
    status: z.enum(['draft', 'issued', 'paid']),
    fulfillmentOrderId: Id.nullable(),
  })
  .meta({ id: 'InvoiceItem' });
export type InvoiceItem = z.infer<typeof InvoiceItem>;

/** An invoice as it was issued; only its status changes. */
const Invoice = InvoiceItem.extend(parts).meta({ id: 'Invoice' });
export type Invoice = z.infer<typeof Invoice>;

const CreditNoteItem = z
  .object({
    ...head,
    creditNoteNo: z.string(),
    status: z.enum(['issued']),
    invoiceId: Id.nullable(),
    refundId: Id.nullable(),
  })
  .meta({ id: 'CreditNoteItem' });
export type CreditNoteItem = z.infer<typeof CreditNoteItem>;

const CreditNote = CreditNoteItem.extend({
  ...parts,
  invoiceNo: z.string().nullable(),
  invoiceDate: Day.nullable(),
}).meta({ id: 'CreditNote' });
export type CreditNote = z.infer<typeof CreditNote>;

export const InvoiceAnswer = z.object({ invoice: Invoice });
export const InvoicePage = pageOf(InvoiceItem);
export const CreditNoteAnswer = z.object({ creditNote: CreditNote });
export const CreditNotePage = pageOf(CreditNoteItem);
export const DocumentQuery = listQuery({
  orderId: Id.optional(),
  series: text(20).optional(),
});
