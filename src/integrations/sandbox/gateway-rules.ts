import { isExpired, type Intent } from './gateway-book';
import type { GatewayEntry } from './records';

/** How a request ends; `needs_action` leaves it pending until the intent is completed. */
export type Decision =
  | { readonly kind: 'succeeded'; readonly amountMinor: number }
  | { readonly kind: 'refused'; readonly status: 'declined' | 'failed'; readonly code: string }
  | { readonly kind: 'needs_action' };

function failed(code: string): Decision {
  return { kind: 'refused', status: 'failed', code };
}

function declined(code: string): Decision {
  return { kind: 'refused', status: 'declined', code };
}

/** What the card behind a token does. `earlierDeclines` counts those of this token for the same order. Pure. */
export function decideAuthorization(entry: GatewayEntry, earlierDeclines: number): Decision {
  switch (entry.token) {
    case 'tok_ok':
    case 'tok_slow':
    case 'tok_error_then_ok':
    case 'tok_timeout_after_charge':
      return { kind: 'succeeded', amountMinor: entry.amountMinor };
    case 'tok_insufficient_then_ok':
      if (earlierDeclines === 0) return declined('insufficient_funds');
      return { kind: 'succeeded', amountMinor: entry.amountMinor };
    case 'tok_partial': {
      const halfMinor = Math.floor(entry.amountMinor / 2);
      if (halfMinor === 0) return declined('insufficient_funds');
      return { kind: 'succeeded', amountMinor: halfMinor };
    }
    case 'tok_action_required':
      return { kind: 'needs_action' };
    case 'tok_declined':
      return declined('card_declined');
    default:
      return declined('unknown_token');
  }
}

/** A further authorisation of the card that paid `earlier`. */
export function decideAgain(entry: GatewayEntry, earlier: GatewayEntry): Decision {
  if (earlier.status !== 'succeeded') return declined('card_declined');
  if (earlier.currency !== entry.currency) return declined('currency_mismatch');
  return { kind: 'succeeded', amountMinor: entry.amountMinor };
}

function decideVoid(intent: Intent): Decision {
  const { authorization } = intent;
  if (intent.isVoided) return failed('already_voided');
  const restMinor = authorization.amountMinor - intent.capturedMinor;
  if (restMinor === 0) return failed('already_captured');
  // An intent that still waits for the customer is canceled; nothing was held yet.
  if (authorization.status === 'pending') return { kind: 'succeeded', amountMinor: 0 };
  if (authorization.status !== 'succeeded') return failed('not_authorized');
  return { kind: 'succeeded', amountMinor: restMinor };
}

function decideCapture(entry: GatewayEntry, intent: Intent): Decision {
  const { authorization } = intent;
  if (authorization.status !== 'succeeded') return failed('not_authorized');
  if (intent.isVoided) return failed('authorization_voided');
  if (isExpired(intent, entry.at)) return failed('authorization_expired');
  const restMinor = authorization.amountMinor - intent.capturedMinor;
  if (entry.amountMinor > restMinor) return failed('amount_exceeds_authorized');
  return { kind: 'succeeded', amountMinor: entry.amountMinor };
}

function decideRefund(entry: GatewayEntry, intent: Intent): Decision {
  const restMinor = intent.capturedMinor - intent.refundedMinor;
  if (entry.amountMinor > restMinor) return failed('amount_exceeds_captured');
  return { kind: 'succeeded', amountMinor: entry.amountMinor };
}

/** Whether an authorisation allows a capture, void or refund now. Pure. */
export function decideSettlement(entry: GatewayEntry, intent: Intent): Decision {
  if (entry.currency !== intent.authorization.currency) return failed('currency_mismatch');
  switch (entry.kind) {
    case 'void':
      return decideVoid(intent);
    case 'capture':
      return decideCapture(entry, intent);
    case 'refund':
      return decideRefund(entry, intent);
    case 'authorization':
    case 'dispute':
      return failed('not_a_settlement');
  }
}
