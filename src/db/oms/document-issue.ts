import type { DocumentFigures } from '../../domain/document-figures';
import type { DocumentHeading } from '../../domain/document-heading';
import type { Queryable } from '../pool';
import { type Actor, recordingWith, runRecording } from './record-change';

const ISSUER: Actor = { type: 'system', id: 'documents' };

/** The next number of series `$11`: taken with the document, so none is ever missing. */
const NUMBERED = `series as (
    insert into oms.document_series as s (series, last) select $11::text, 1 from ord
    on conflict (series) do update set last = s.last + 1
    returning s.series, s.last, s.series || '-' || lpad(s.last::text, 6, '0') as number
  ),`;

const ISSUE_INVOICE = recordingWith(
  `${NUMBERED} issued as (
    insert into oms.invoices (invoice_no, series, sequence, order_id, fulfillment_order_id, total_minor, document)
    select s.number, s.series, s.last, ord.id, $12::uuid, $13::bigint, $14::jsonb from series s, ord
    returning id, invoice_no, total_minor
  ),`,
  {
    events: `(select $5::jsonb || jsonb_build_array(jsonb_build_object('type', 'invoice_issued', 'announce', 'invoice.issued',
        'data', d, 'payload', d)) from issued i, jsonb_build_object('invoiceId', i.id, 'invoiceNo', i.invoice_no,
        'amountMinor', i.total_minor) d)`,
  },
);

const ISSUE_CREDIT_NOTE = recordingWith(
  `${NUMBERED} issued as (
    insert into oms.credit_notes (credit_note_no, series, sequence, order_id, invoice_id, refund_id, total_minor, document)
    select s.number, s.series, s.last, ord.id, $12::uuid, $15::uuid, $13::bigint, $14::jsonb from series s, ord
    returning id, credit_note_no, refund_id, total_minor
  ),`,
  {
    events: `(select $5::jsonb || jsonb_build_array(jsonb_build_object('type', 'credit_note_issued', 'announce', 'credit_note.issued',
        'data', d, 'payload', d)) from issued c, jsonb_build_object('creditNoteId', c.id, 'creditNoteNo', c.credit_note_no,
        'refundId', c.refund_id, 'amountMinor', c.total_minor) d)`,
  },
);

export interface DocumentToIssue {
  readonly heading: DocumentHeading;
  readonly figures: DocumentFigures;
}

/** Issues an invoice with the next number, the order's event and its announcement. `fulfillmentOrderId` null: the last one. */
export async function issueInvoice(
  tx: Queryable,
  document: DocumentToIssue,
  fulfillmentOrderId: string | null,
): Promise<void> {
  await issue(tx, ISSUE_INVOICE, document, ['INV', fulfillmentOrderId]);
}

/** Issues a credit note, likewise, of a refund or of none. `invoiceId`: what it corrects, if there is an invoice. */
export async function issueCreditNote(
  tx: Queryable,
  document: DocumentToIssue,
  of: { readonly invoiceId: string | null; readonly refundId: string | null },
): Promise<void> {
  await issue(tx, ISSUE_CREDIT_NOTE, document, ['CN', of.invoiceId, of.refundId]);
}

async function issue(
  tx: Queryable,
  statement: string,
  { heading, figures }: DocumentToIssue,
  [prefix, ref, ...more]: readonly [string, string | null, ...(string | null)[]],
): Promise<void> {
  const change = { orderId: heading.orderId, actor: ISSUER, events: [] };
  const series = `${prefix}-${heading.issueDate.slice(0, 4)}`;
  const document = JSON.stringify({ ...heading, ...figures });
  await runRecording(tx, statement, change, [series, ref, figures.totalMinor, document, ...more]);
}

/** Once an order's captured money covers its invoices they are paid. May run any number of times. */
export async function settleInvoices(db: Queryable, orderId: string): Promise<void> {
  await db.query(
    `update oms.invoices set status = 'paid'
     where order_id = $1::uuid and status = 'issued'
       and (select sum(total_minor) from oms.invoices where order_id = $1::uuid)
         <= (select coalesce(sum(captured_minor), 0) from oms.payments where order_id = $1::uuid)`,
    [orderId],
  );
}
