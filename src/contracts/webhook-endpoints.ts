import { z } from 'zod';

import { isEventPattern } from '../domain/webhook-events';

import { Id, listQuery, pageOf, text, Timestamp } from './common';
import { Duration } from './policies';

const ENDPOINT_STATUSES = ['active', 'disabled'] as const;
const DELIVERY_STATUSES = ['pending', 'succeeded', 'failed'] as const;

const Url = text(2000).meta({
  description: 'https to a public address',
  example: 'https://erp.example.com/hooks',
});
const EventPatterns = z
  .array(
    z
      .string()
      .max(100)
      .refine(isEventPattern, 'is no type of event, nor * or all of a component: refund.*'),
  )
  .min(1)
  .max(100);
const Description = text(500);

export const CreateWebhookEndpoint = z
  .strictObject({ url: Url, events: EventPatterns, description: Description.nullish() })
  .meta({ id: 'CreateWebhookEndpoint' });

export const ChangeWebhookEndpoint = z
  .strictObject({
    url: Url.optional(),
    events: EventPatterns.optional(),
    description: Description.nullish(),
    status: z.enum(ENDPOINT_STATUSES).optional(),
  })
  .meta({ id: 'ChangeWebhookEndpoint' });

export const RotateWebhookSecret = z
  .strictObject({ overlap: Duration.default('PT24H') })
  .meta({ id: 'RotateWebhookSecret' });

export const WebhookEndpoint = z
  .object({
    id: Id,
    url: z.string(),
    events: z.array(z.string()),
    description: z.string().nullable(),
    status: z.enum(ENDPOINT_STATUSES),
    disabledReason: z.enum(['by_request', 'gone']).nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>;

/** The answers with the secret in them; null where the answer is a repeat by Idempotency-Key. */
const WebhookEndpointWithSecret = WebhookEndpoint.extend({ secret: z.string().nullable() }).meta({
  id: 'WebhookEndpointWithSecret',
});

export const WebhookEndpointAnswer = z.object({ webhookEndpoint: WebhookEndpoint });
export const WebhookSecretAnswer = z.object({ webhookEndpoint: WebhookEndpointWithSecret });
export const WebhookEndpointPage = pageOf(WebhookEndpoint);
export const WebhookEndpointQuery = listQuery({ status: z.enum(ENDPOINT_STATUSES).optional() });

export const WebhookDelivery = z
  .object({
    id: Id,
    endpointId: Id,
    eventId: Id,
    type: z.string(),
    aggregate: z.object({ type: z.string(), id: Id, seq: z.int() }),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.int(),
    nextAttemptAt: Timestamp.nullable(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
    createdAt: Timestamp,
    deliveredAt: Timestamp.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

export const WebhookDeliveryAnswer = z.object({ webhookDelivery: WebhookDelivery });
export const WebhookDeliveryPage = pageOf(WebhookDelivery);
export const WebhookDeliveryQuery = listQuery({
  endpointId: Id.optional(),
  status: z.enum(DELIVERY_STATUSES).optional(),
  type: text(100).optional(),
  aggregateId: Id.optional(),
});
