import {
  CreditNoteAnswer,
  CreditNotePage,
  DocumentQuery,
  InvoiceAnswer,
  InvoicePage,
} from '../../contracts/documents';
import { IdParams } from '../../contracts/common';
import { findCreditNote, findInvoice, listCreditNotes, listInvoices } from '../../db/oms/documents';
import { DomainError } from '../../domain/errors';
import { chooseType } from '../accept';
import { creditNotePdf, invoicePdf } from '../documents/pdf';
import { creditNoteXml, invoiceXml } from '../documents/ubl';
import { pageById } from '../page';
import { defineRoute, type RouteResult } from '../route';

const PDF = 'application/pdf';
const XML = 'application/xml';
const FILES = [PDF, XML] as const;
const ABOUT = 'JSON, or with `Accept` as a PDF to print or as UBL 2.1 (Peppol BIS Billing 3).';

interface Forms {
  readonly number: string;
  readonly pdf: () => Promise<Buffer>;
  readonly xml: () => string;
}

/** The document in the form that the caller accepts; none of its own: JSON. Throws 406 for any other. */
async function inForm(
  accept: string | undefined,
  forms: Forms,
): Promise<Pick<RouteResult, 'file'>> {
  const { number, pdf, xml } = forms;
  switch (chooseType(accept, ['application/json', PDF, XML])) {
    case 'application/json':
      return {};
    case PDF:
      return { file: { type: PDF, name: `${number}.pdf`, bytes: await pdf() } };
    case XML:
      return { file: { type: XML, name: `${number}.xml`, bytes: Buffer.from(xml()) } };
    case null:
      throw new DomainError('not_acceptable', 'The document is to be had as JSON, PDF or XML.');
  }
}

const listAllInvoices = defineRoute({
  method: 'get',
  path: '/v1/invoices',
  scope: 'invoices:read',
  summary: 'Invoices, newest first',
  query: DocumentQuery,
  responses: { 200: InvoicePage },
  handler: async ({ query, deps }) => {
    const { orderId = null, series = null } = query;
    const fetch = (page: { limit: number; after: string | null }) =>
      listInvoices(deps.oms, { ...page, orderId, series });
    return { status: 200, body: await pageById(query, fetch) };
  },
});

const getInvoice = defineRoute({
  method: 'get',
  path: '/v1/invoices/{id}',
  scope: 'invoices:read',
  summary: 'An invoice as it was issued',
  description: ABOUT,
  params: IdParams,
  responses: { 200: InvoiceAnswer },
  files: FILES,
  errors: ['not_acceptable'],
  handler: async ({ params, headers, deps }) => {
    const invoice = await findInvoice(deps.oms, params.id);
    if (invoice === null) throw new DomainError('not_found', 'There is no such invoice.');
    const form = await inForm(headers.accept, {
      number: invoice.invoiceNo,
      pdf: () => invoicePdf(invoice),
      xml: () => invoiceXml(invoice),
    });
    return { status: 200, body: { invoice }, ...form };
  },
});

const listAllCreditNotes = defineRoute({
  method: 'get',
  path: '/v1/credit-notes',
  scope: 'invoices:read',
  summary: 'Credit notes, newest first',
  query: DocumentQuery,
  responses: { 200: CreditNotePage },
  handler: async ({ query, deps }) => {
    const { orderId = null, series = null } = query;
    const fetch = (page: { limit: number; after: string | null }) =>
      listCreditNotes(deps.oms, { ...page, orderId, series });
    return { status: 200, body: await pageById(query, fetch) };
  },
});

const getCreditNote = defineRoute({
  method: 'get',
  path: '/v1/credit-notes/{id}',
  scope: 'invoices:read',
  summary: 'A credit note as it was issued',
  description: ABOUT,
  params: IdParams,
  responses: { 200: CreditNoteAnswer },
  files: FILES,
  errors: ['not_acceptable'],
  handler: async ({ params, headers, deps }) => {
    const creditNote = await findCreditNote(deps.oms, params.id);
    if (creditNote === null) throw new DomainError('not_found', 'There is no such credit note.');
    const form = await inForm(headers.accept, {
      number: creditNote.creditNoteNo,
      pdf: () => creditNotePdf(creditNote),
      xml: () => creditNoteXml(creditNote),
    });
    return { status: 200, body: { creditNote }, ...form };
  },
});

export const documentRoutes = [listAllInvoices, getInvoice, listAllCreditNotes, getCreditNote];
