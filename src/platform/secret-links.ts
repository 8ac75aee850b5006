import { createHash, createHmac } from 'node:crypto';

/** What a secret link opens. */
export type LinkKind = 'survey' | 'return' | 'substitution';

/**
 * The token of a link that a customer gets: 256 bits that only the holder of the secret can derive from the id of what
 * it opens, so it is kept nowhere but in the mail.
 */
export function linkToken(secret: string, kind: LinkKind, id: string): string {
  return createHmac('sha256', secret).update(`${kind}\0${id}`).digest('base64url');
}

/** What is stored of a token. It has enough random bits to need no salt. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Names an address in consents and suppressions without telling it; stable while the secret stays. */
export function hashAddress(secret: string, channel: string, address: string): string {
  return createHmac('sha256', secret).update(`address\0${channel}\0${address}`).digest('hex');
}
