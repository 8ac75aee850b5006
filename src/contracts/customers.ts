import { z } from 'zod';

import { Id, listQuery, MAX_NAME, pageOf, Timestamp, TimestampIn } from './common';

const Birthday = z.object({
  month: z.int(),
  day: z.int(),
  year: z.int().optional(),
  calendar: z.enum(['solar', 'lunar']),
  leapMonth: z.boolean().optional(),
});

const CustomerStatus = z.enum(['active', 'merged', 'erased']);

/** A customer as lists show it. Personal fields are null when unknown, and after erasure. */
export const Customer = z
  .object({
    id: Id,
    version: z.int(),
    status: CustomerStatus,
    externalId: z.string().nullable(),
    name: z.string().nullable(),
    givenName: z.string().nullable(),
    familyName: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    locale: z.string().nullable(),
    timezone: z.string().nullable(),
    birthday: Birthday.nullable(),
    addresses: z.array(z.record(z.string(), z.unknown())),
    tags: z.array(z.string()),
    customFields: z.record(z.string(), z.unknown()),
    ownerId: Id.nullable(),
    team: z.string().nullable(),
    tier: z.string().nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Customer' });
export type Customer = z.infer<typeof Customer>;

const Identity = z.object({
  id: Id,
  channel: z.string(),
  value: z.string(),
  valid: z.boolean(),
  verifiedAt: Timestamp.nullable(),
  primary: z.boolean(),
});

const Totals = z.object({
  currency: z.string(),
  orderCount: z.int(),
  capturedMinor: z.int(),
  refundedMinor: z.int(),
  netMinor: z.int(),
  firstOrderAt: Timestamp.nullable(),
  lastOrderAt: Timestamp.nullable(),
});

export const TimelineEntry = z
  .object({
    id: Id,
    at: Timestamp,
    kind: z.string(),
    refType: z.string(),
    refId: z.string(),
    summary: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** One customer with all that belongs to it; lists hold at most 20, newest first. */
export const CustomerDetail = Customer.extend({
  identities: z.array(Identity),
  consents: z.array(
    z.object({ channel: z.string(), topic: z.string(), state: z.string(), at: Timestamp }),
  ),
  suppressions: z.array(z.object({ channel: z.string(), reason: z.string(), at: Timestamp })),
  totals: z.array(Totals),
  rfm: z.array(
    z.object({
      currency: z.string(),
      recency: z.int(),
      frequency: z.int(),
      monetary: z.int(),
    }),
  ),
  points: z.object({ balance: z.int(), pending: z.int() }),
  openOrders: z.array(
    z.object({
      id: Id,
      orderNo: z.string(),
      status: z.string(),
      stage: z.string(),
      currency: z.string(),
      totalMinor: z.int(),
      placedAt: Timestamp,
    }),
  ),
  openReturns: z.array(z.object({ id: Id })),
  openCases: z.array(z.object({ id: Id })),
  surveys: z.array(
    z.object({
      id: Id,
      definition: z.string(),
      subjectId: Id,
      state: z.string(),
      score: z.int().nullable(),
      sentAt: Timestamp.nullable(),
      answeredAt: Timestamp.nullable(),
    }),
  ),
  lastContacts: z.array(TimelineEntry),
  mergedIds: z.array(Id),
  legalHold: z.boolean(),
}).meta({ id: 'CustomerDetail' });
export type CustomerDetail = z.infer<typeof CustomerDetail>;

export const CustomerList = pageOf(Customer);
export const CustomerListQuery = listQuery({
  q: z.string().trim().min(1).max(MAX_NAME).optional(),
  email: z.string().max(500).optional(),
  phone: z.string().max(100).optional(),
  externalId: z.string().max(500).optional(),
  tag: z.string().max(100).optional(),
  status: CustomerStatus.optional(),
  ownerId: Id.optional(),
});

const TIMELINE_KINDS = [
  'order_placed',
  'order_shipped',
  'order_delivered',
  'order_completed',
  'order_canceled',
  'return_requested',
  'return_received',
  'return_closed',
  'refund_succeeded',
  'message_sent',
  'message_bounced',
  'case_opened',
  'case_message',
  'case_resolved',
  'survey_sent',
  'survey_answered',
  'consent_changed',
  'merged',
  'unmerged',
  'note',
] as const;

export const Timeline = pageOf(TimelineEntry);
export const TimelineQuery = listQuery({
  kind: z.enum(TIMELINE_KINDS).optional(),
  from: TimestampIn.optional(),
  to: TimestampIn.optional(),
});
