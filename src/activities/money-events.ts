import type { EventRecord } from '../db/oms/record-change';

/** Money that was taken outside the gateway. */
export function captured(amountMinor: number): EventRecord {
  const amount = { amountMinor };
  return { type: 'payment_captured', data: amount, announce: 'payment.captured', payload: amount };
}

/** Money that a canceled order still holds. */
export function refundDue(amountMinor: number, currency: string): EventRecord {
  return { type: 'refund_due', data: { amountMinor, currency } };
}
