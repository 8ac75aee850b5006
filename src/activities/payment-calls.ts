import { type OpenAuthorization, recordVoided } from '../db/oms/payment-voids';
import { withTransaction } from '../db/pool';
import type { AuthorizeResult } from '../integrations/payment-gateway';
import type { PaymentGateways } from '../integrations/payment-gateways';
import type { StepDeps } from './order-step';

export interface PaymentDeps extends StepDeps {
  readonly gateways: PaymentGateways;
}

/** What an authorisation is asked with. */
export interface Authorizable {
  readonly provider: string;
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Null once it was used. */
  readonly token: string | null;
  /** An earlier try may have reached the gateway: its key is looked up before the call. */
  readonly wasAttempted: boolean;
}

/** The calls that several activities share. */
export function createPaymentCalls({ gateways, oms }: Pick<PaymentDeps, 'gateways' | 'oms'>) {
  async function authorizeOnce(payment: Authorizable, orderId: string): Promise<AuthorizeResult> {
    const { idempotencyKey, amountMinor, currency, token } = payment;
    const gateway = gateways.of(payment.provider);
    if (payment.wasAttempted) {
      const found = await gateway.find(idempotencyKey);
      if (found.kind === 'pending') throw new Error('the gateway has not decided yet');
      if (found.kind === 'found')
        return found.status === 'succeeded'
          ? {
              kind: 'authorized',
              intentId: found.intentId,
              amountMinor: found.amountMinor,
              expiresAt: found.expiresAt ?? null,
            }
          : { kind: 'declined', code: found.code ?? 'declined' };
    }
    if (token === null) return { kind: 'declined', code: 'token_used' };
    return gateway.authorize({ idempotencyKey, amountMinor, currency, token, reference: orderId });
  }

  async function voidOne(orderId: string, payment: OpenAuthorization): Promise<void> {
    const { paymentId, currency } = payment;
    const gateway = gateways.of(payment.provider);
    const { intentId, heldMinor } = await findIntent(payment);
    if (intentId !== null) {
      const idempotencyKey = `void:${paymentId}`;
      const outcome = await gateway.void({ idempotencyKey, intentId, currency });
      if (outcome.kind === 'refused')
        throw new Error(`the gateway refused the void: ${outcome.code}`);
    }
    await withTransaction(oms, (tx) =>
      recordVoided(tx, orderId, { paymentId, intentId, heldMinor }),
    );
  }

  /** What the gateway holds for a payment; none: nothing. One whose outcome nobody knows is looked up by its key. */
  async function findIntent(
    payment: OpenAuthorization,
  ): Promise<{ readonly intentId: string | null; readonly heldMinor: number | null }> {
    if (payment.reference !== null) return { intentId: payment.reference, heldMinor: null };
    const found = await gateways.of(payment.provider).find(payment.idempotencyKey);
    if (found.kind === 'pending') throw new Error('the gateway has not decided yet');
    return found.kind === 'found' && found.status === 'succeeded'
      ? { intentId: found.intentId, heldMinor: found.amountMinor }
      : { intentId: null, heldMinor: null };
  }

  /** Nobody can be asked to confirm a further authorisation: an intent that wants it is canceled. Says why it failed. */
  async function dropRefused(
    {
      provider,
      paymentId,
      currency,
    }: Pick<OpenAuthorization, 'provider' | 'paymentId' | 'currency'>,
    outcome: Exclude<AuthorizeResult, { kind: 'authorized' }>,
  ): Promise<string> {
    if (outcome.kind === 'declined') return outcome.code;
    const { intentId } = outcome;
    await gateways.of(provider).void({ idempotencyKey: `void:${paymentId}`, intentId, currency });
    return outcome.kind;
  }

  return { authorizeOnce, voidOne, dropRefused };
}
