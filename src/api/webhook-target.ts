import { setTimeout as delay } from 'node:timers/promises';

import { DomainError } from '../domain/errors';
import {
  type Address,
  parseTarget,
  resolveName,
  WebhookTargets,
} from '../platform/webhook-targets';

import type { ApiDeps } from './deps';

/** A name's servers may be slow; what they do not say now is looked at when something is sent. */
const RESOLVE_WITHIN_MS = 2_000;

/**
 * Refuses a URL that webhooks may not go to. A public name that has no address yet is taken: the sender looks again,
 * each time.
 */
export async function requireTarget(
  { config }: Pick<ApiDeps, 'config'>,
  text: string,
): Promise<void> {
  const url = parseTarget(text);
  if (url === null) throw targetNotAllowed();
  const targets = new WebhookTargets(config.WEBHOOK_PRIVATE_TARGETS, resolveSoon);
  const verdict = await targets.check(url);
  const isTaken =
    verdict.kind === 'allowed' || (verdict.kind === 'unresolved' && verdict.isPublicName);
  if (!isTaken) throw targetNotAllowed();
}

async function resolveSoon(hostname: string): Promise<readonly Address[]> {
  const late = new AbortController();
  try {
    const nothing = delay(RESOLVE_WITHIN_MS, [], { signal: late.signal });
    return await Promise.race([resolveName(hostname), nothing]);
  } finally {
    late.abort();
  }
}

function targetNotAllowed(): DomainError {
  return new DomainError('target_not_allowed', 'Webhooks go to public addresses over https only.', {
    errors: [{ path: 'url', message: 'is not a target that webhooks may go to' }],
  });
}
