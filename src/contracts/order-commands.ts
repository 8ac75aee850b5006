import { z } from 'zod';

import { FINDING_CODES } from '../domain/review';

import { AmountMinor, Id, LocationCode, Note, Quantity, Sku, text, TimestampIn } from './common';
import { PriceMinor } from './intake';

const Reason = text(500);

export const DecideBody = z
  .strictObject({
    reason: Reason,
    findingCodes: z.array(z.enum(FINDING_CODES)).min(1).max(50).optional(),
  })
  .meta({ id: 'DecideBody' });

/** Nothing named: the whole order. `lineIds` names all that is left of lines, `lines` single units. */
export const CancelBody = z
  .strictObject({
    reason: Reason,
    lineIds: z.array(Id).min(1).max(500).optional(),
    lines: z
      .array(z.strictObject({ lineId: Id, quantity: Quantity }))
      .min(1)
      .max(500)
      .optional(),
    note: Note.nullish(),
  })
  .meta({ id: 'CancelBody' });

export const HoldBody = z
  .strictObject({ type: text(50).default('manual'), reason: Reason })
  .meta({ id: 'HoldBody' });
export const ReleaseBody = z
  .strictObject({ holdId: Id, reason: Reason })
  .meta({ id: 'ReleaseBody' });
const Substitution = z
  .strictObject({
    lineId: Id,
    sku: Sku,
    quantity: Quantity.optional(),
    unitPriceMinor: AmountMinor.optional(),
  })
  .meta({ id: 'Substitution' });
export const ResolveShortageBody = z
  .strictObject({
    choice: z.enum(['wait', 'split', 'substitute', 'cancel_lines', 'cancel']),
    substitutions: z.array(Substitution).min(1).max(500).optional(),
    /** Who says yes to a substitute: the customer, by a link in a mail, unless staff has asked already. */
    accept: z.enum(['staff', 'customer']).optional(),
    reason: Reason.optional(),
  })
  .refine(({ choice, substitutions }) => choice !== 'substitute' || substitutions !== undefined, {
    path: ['substitutions'],
    message: 'is needed for a substitute',
  })
  .meta({ id: 'ResolveShortageBody' });
export const MoveFulfillmentBody = z
  .strictObject({ fulfillmentOrderId: Id, location: LocationCode, reason: Reason.optional() })
  .meta({ id: 'MoveFulfillmentBody' });
export const RetryPaymentBody = z
  .strictObject({ token: text(200) })
  .meta({ id: 'RetryPaymentBody' });
/** Money that came outside; the same reference again changes nothing. */
export const RecordPaymentBody = z
  .strictObject({
    amountMinor: PriceMinor.min(1),
    reference: text(200),
    receivedAt: TimestampIn.nullish(),
  })
  .meta({ id: 'RecordPaymentBody' });
export const NoteBody = z.strictObject({ text: Note }).meta({ id: 'NoteBody' });
