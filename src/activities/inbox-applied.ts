import type { InboxResult } from '../db/oms/inbox';

/** What became of an event: ended, or not applicable yet. */
export type Applied =
  | { readonly kind: 'settled'; readonly result: InboxResult; readonly reason?: string }
  | { readonly kind: 'postponed'; readonly reason: string };
