import { z } from 'zod';

const at = z.string();
const minor = z.number().int();

/** One line of the gateway's books. `token` and `fingerprint` are its own and not shown. */
export const GatewayEntry = z.object({
  id: z.string(),
  intentId: z.string(),
  kind: z.enum(['authorization', 'capture', 'void', 'refund', 'dispute']),
  /** `won` and `lost` of disputes alone, `reversed` of refunds. */
  status: z.enum(['succeeded', 'declined', 'failed', 'pending', 'won', 'lost', 'reversed']),
  amountMinor: minor,
  currency: z.string(),
  reference: z.string(),
  idempotencyKey: z.string(),
  at,
  code: z.string().nullable(),
  expiresAt: z.string().nullable(),
  /** The customer has to confirm: pending until the intent is completed. */
  needsAction: z.boolean(),
  token: z.string().nullable(),
  fingerprint: z.string(),
  /** Of a dispute: what the bank's letter says, while it is pending. */
  letter: z.enum(['needs_response', 'warning_needs_response']).optional(),
});
export type GatewayEntry = z.infer<typeof GatewayEntry>;

export const Scan = z.object({
  id: z.string(),
  code: z.string(),
  occurredAt: z.string(),
  location: z.string().nullable(),
});
export type Scan = z.infer<typeof Scan>;

const Address = z.record(z.string(), z.unknown());

export const CarrierRequest = z.object({
  idempotencyKey: z.string(),
  fingerprint: z.string(),
  reference: z.string(),
  kind: z.enum(['outbound', 'return']),
  service: z.string(),
  from: Address,
  to: Address,
  weightGrams: z.number(),
  at,
});
export type CarrierRequest = z.infer<typeof CarrierRequest>;

export const Mail = z.object({
  id: z.string(),
  to: z.string(),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  headers: z.record(z.string(), z.string()),
  at,
});
export type Mail = z.infer<typeof Mail>;

export const Sms = z.object({
  id: z.string(),
  to: z.string(),
  from: z.string(),
  text: z.string(),
  reference: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  at,
});
export type Sms = z.infer<typeof Sms>;

export const FaultService = z.enum(['gateway', 'carrier', 'mail', 'sms']);
export type FaultService = z.infer<typeof FaultService>;

export const Fault = z.object({
  mode: z.enum(['down', 'slow', 'error', 'timeout_after_effect', 'decline']),
  ms: z.number().int().nonnegative().nullable(),
  /** How many calls it still hits; null: until changed. */
  times: z.number().int().positive().nullable(),
  /** The operations it hits; null: all. */
  only: z.array(z.string()).nullable(),
});
export type Fault = z.infer<typeof Fault>;

export const Webhook = z.object({
  id: z.string(),
  /** Webhooks of one lane are sent one after the other. */
  lane: z.string(),
  path: z.string(),
  scheme: z.enum(['carrier', 'payments', 'shopify']),
  /** Unsigned headers, e.g. Shopify's topic. */
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  at,
});
export type Webhook = z.infer<typeof Webhook>;

/** Everything that ever happens in the sandbox; the journal holds nothing else. */
export const JournalRecord = z.discriminatedUnion('type', [
  z.object({ type: z.literal('gateway.opened'), entry: GatewayEntry }),
  z.object({
    type: z.literal('gateway.settled'),
    id: z.string(),
    status: z.enum(['succeeded', 'declined', 'failed', 'won', 'lost', 'reversed']),
    code: z.string().nullable(),
    amountMinor: minor,
  }),
  z.object({ type: z.literal('gateway.set'), authorizationTtlMs: z.number().nullable() }),
  z.object({ type: z.literal('gateway.errored'), token: z.string(), reference: z.string() }),
  z.object({ type: z.literal('carrier.opened'), request: CarrierRequest }),
  z.object({
    type: z.literal('carrier.booked'),
    idempotencyKey: z.string(),
    trackingNo: z.string(),
    eta: z.string().nullable(),
    at,
  }),
  z.object({ type: z.literal('carrier.refused'), idempotencyKey: z.string(), code: z.string() }),
  z.object({ type: z.literal('carrier.voided'), trackingNo: z.string(), at }),
  z.object({ type: z.literal('carrier.handed_over'), trackingNo: z.string(), at }),
  z.object({ type: z.literal('carrier.intercepted'), trackingNo: z.string(), at }),
  z.object({ type: z.literal('carrier.scanned'), trackingNo: z.string(), scans: z.array(Scan) }),
  z.object({ type: z.literal('carrier.auto'), enabled: z.boolean(), stepMs: z.number() }),
  z.object({ type: z.literal('mail.received'), mail: Mail }),
  z.object({ type: z.literal('sms.received'), sms: Sms }),
  z.object({ type: z.literal('storefront.sent'), id: z.number(), document: z.string(), at }),
  z.object({ type: z.literal('fault.set'), service: FaultService, fault: Fault.nullable() }),
  z.object({
    type: z.literal('fault.hit'),
    service: FaultService,
    mode: z.string(),
    operation: z.string(),
    key: z.string().nullable(),
    at,
  }),
  z.object({ type: z.literal('webhook.queued'), webhook: Webhook }),
  z.object({
    type: z.literal('webhook.settled'),
    id: z.string(),
    status: z.enum(['delivered', 'dropped']),
    httpStatus: z.number(),
    at,
  }),
]);
export type JournalRecord = z.infer<typeof JournalRecord>;
