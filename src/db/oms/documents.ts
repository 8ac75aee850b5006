import type { CreditNote, CreditNoteItem, Invoice, InvoiceItem } from '../../contracts/documents';
import type { Queryable } from '../pool';

const INVOICE = `i.document || jsonb_build_object('id', i.id, 'invoiceNo', i.invoice_no, 'series', i.series,
    'sequence', i.sequence, 'status', i.status, 'fulfillmentOrderId', i.fulfillment_order_id)`;

const CREDIT_NOTE = `c.document || jsonb_build_object('id', c.id, 'creditNoteNo', c.credit_note_no, 'series', c.series,
    'sequence', c.sequence, 'status', c.status, 'invoiceId', c.invoice_id, 'refundId', c.refund_id)`;

/** A list shows the scalars alone. */
const WITHOUT_PARTS = `- 'seller' - 'buyer' - 'lines' - 'shipping' - 'taxBreakdown'`;

export interface DocumentFilter {
  readonly limit: number;
  readonly after: string | null;
  readonly orderId: string | null;
  readonly series: string | null;
}

/** Newest first. */
export async function listInvoices(db: Queryable, filter: DocumentFilter): Promise<InvoiceItem[]> {
  const { rows } = await db.query<{ document: InvoiceItem }>(
    `select (${INVOICE}) ${WITHOUT_PARTS} as document from oms.invoices i
     where ($2::uuid is null or i.id < $2::uuid) and ($3::uuid is null or i.order_id = $3::uuid)
       and ($4::text is null or i.series = $4::text)
     order by i.id desc limit $1::integer`,
    [filter.limit, filter.after, filter.orderId, filter.series],
  );
  return rows.map(({ document }) => document);
}

export async function findInvoice(db: Queryable, id: string): Promise<Invoice | null> {
  const { rows } = await db.query<{ document: Invoice }>(
    `select ${INVOICE} as document from oms.invoices i where i.id = $1::uuid`,
    [id],
  );
  return rows[0]?.document ?? null;
}

/** Newest first. */
export async function listCreditNotes(
  db: Queryable,
  filter: DocumentFilter,
): Promise<CreditNoteItem[]> {
  const { rows } = await db.query<{ document: CreditNoteItem }>(
    `select (${CREDIT_NOTE}) ${WITHOUT_PARTS} as document from oms.credit_notes c
     where ($2::uuid is null or c.id < $2::uuid) and ($3::uuid is null or c.order_id = $3::uuid)
       and ($4::text is null or c.series = $4::text)
     order by c.id desc limit $1::integer`,
    [filter.limit, filter.after, filter.orderId, filter.series],
  );
  return rows.map(({ document }) => document);
}

/** With the number and day of the invoice that it corrects. */
export async function findCreditNote(db: Queryable, id: string): Promise<CreditNote | null> {
  const { rows } = await db.query<{ document: CreditNote }>(
    `select ${CREDIT_NOTE} || jsonb_build_object('invoiceNo', i.invoice_no, 'invoiceDate', i.document -> 'issueDate')
       as document
     from oms.credit_notes c left join oms.invoices i on i.id = c.invoice_id where c.id = $1::uuid`,
    [id],
  );
  return rows[0]?.document ?? null;
}
