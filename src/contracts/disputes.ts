import { z } from 'zod';

import { DISPUTE_ACTIONS, DISPUTE_STATUSES } from '../domain/dispute';

import { AmountMinor, CurrencyCode, Id, listQuery, Note, pageOf, Timestamp } from './common';

/** A customer's bank takes money back, or asks about it. */
export const Dispute = z
  .object({
    id: Id,
    orderId: Id,
    paymentId: Id,
    provider: z.string(),
    reference: z.string(),
    amountMinor: AmountMinor,
    feeMinor: AmountMinor,
    /** Its part of `disputedMinor`. */
    reservedMinor: AmountMinor,
    currency: CurrencyCode,
    reason: z.string(),
    status: z.enum(DISPUTE_STATUSES),
    /** What was answered, or why it was given up. */
    response: z.string().nullable(),
    evidenceDueBy: Timestamp.nullable(),
    openedAt: Timestamp,
    closedAt: Timestamp.nullable(),
    allowedActions: z.array(z.enum(DISPUTE_ACTIONS)),
  })
  .meta({ id: 'Dispute' });
export type Dispute = z.infer<typeof Dispute>;

export const DisputeAnswer = z.object({ dispute: Dispute });
export const DisputePage = pageOf(Dispute);
export const DisputeQuery = listQuery({
  orderId: Id.optional(),
  status: z.enum(DISPUTE_STATUSES).optional(),
});
export const DisputeActionBody = z.strictObject({ text: Note }).meta({ id: 'DisputeActionBody' });
