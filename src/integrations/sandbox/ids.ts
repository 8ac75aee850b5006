import { createHash, randomInt, randomUUID } from 'node:crypto';

/** A new id such as `ent_4f…`. */
export function newId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}

/** A new tracking number: `SBX` and 12 digits. */
export function newTrackingNo(): string {
  return `SBX${randomInt(1_000_000).toString().padStart(6, '0')}${randomInt(1_000_000).toString().padStart(6, '0')}`;
}

/** Tells whether two requests with one idempotency key are the same; the parts in a fixed order. */
export function toFingerprint(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export function nowIso(): string {
  return new Date().toISOString();
}
