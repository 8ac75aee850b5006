import { POLICIES } from '../../domain/policies';
import { isAboveLimit } from '../../domain/refund-state';
import type { Queryable } from '../pool';
import { findPolicyValues } from './policy-values';

/** Whether a refund that a person asks for waits for another person, by the limit as it is now. */
export async function isApprovalNeeded(
  tx: Queryable,
  amountMinor: number,
  currency: string,
): Promise<boolean> {
  const policies = await findPolicyValues(tx, ['refundApprovalLimitMinor']);
  const value = policies.get('refundApprovalLimitMinor');
  const limits = value === undefined ? POLICIES.refundApprovalLimitMinor.value : value;
  return isAboveLimit(typeof limits === 'object' ? { ...limits } : null, amountMinor, currency);
}
