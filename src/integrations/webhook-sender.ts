import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

import { type Address, parseTarget, type WebhookTargets } from '../platform/webhook-targets';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the receiver answered, or why there was no answer: a code, nothing of the receiver's. */
export type WebhookOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'unanswered'; readonly code: string };

/** Sends one webhook once. Never throws. */
export type WebhookSender = (request: WebhookRequest) => Promise<WebhookOutcome>;

export interface WebhookSenderOptions {
  readonly targets: WebhookTargets;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * A sender that keeps to its targets: the name is resolved at each send, and the connection goes to the addresses that
 * were checked. No redirect is followed, no connection kept. Five seconds for everything up to the answer's head; of
 * its body at most 64 KB are read, and thrown away.
 */
export function createWebhookSender({
  targets,
  timeoutMs = TIMEOUT_MS,
}: WebhookSenderOptions): WebhookSender {
  return async ({ url: text, headers, body }) => {
    const url = parseTarget(text);
    if (url === null) return { kind: 'unanswered', code: 'target_not_allowed' };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const verdict = await beforeAbort(targets.check(url), signal);
      if (verdict.kind === 'unresolved') return { kind: 'unanswered', code: 'name_not_found' };
      if (verdict.kind === 'refused') return { kind: 'unanswered', code: 'target_not_allowed' };
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        agent: false,
        lookup: pinnedTo(verdict.addresses),
        signal,
      } as const;
      return { kind: 'answered', status: await exchange(url, options, body) };
    } catch (err) {
      return { kind: 'unanswered', code: signal.aborted ? 'timeout' : codeOf(err) };
    }
  };
}

function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('timeout')), { once: true });
    work.then(resolve, reject);
  });
}

/** Whatever is asked for, the answer is what was checked. */
function pinnedTo(addresses: readonly [Address, ...Address[]]): LookupFunction {
  const [{ address, family }] = addresses;
  return (_hostname, options, callback) => {
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, address, family);
  };
}

/** The answer's status. Once its head is there it counts, whatever becomes of the body. */
function exchange(url: URL, options: https.RequestOptions, body: string): Promise<number> {
  const transport = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    let fail: (err: Error) => void = reject;
    const request = transport.request(url, options, (response) => {
      let size = 0;
      const finish = (): void => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      };
      fail = finish;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size >= MAX_ANSWER_BYTES) finish();
      });
      response.on('end', finish).on('error', finish).on('close', finish);
    });
    request.on('error', (err) => fail(err));
    request.end(body);
  });
}

const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;

function codeOf(err: unknown): string {
  const code = typeof err === 'object' && err !== null && 'code' in err ? err.code : undefined;
  return typeof code === 'string' && CODE.test(code) ? code : 'connection_failed';
}
