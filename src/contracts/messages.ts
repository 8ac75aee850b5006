import { z } from 'zod';

import { Id, listQuery, pageOf, Timestamp } from './common';

const MessageState = z.enum([
  'queued',
  'claimed',
  'sending',
  'sent',
  'delivered',
  'bounced',
  'complained',
  'deferred',
  'failed',
  'canceled',
  'skipped',
  'unknown',
]);

const MessageChannel = z.enum(['email', 'sms']);
const MessageClass = z.enum(['transactional', 'marketing']);

export const Message = z
  .object({
    id: Id,
    customerId: Id,
    channel: MessageChannel,
    class: MessageClass,
    topic: z.string().nullable(),
    template: z.string(),
    templateVersion: z.int(),
    locale: z.string(),
    source: z.object({
      type: z.enum(['api', 'order', 'case', 'survey', 'campaign', 'journey']),
      id: z.string(),
    }),
    dedupeKey: z.string(),
    state: MessageState,
    skipReason: z
      .enum([
        'no_consent',
        'suppressed',
        'frequency_cap',
        'expired',
        'no_address',
        'erased',
        'template_error',
      ])
      .nullable(),
    error: z.string().nullable(),
    attempt: z.int(),
    notBefore: Timestamp,
    expiresAt: Timestamp.nullable(),
    createdAt: Timestamp,
    claimedAt: Timestamp.nullable(),
    sentAt: Timestamp.nullable(),
    deliveredAt: Timestamp.nullable(),
    resendOf: Id.nullable(),
    events: z.array(z.object({ type: z.string(), at: Timestamp, machine: z.boolean() })),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

/** One message with its text; null before it is rendered and after erasure. */
export const MessageWithBody = Message.extend({
  body: z.object({ subject: z.string(), text: z.string(), html: z.string() }).nullable(),
}).meta({ id: 'MessageWithBody' });
export type MessageWithBody = z.infer<typeof MessageWithBody>;

export const MessageList = pageOf(Message);
export const MessageListQuery = listQuery({
  customerId: Id.optional(),
  state: MessageState.optional(),
  channel: MessageChannel.optional(),
  class: MessageClass.optional(),
  template: z.string().max(64).optional(),
  dedupeKey: z.string().max(500).optional(),
  sourceId: z.string().max(200).optional(),
});
