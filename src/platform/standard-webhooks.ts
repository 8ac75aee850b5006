import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;
const SECRET_PREFIX = 'whsec_';

export interface WebhookContent {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string | Buffer;
}

export interface WebhookHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

export interface ReceivedWebhook {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  /** The bytes as received, before any JSON parsing. */
  readonly rawBody: Buffer;
  /** All live secrets; two while one is being rotated. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
  readonly toleranceSeconds?: number;
}

export type WebhookVerdict =
  | { readonly kind: 'valid'; readonly id: string; readonly timestampSeconds: number }
  | {
      readonly kind: 'invalid';
      readonly reason: 'missing_headers' | 'stale_timestamp' | 'bad_signature';
    };

/** A new secret in the form that receivers' libraries take: 256 random bits. */
export function makeWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('base64')}`;
}

function toKey(secret: string): Buffer {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  return Buffer.from(encoded, 'base64');
}

function computeSignature(secret: string, content: WebhookContent): Buffer {
  const key = toKey(secret);
  // Base64 decoding skips what it does not know; an unusable secret must not become the empty key.
  if (key.length === 0) throw new Error('A webhook secret is not base64');
  return createHmac('sha256', key)
    .update(`${content.id}.${String(content.timestampSeconds)}.`)
    .update(content.body)
    .digest();
}

/** Headers of a Standard Webhooks message, with one signature per live secret. Pure. */
export function signWebhook(secrets: readonly string[], content: WebhookContent): WebhookHeaders {
  const signatures = secrets.map((s) => `v1,${computeSignature(s, content).toString('base64')}`);
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}

function isSignedByAny(
  content: WebhookContent,
  given: readonly Buffer[],
  secrets: readonly string[],
) {
  let isSigned = false;
  for (const secret of secrets) {
    const expected = computeSignature(secret, content);
    for (const signature of given) {
      // No early exit: the time taken must not tell which secret or signature came close.
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) {
        isSigned = true;
      }
    }
  }
  return isSigned;
}

/**
 * Checks a Standard Webhooks message over its raw bytes, in constant time, against every live secret. A message
 * from more than 300 s before or after now is stale even when its signature is right. Pure.
 */
export function verifyWebhook(received: ReceivedWebhook): WebhookVerdict {
  const { id, timestamp, signature } = received;
  if (!id || !timestamp || !signature || !/^\d{1,12}$/.test(timestamp)) {
    return { kind: 'invalid', reason: 'missing_headers' };
  }
  const timestampSeconds = Number(timestamp);
  const given = signature
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice('v1,'.length), 'base64'));
  const content = { id, timestampSeconds, body: received.rawBody };
  if (!isSignedByAny(content, given, received.secrets)) {
    return { kind: 'invalid', reason: 'bad_signature' };
  }
  const ageSeconds = Math.abs(received.nowMs / 1000 - timestampSeconds);
  if (ageSeconds > (received.toleranceSeconds ?? TOLERANCE_SECONDS)) {
    return { kind: 'invalid', reason: 'stale_timestamp' };
  }
  return { kind: 'valid', id, timestampSeconds };
}
