import {
  findHandedOverUnits,
  findRefundToCredit,
  openForDocuments,
  type OrderToInvoice,
} from '../db/oms/document-facts';
import { issueCreditNote, issueInvoice, settleInvoices } from '../db/oms/document-issue';
import { type Pool, withTransaction } from '../db/pool';
import { correctionOf, creditNoteOf } from '../domain/credit-note';
import { headingOf, type Seller } from '../domain/document-heading';
import { nextInvoice } from '../domain/invoice';

export interface IssuingDeps {
  readonly oms: Pool;
  readonly seller: Seller;
}

/** The invoice of what one hand-over sent. Once: a second time it finds it issued, or all of it invoiced. */
export async function invoiceHandOver(
  { oms, seller }: IssuingDeps,
  orderId: string,
  fulfillmentOrderId: string,
): Promise<void> {
  await withTransaction(oms, async (tx) => {
    const order = await openForDocuments(tx, orderId);
    if (order === null || isInvoiced(order, fulfillmentOrderId)) return;
    const units = await findHandedOverUnits(tx, fulfillmentOrderId);
    const figures = nextInvoice(order, { ...historyOf(order), units });
    if (figures === null) return;
    const heading = headingOf(order, seller, order.today);
    await issueInvoice(tx, { heading, figures }, fulfillmentOrderId);
    await settleInvoices(tx, orderId);
  });
}

/**
 * The invoice of a completed order: of all that no hand-over's invoice has yet. Where those are worth more than the order
 * is by now, a credit note instead. Once.
 */
export async function invoiceRest({ oms, seller }: IssuingDeps, orderId: string): Promise<void> {
  await withTransaction(oms, async (tx) => {
    const order = await openForDocuments(tx, orderId);
    if (order?.status !== 'completed' || order.isHistory || isInvoiced(order, null)) return;
    const figures = nextInvoice(order, { ...historyOf(order), units: null });
    if (figures === null) return;
    const heading = headingOf(order, seller, order.today);
    if (figures.totalMinor < 0) {
      const correction = { heading, figures: correctionOf(-figures.totalMinor) };
      await issueCreditNote(tx, correction, { invoiceId: newestOf(order), refundId: null });
      return;
    }
    await issueInvoice(tx, { heading, figures }, null);
    await settleInvoices(tx, orderId);
  });
}

/** The credit note of a refund that has succeeded; it corrects the order's newest invoice, if there is one. Once. */
export async function creditRefund({ oms, seller }: IssuingDeps, refundId: string): Promise<void> {
  await withTransaction(oms, async (tx) => {
    const orderId = (await findRefundToCredit(tx, refundId))?.orderId;
    if (orderId === undefined) return;
    const order = await openForDocuments(tx, orderId);
    const refund = await findRefundToCredit(tx, refundId);
    if (order === null || refund === null || refund.isCredited) return;
    const heading = headingOf({ ...order, paymentMethod: 'refund' }, seller, order.today);
    const figures = creditNoteOf(order, refund);
    await issueCreditNote(tx, { heading, figures }, { invoiceId: newestOf(order), refundId });
  });
}

function newestOf({ invoices }: OrderToInvoice): string | null {
  return invoices.at(-1)?.id ?? null;
}

function isInvoiced({ invoices }: OrderToInvoice, fulfillmentOrderId: string | null): boolean {
  return invoices.some((invoice) => invoice.fulfillmentOrderId === fulfillmentOrderId);
}

function historyOf(order: OrderToInvoice) {
  return {
    earlier: order.invoices.map(({ figures }) => figures),
    amended: order.amended.map((refund) => creditNoteOf(order, refund)),
    correctedMinor: order.correctedMinor,
  };
}
