import { z } from 'zod';

import {
  ACCEPTANCES,
  RECEPTIONS,
  RETURN_CONDITIONS,
  RETURN_DISPOSITIONS,
  RETURN_REASONS,
} from '../domain/return';
import { RETURN_ACTIONS, RETURN_KINDS, RETURN_STATUSES } from '../domain/return-state';

import {
  AmountMinor,
  Id,
  listQuery,
  LocationCode,
  Note,
  pageOf,
  Quantity,
  Sku,
  text,
  Timestamp,
} from './common';

const MAX_LINES = 500;
const Count = z.int().min(0);

const AskedLine = z.strictObject({
  lineId: Id,
  quantity: Quantity,
  reason: z.enum(RETURN_REASONS).default('other'),
});

const ExchangeLine = z.strictObject({
  sku: Sku,
  quantity: Quantity,
  unitPriceMinor: AmountMinor.optional(),
});

/** What somebody asks to send back. An exchange without lines of its own is for the same items again. */
export const CreateReturn = z
  .strictObject({
    lines: z.array(AskedLine).min(1).max(MAX_LINES),
    kind: z.enum(['return', 'exchange']).default('return'),
    exchangeLines: z.array(ExchangeLine).min(1).max(MAX_LINES).optional(),
    note: Note.nullish(),
  })
  .meta({ id: 'CreateReturn' });
export type CreateReturn = z.infer<typeof CreateReturn>;

/** The customer's own request, from the page behind the link. */
export const AskReturn = CreateReturn.omit({ exchangeLines: true });

export const ApproveReturnBody = z
  .strictObject({
    note: Note.nullish(),
    keepItem: z.boolean().default(false),
    label: z.boolean().default(true),
  })
  .meta({ id: 'ApproveReturnBody' });

export const EndReturnBody = z.strictObject({ reason: text(500) }).meta({ id: 'EndReturnBody' });

export const ReceiveReturnBody = z
  .strictObject({
    lines: z
      .array(
        z.strictObject({ lineId: Id, quantity: Quantity, condition: z.enum(RETURN_CONDITIONS) }),
      )
      .max(MAX_LINES),
    location: LocationCode.optional(),
    complete: z.boolean().default(false),
  })
  .refine((body) => body.complete || body.lines.length > 0, {
    path: ['lines'],
    message: 'is empty, and the receipt is not complete',
  })
  .meta({ id: 'ReceiveReturnBody' });
export type ReceiveReturnBody = z.infer<typeof ReceiveReturnBody>;

export const InspectReturnBody = z
  .strictObject({
    lines: z
      .array(
        z
          .strictObject({
            lineId: Id,
            accepted: Count.max(100_000).default(0),
            rejected: Count.max(100_000).default(0),
            disposition: z.enum(RETURN_DISPOSITIONS).nullable().default(null),
          })
          .refine((line) => line.accepted + line.rejected > 0, {
            path: ['accepted'],
            message: 'nothing is accepted or rejected',
          }),
      )
      .min(1)
      .max(MAX_LINES),
  })
  .meta({ id: 'InspectReturnBody' });
export type InspectReturnBody = z.infer<typeof InspectReturnBody>;

const ReturnLine = z
  .object({
    id: Id,
    lineId: Id,
    sku: z.string().nullable(),
    quantity: Count,
    received: Count,
    accepted: Count,
    rejected: Count,
    reason: z.enum(RETURN_REASONS),
    condition: z.enum(RETURN_CONDITIONS).nullable(),
    reception: z.enum(RECEPTIONS),
    acceptance: z.enum(ACCEPTANCES),
    disposition: z.enum(RETURN_DISPOSITIONS).nullable(),
    refundMinor: AmountMinor,
  })
  .meta({ id: 'ReturnLine' });

const ReturnWaitingFor = z.object({
  code: z.enum(['return_approval', 'return_goods', 'inspection', 'refund']),
  detail: z.string(),
  since: Timestamp.nullable(),
  until: Timestamp.nullable(),
});

export const Return = z
  .object({
    id: Id,
    returnNo: z.string(),
    orderId: Id,
    orderNo: z.string(),
    kind: z.enum(RETURN_KINDS),
    status: z.enum(RETURN_STATUSES),
    lines: z.array(ReturnLine),
    exchangeLines: z.array(
      z.object({ sku: z.string(), quantity: z.int(), unitPriceMinor: AmountMinor.optional() }),
    ),
    exchangeOrderId: Id.nullable(),
    shipment: z
      .object({
        carrier: z.string().nullable(),
        trackingNo: z.string(),
        labelUrl: z.string().nullable(),
        status: z.string(),
      })
      .nullable(),
    refundIds: z.array(Id),
    note: z.string().nullable(),
    requestedBy: z.enum(['customer', 'staff']),
    keepItem: z.boolean(),
    location: z.string().nullable(),
    allowedActions: z.array(z.enum(RETURN_ACTIONS)),
    waitingFor: ReturnWaitingFor.nullable(),
    createdAt: Timestamp,
    approvedAt: Timestamp.nullable(),
    declinedAt: Timestamp.nullable(),
    receivedAt: Timestamp.nullable(),
    inspectedAt: Timestamp.nullable(),
    closedAt: Timestamp.nullable(),
    canceledAt: Timestamp.nullable(),
    expiredAt: Timestamp.nullable(),
    updatedAt: Timestamp,
    workflowId: z.string(),
    temporalUrl: z.string(),
  })
  .meta({ id: 'Return' });
export type Return = z.infer<typeof Return>;

export const ReturnAnswer = z.object({ return: Return });
export const ReturnPage = pageOf(Return);
export const ReturnQuery = listQuery({
  orderId: Id.optional(),
  status: z.enum(RETURN_STATUSES).optional(),
  kind: z.enum(RETURN_KINDS).optional(),
});
export type ReturnQuery = z.infer<typeof ReturnQuery>;
