import { z } from 'zod';

import { HOLD_STATUSES, PAYMENT_STATUSES } from '../domain/order-state';
import { FINDING_CODES, REVIEW_VERDICTS } from '../domain/review';

import { AmountMinor, CurrencyCode, Id, Timestamp } from './common';

export const WAIT_CODES = [
  'review',
  'finance_review',
  'shortage',
  'backorder',
  'substitution',
  'payment',
  'void',
  'delivery_exception',
  'hold',
  'warehouse',
  'carrier',
  'engine',
] as const;

const Count = z.int().min(0);
const Rate = z.string().meta({ description: 'A decimal', example: '0.0625' });

/** What an order waits for, in a sentence; null when it runs or is over. */
export const WaitingFor = z
  .object({
    code: z.enum(WAIT_CODES),
    detail: z.string(),
    since: Timestamp.nullable(),
    until: Timestamp.nullable(),
  })
  .meta({ id: 'WaitingFor' });
export type WaitingFor = z.infer<typeof WaitingFor>;

/** An address as it was snapshot; foreign documents leave members out. */
export const StoredAddress = z
  .object({
    name: z.string().nullish(),
    company: z.string().nullish(),
    line1: z.string(),
    line2: z.string().nullish(),
    city: z.string().nullish(),
    region: z.string().nullish(),
    postalCode: z.string().nullish(),
    country: z.string().nullable(),
    phone: z.string().nullish(),
  })
  .meta({ id: 'StoredAddress' });

export const Amounts = z
  .object({
    authorizedMinor: AmountMinor,
    capturedMinor: AmountMinor,
    refundedMinor: AmountMinor,
    balanceDueMinor: AmountMinor,
    voidedMinor: AmountMinor,
    pendingRefundMinor: AmountMinor,
    disputedMinor: AmountMinor,
    refundableMinor: AmountMinor,
  })
  .meta({ id: 'OrderAmounts' });

export const Presentment = z.object({
  currency: CurrencyCode,
  subtotalMinor: AmountMinor,
  discountMinor: AmountMinor,
  shippingMinor: AmountMinor,
  taxMinor: AmountMinor,
  totalMinor: AmountMinor,
});

export const Fee = z.object({ kind: z.string(), amountMinor: AmountMinor });

const LineDiscount = z.object({
  code: z.string().nullable(),
  type: z.enum(['fixed', 'percent']),
  valuePercent: z.number().nullable(),
  amountMinor: AmountMinor,
});

export const OrderLine = z
  .object({
    id: Id,
    lineNo: z.int(),
    sku: z.string().nullable(),
    knownSku: z.boolean(),
    title: z.string(),
    quantity: Count,
    unitPriceMinor: AmountMinor,
    discountMinor: AmountMinor,
    discounts: z.array(LineDiscount),
    taxMinor: AmountMinor,
    taxRate: Rate,
    taxCategory: z.string(),
    totalMinor: AmountMinor,
    weightGrams: Count,
    requiresShipping: z.boolean(),
    substituteFor: Id.nullable(),
    canceled: Count,
    allocated: Count,
    fulfilled: Count,
    shipped: Count,
    delivered: Count,
    returnRequested: Count,
    returned: Count,
    returnRejected: Count,
    refunded: Count,
  })
  .meta({ id: 'OrderLine' });

export const Hold = z
  .object({
    id: Id,
    type: z.string(),
    reason: z.string(),
    source: z.enum(['system', 'user']),
    status: z.enum(HOLD_STATUSES),
    placedBy: z.string(),
    placedAt: Timestamp,
    releasedBy: z.string().nullable(),
    releasedAt: Timestamp.nullable(),
    releaseReason: z.string().nullable(),
  })
  .meta({ id: 'OrderHold' });

export const Finding = z
  .object({
    code: z.enum(FINDING_CODES),
    verdict: z.enum(REVIEW_VERDICTS),
    rule: z.string(),
    detail: z.string(),
    status: z.enum(['open', 'accepted']),
    decidedBy: z.string().nullable(),
    decidedAt: Timestamp.nullable(),
  })
  .meta({ id: 'OrderFinding' });

export const Payment = z
  .object({
    id: Id,
    method: z.string(),
    provider: z.string(),
    reference: z.string().nullable(),
    status: z.enum(PAYMENT_STATUSES),
    authorizedMinor: AmountMinor,
    capturedMinor: AmountMinor,
    refundedMinor: AmountMinor,
    voidedMinor: AmountMinor,
    idempotencyKey: z.string(),
    failureCode: z.string().nullable(),
    multicapture: z.boolean(),
    expiresAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Payment' });
