import { CARRIER_BOOKS_CHECK } from './carrier-books';
import { DISPUTE_CHECKS } from './disputes';
import { DOCUMENTS_HOLD } from './documents';
import { MONOTONE_STATE } from './event-log';
import { GATEWAY_BOOKS_CHECK } from './gateway-books';
import { IDEMPOTENCY } from './idempotency';
import { NO_LOST_WEBHOOK } from './inbox';
import {
  MAIL_COPIES_CHECK,
  MESSAGE_PER_EVENT_CHECK,
  MESSAGE_ROWS_CHECK,
  TIMELINE_CHECK,
} from './messages';
import { MONEY_CHECKS } from './money';
import { EXPLAINABLE } from './open-orders';
import { REFUND_CHECKS } from './refunds';
import { LEDGER, NO_OVERSELL } from './stock';
import { TOTALS_CHECK } from './totals';
import { RETURN_LABELS_CHECK } from './returns';
import { AUDIT_TRAIL } from './trail';
import type { Invariant } from './types';
import { ENGINE_HEALTH } from './workflows';

/** All that must hold, in the order in which it is checked. */
export const INVARIANTS: readonly Invariant[] = [
  NO_OVERSELL,
  LEDGER,
  {
    id: 'I3',
    title:
      'money: sums, captures and totals follow from what was handed over, and the gateway agrees',
    checks: [
      ...MONEY_CHECKS,
      ...REFUND_CHECKS,
      GATEWAY_BOOKS_CHECK,
      ...DISPUTE_CHECKS,
      TOTALS_CHECK,
    ],
  },
  {
    id: 'I4',
    title:
      'one effect per event: each mail, booking and timeline entry once, and none without its cause',
    checks: [
      MAIL_COPIES_CHECK,
      MESSAGE_PER_EVENT_CHECK,
      MESSAGE_ROWS_CHECK,
      CARRIER_BOOKS_CHECK,
      RETURN_LABELS_CHECK,
      TIMELINE_CHECK,
    ],
  },
  NO_LOST_WEBHOOK,
  EXPLAINABLE,
  MONOTONE_STATE,
  IDEMPOTENCY,
  AUDIT_TRAIL,
  ENGINE_HEALTH,
  DOCUMENTS_HOLD,
];
