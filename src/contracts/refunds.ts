import { z } from 'zod';

import { REFUND_ACTIONS, REFUND_STATUSES } from '../domain/refund-state';

import {
  AmountMinor,
  CurrencyCode,
  Id,
  listQuery,
  Note,
  pageOf,
  Quantity,
  text,
  Timestamp,
} from './common';

const DESTINATIONS = ['original', 'store_credit', 'exchange'] as const;

/** What a refund waits for, in a sentence; null when it runs or is over. */
const RefundWait = z
  .object({
    code: z.enum(['refund_approval', 'gateway', 'outside_payment']),
    detail: z.string(),
    since: Timestamp.nullable(),
    until: Timestamp.nullable(),
  })
  .meta({ id: 'RefundWait' });

export const Refund = z
  .object({
    id: Id,
    orderId: Id,
    returnId: Id.nullable(),
    disputeId: Id.nullable(),
    status: z.enum(REFUND_STATUSES),
    amountMinor: AmountMinor,
    currency: CurrencyCode,
    reason: z.string(),
    to: z.enum(DESTINATIONS),
    lines: z.array(
      z.object({ lineId: Id, quantity: Quantity, itemMinor: AmountMinor, taxMinor: AmountMinor }),
    ),
    shippingMinor: AmountMinor,
    shippingTaxMinor: AmountMinor,
    adjustmentMinor: AmountMinor,
    payments: z.array(
      z.object({
        paymentId: Id,
        amountMinor: AmountMinor,
        status: z.enum(REFUND_STATUSES),
        to: z.enum(['gateway', 'store_credit', 'exchange', 'outside']),
        reference: z.string().nullable(),
        idempotencyKey: z.string(),
        failureCode: z.string().nullable(),
      }),
    ),
    requestedBy: z.string(),
    approvedBy: z.string().nullable(),
    creditNoteId: Id.nullable(),
    waitingFor: RefundWait.nullable(),
    failureCode: z.string().nullable(),
    allowedActions: z.array(z.enum(REFUND_ACTIONS)),
    createdAt: Timestamp,
    submittedAt: Timestamp.nullable(),
    succeededAt: Timestamp.nullable(),
    failedAt: Timestamp.nullable(),
    canceledAt: Timestamp.nullable(),
    reversedAt: Timestamp.nullable(),
    updatedAt: Timestamp,
    workflowId: z.string(),
    temporalUrl: z.string(),
  })
  .meta({ id: 'Refund' });
export type Refund = z.infer<typeof Refund>;

export const RefundAnswer = z.object({ refund: Refund });
export const RefundPage = pageOf(Refund);
export const RefundQuery = listQuery({
  orderId: Id.optional(),
  status: z.enum(REFUND_STATUSES).optional(),
});

const StaffId = text(200).meta({ description: 'Who acts behind the key; counts for four eyes' });

/** Either an amount alone, or units and shipping by their worth. */
export const RefundBody = z
  .strictObject({
    amountMinor: AmountMinor.min(1).optional(),
    lines: z
      .array(z.strictObject({ lineId: Id, quantity: Quantity }))
      .min(1)
      .max(500)
      .optional(),
    shippingMinor: AmountMinor.optional(),
    reason: text(500),
    to: z.enum(['original', 'store_credit']).default('original'),
    staffId: StaffId.optional(),
  })
  .superRefine(({ amountMinor, lines, shippingMinor }, ctx) => {
    const hasParts = lines !== undefined || shippingMinor !== undefined;
    if (hasParts === (amountMinor === undefined)) return;
    const message = hasParts ? 'is not taken beside lines or shippingMinor' : 'is needed';
    ctx.addIssue({ code: 'custom', path: ['amountMinor'], message });
  })
  .meta({ id: 'RefundBody' });
export type RefundBody = z.infer<typeof RefundBody>;

export const DecideRefundBody = z
  .strictObject({
    reason: text(500).optional(),
    note: Note.optional(),
    staffId: StaffId.optional(),
  })
  .meta({ id: 'DecideRefundBody' });
export const RecordRefundBody = z
  .strictObject({ reference: text(200) })
  .meta({ id: 'RecordRefundBody' });
