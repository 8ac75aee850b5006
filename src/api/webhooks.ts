import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { DomainError } from '../domain/errors';
import { toStorableJson } from '../domain/foreign-document';
import { verifyWebhook } from '../platform/standard-webhooks';

import type { RouteRequest } from './route';

/** A webhook whose signature was right. */
export interface Received {
  /** The document, made storable: NUL and lone surrogates are out. */
  readonly body: unknown;
  /** SHA-256 of the bytes as received. */
  readonly rawHash: string;
}

/** The first value of a header. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === undefined || text === '' ? null : text;
}

/**
 * Checks a Standard Webhooks message over its raw bytes. Throws 401 for a bad signature or a timestamp more than five
 * minutes off, 400 for what is no JSON.
 */
export function receiveStandard(
  { rawBody, headers }: Pick<RouteRequest, 'rawBody' | 'headers'>,
  secrets: readonly string[],
): Received & { readonly id: string } {
  const verdict = verifyWebhook({
    id: headerOf(headers, 'webhook-id') ?? undefined,
    timestamp: headerOf(headers, 'webhook-timestamp') ?? undefined,
    signature: headerOf(headers, 'webhook-signature') ?? undefined,
    rawBody,
    secrets,
    nowMs: Date.now(),
  });
  if (verdict.kind === 'invalid') throw refuseSignature(verdict.reason.replaceAll('_', ' '));
  return { id: verdict.id.slice(0, 200), ...parseRaw(rawBody) };
}

export function refuseSignature(reason: string): DomainError {
  return new DomainError('unauthorized', `The webhook is not accepted: ${reason}.`);
}

/** Throws 400 for what is no JSON. Call it only after the signature was found right. */
export function parseRaw(rawBody: Buffer): Received {
  return { body: toStorableJson(parseJson(rawBody)), rawHash: hashOf(rawBody) };
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (err) {
    throw new DomainError('malformed_json', 'The webhook is no JSON.', { cause: err });
  }
}
