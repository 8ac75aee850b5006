import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;
const HEX_SHA256 = /^[0-9a-f]{64}$/;

export interface SignedStripeEvent {
  /** The value of `Stripe-Signature`. */
  readonly header: string | undefined;
  /** The bytes as received, before any JSON parsing. */
  readonly rawBody: Buffer;
  /** All live secrets; two while one is being rotated. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
}

export type StripeVerdict = 'valid' | 'missing_header' | 'stale_timestamp' | 'bad_signature';

/**
 * Judges `Stripe-Signature`: HMAC-SHA256 over `{t}.{body}` by any live secret must equal any `v1`, compared in constant
 * time, and `t` must be within 300 s of now, before or after. Other schemes (`v0`) do not count. Pure.
 */
export function verifyStripeEvent(event: SignedStripeEvent): StripeVerdict {
  const { timestamp, signatures } = readHeader(event.header ?? '');
  if (timestamp === null || signatures.length === 0) return 'missing_header';
  if (!isSignedByAny(event, timestamp, signatures)) return 'bad_signature';
  const ageSeconds = Math.abs(event.nowMs / 1000 - Number(timestamp));
  return ageSeconds <= TOLERANCE_SECONDS ? 'valid' : 'stale_timestamp';
}

/** The value of `Stripe-Signature` for a body, with one `v1` per secret. Pure. */
export function signStripeEvent(
  secrets: readonly string[],
  body: string | Buffer,
  timestampSeconds: number,
): string {
  const timestamp = String(timestampSeconds);
  const signatures = secrets.map((secret) => `v1=${sign(secret, timestamp, body).toString('hex')}`);
  return [`t=${timestamp}`, ...signatures].join(',');
}

function readHeader(header: string): { timestamp: string | null; signatures: Buffer[] } {
  const parts = header.split(',').map((part) => part.trim().split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1] ?? '';
  const signatures = parts.flatMap(([name, value]) =>
    name === 'v1' && value !== undefined && HEX_SHA256.test(value)
      ? [Buffer.from(value, 'hex')]
      : [],
  );
  return { timestamp: /^\d{1,12}$/.test(timestamp) ? timestamp : null, signatures };
}

/** Every pair is compared, so that the time taken tells nothing of which one was right. */
function isSignedByAny(
  { rawBody, secrets }: SignedStripeEvent,
  timestamp: string,
  signatures: readonly Buffer[],
): boolean {
  let isValid = false;
  for (const secret of secrets) {
    const expected = sign(secret, timestamp, rawBody);
    for (const given of signatures) if (timingSafeEqual(given, expected)) isValid = true;
  }
  return isValid;
}

function sign(secret: string, timestamp: string, body: string | Buffer): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
}
