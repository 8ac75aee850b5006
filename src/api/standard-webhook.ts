import { type SignedMessage, WebhookAnswer } from '../contracts/webhooks';
import { insertInboxEvent } from '../db/oms/inbox';

import type { ApiSettings } from './deps';
import { defineRoute } from './route';
import { receiveStandard } from './webhooks';

export interface StandardWebhook {
  readonly path: string;
  readonly summary: string;
  /** Under which the inbox keeps it and the wake lane applies it. */
  readonly source: string;
  readonly secrets: (config: ApiSettings) => readonly string[];
  /** What a message is about; null: of a kind that nobody applies. */
  readonly read: (body: unknown) => SignedMessage | null;
}

/**
 * A door for signed messages (Standard Webhooks): verified over the raw bytes, kept once, answered at once, applied by
 * the wake lane. A kind that nobody applies is kept and answered `ignored`.
 */
export function defineStandardWebhook(webhook: StandardWebhook) {
  const { path, summary, source, secrets, read } = webhook;
  return defineRoute({
    method: 'post',
    path,
    scope: 'public',
    tag: 'webhooks',
    rawBody: true,
    summary,
    responses: { 200: WebhookAnswer },
    errors: ['unauthorized', 'malformed_json'],
    handler: async (ctx) => {
      const { deps, requestId } = ctx;
      const { id, body, rawHash } = receiveStandard(ctx, secrets(deps.config));
      const message = read(body);
      const isNew = await insertInboxEvent(deps.oms, {
        source,
        eventId: id,
        topic: message?.topic ?? 'unknown',
        body,
        rawHash,
        reference: message?.reference ?? null,
        requestId,
        result: message === null ? 'ignored' : null,
        reason: message === null ? 'not handled' : null,
      });
      const status = !isNew ? 'duplicate' : message === null ? 'ignored' : 'accepted';
      return { status: 200, body: { status } };
    },
  });
}
