import type { RefundState } from '../contracts/refund-process';
import { markPassedOn, type OpenRefund, type OpenRefundShare } from '../db/oms/open-refund';
import { changeRefund, type ShareChange } from '../db/oms/refund-changes';
import { createRefund } from '../db/oms/refund-create';
import { findRefundable } from '../db/oms/refund-facts';
import type { Queryable } from '../db/pool';
import { DomainError } from '../domain/errors';
import { capRefund, type RefundParts } from '../domain/refund';
import { mayRetryRefund, standOf } from '../domain/refund-state';
import type { StepCause, StepDeps } from './order-step';
import {
  changeOfRefund,
  illegalForRefund,
  refundStep,
  type RefundStepInput,
  settleShares,
  toSucceeded,
  waitOf,
} from './refund-step';

export type RefundActivities = ReturnType<typeof createRefundActivities>;

/** The steps of a refund in our own stores; each is one transaction and may run any number of times. */
export function createRefundActivities(deps: Pick<StepDeps, 'oms'>) {
  return {
    advanceRefund: (input: RefundStepInput) => refundStep(deps, input, advance),
    approveRefund: (input: RefundStepInput) => refundStep(deps, input, approve),
    declineRefund: (input: RefundStepInput) => refundStep(deps, input, decline),
    recordRefund: (input: RefundStepInput) => refundStep(deps, input, recordOutside),
    retryRefund: (input: RefundStepInput) => refundStep(deps, input, retry),
  } satisfies Record<string, (input: RefundStepInput) => Promise<RefundState>>;
}

/** Submits a refund that needs nobody's approval, and takes note of what the gateway or an exchange order gave back. */
async function advance(tx: Queryable, refund: OpenRefund, cause: StepCause): Promise<void> {
  if (refund.status === 'pending' && refund.waitCode === null) await submit(tx, refund, cause, {});
  const takenBack = refund.shares.filter(({ isTakenBack }) => isTakenBack);
  if (takenBack.length > 0) await noteReversal(tx, refund, cause, takenBack);
  if (refund.returned.length > 0) await splitExchange(tx, refund, cause);
}

interface Submission {
  readonly approvedBy?: string;
  readonly approvedStaff?: string | null;
}

/** From here on money moves. What stays in the house, store credit and exchange, is booked at once. */
async function submit(
  tx: Queryable,
  refund: OpenRefund,
  cause: StepCause,
  approval: Submission,
): Promise<void> {
  const events = approval.approvedBy === undefined ? [] : [{ type: 'refund_approved' }];
  await changeRefund(tx, changeOfRefund(refund, cause, events), {
    ...{ refundId: refund.id, status: 'submitted', wait: waitOf(standOf(refund.shares)) },
    ...{ ...approval, shares: [] },
  });
  await settleOwn(tx, { ...refund, status: 'submitted' }, cause);
}

async function settleOwn(tx: Queryable, refund: OpenRefund, cause: StepCause): Promise<void> {
  const own = refund.shares.filter(
    ({ way, status }) => status === 'pending' && (way === 'store_credit' || way === 'exchange'),
  );
  const ended = own.map((share) => toSucceeded(share, null));
  if (ended.length > 0) await settleShares(tx, refund, { ...cause, commandId: null }, ended);
}

/** Money that came back to us after it was refunded: the amount is open again. */
async function noteReversal(
  tx: Queryable,
  refund: OpenRefund,
  cause: StepCause,
  takenBack: OpenRefund['shares'],
): Promise<void> {
  if (refund.status === 'submitted') {
    // It goes on with its other parts; this one has failed after all.
    const ended = takenBack.map(({ id, amountMinor }): ShareChange => {
      const money = { pendingMinor: amountMinor, refundedMinor: -amountMinor };
      return { id, status: 'failed', failureCode: 'reversed', ...money };
    });
    await settleShares(tx, refund, cause, ended);
    return;
  }
  const amountMinor = takenBack.reduce((sum, share) => sum + share.amountMinor, 0);
  const event = { type: 'refund_reversed', data: { amountMinor } };
  await changeRefund(tx, changeOfRefund(refund, cause, [event]), {
    ...{ refundId: refund.id, status: 'reversed', wait: null },
    ...(refund.status === 'succeeded' ? { units: -1 } : {}),
    shares: takenBack.map(toReversed),
    incident: { kind: 'refund_reversed', detail: 'the gateway took the refund back' },
    announce: reversed(amountMinor),
  });
}

function toReversed({ id, amountMinor }: OpenRefundShare): ShareChange {
  return { id, status: 'reversed', pendingMinor: 0, refundedMinor: -amountMinor };
}

function reversed(amountMinor: number) {
  return [
    { type: 'payment.refund_reversed', amountMinor },
    { type: 'refund.reversed', amountMinor },
  ];
}

/**
 * The exchange order has given back, by a cancel, some of what this refund had paid for it: this one is reversed, what it
 * gave back is refunded to where the money came from, and the rest is paid into the exchange again. No document changes
 * by it: the credit note of this refund counts for both.
 */
async function splitExchange(tx: Queryable, refund: OpenRefund, cause: StepCause): Promise<void> {
  const { id, amountMinor, isTaxIncluded, returned, returnId, exchangeOrderId } = refund;
  const backMinor = returned.reduce((sum, share) => sum + share.amountMinor, 0);
  await markPassedOn(
    tx,
    returned.map(({ shareId }) => shareId),
  );
  const event = { type: 'refund_reversed', data: { amountMinor, backMinor, exchangeOrderId } };
  await changeRefund(tx, changeOfRefund(refund, cause, [event]), {
    ...{ refundId: id, status: 'reversed', wait: null, units: -1 },
    shares: refund.shares.map(toReversed),
    announce: reversed(amountMinor),
  });
  const shared = {
    ...{ orderId: refund.orderId, replaces: refund.replaces ?? id, needsApproval: false },
    ...{ requestedBy: cause.actor, requestId: cause.requestId },
    ...(returnId === null ? {} : { returnId }),
  };
  const leftMinor = amountMinor - backMinor;
  if (leftMinor > 0 && exchangeOrderId !== null)
    await createRefund(tx, {
      ...{ ...shared, ...capRefund(refund, leftMinor, isTaxIncluded), exchangeOrderId },
      ...{ causeKey: `exchange-left:${id}`, reason: 'exchanged', destination: 'exchange' },
    });
  await createRefund(tx, {
    ...{ ...shared, ...(leftMinor === 0 ? partsOf(refund) : asAdjustment(backMinor)) },
    ...{ causeKey: `exchange-back:${id}`, reason: 'exchange canceled', destination: 'original' },
  });
}

function partsOf({ lines, shippingMinor, shippingTaxMinor, adjustmentMinor }: OpenRefund) {
  return { lines, shippingMinor, shippingTaxMinor, adjustmentMinor };
}

function asAdjustment(adjustmentMinor: number): RefundParts {
  return { lines: [], shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor };
}

/** Another person lets a refund above the limit go on. */
async function approve(tx: Queryable, refund: OpenRefund, cause: StepCause): Promise<void> {
  if (refund.status !== 'pending' || refund.waitCode !== 'refund_approval')
    throw illegalForRefund(refund, 'the refund does not wait for an approval');
  const { staffId } = cause.body;
  const approvedStaff = typeof staffId === 'string' ? staffId : null;
  const isSame =
    cause.actor.id === refund.requestedBy ||
    (approvedStaff !== null && approvedStaff === refund.requestedStaff);
  if (isSame)
    throw new DomainError('four_eyes_required', 'Another person must approve the refund.');
  await submit(tx, refund, cause, { approvedBy: cause.actor.id, approvedStaff });
}

/** The refund is not made; its amount is free again. */
async function decline(tx: Queryable, refund: OpenRefund, cause: StepCause): Promise<void> {
  if (refund.status !== 'pending' || refund.waitCode !== 'refund_approval')
    throw illegalForRefund(refund, 'the refund does not wait for an approval');
  await changeRefund(tx, changeOfRefund(refund, cause, [{ type: 'refund_declined' }]), {
    ...{ refundId: refund.id, status: 'canceled', wait: null },
    shares: refund.shares.map(({ id, amountMinor }) => ({
      ...{ id, status: 'canceled', pendingMinor: -amountMinor, refundedMinor: 0 },
    })),
  });
}

/** Somebody has given back what came outside. */
async function recordOutside(tx: Queryable, refund: OpenRefund, cause: StepCause): Promise<void> {
  if (refund.waitCode !== 'outside_payment')
    throw illegalForRefund(refund, 'the refund waits for no payment outside');
  const { reference } = cause.body;
  const open = refund.shares.filter(({ way, status }) => way === 'outside' && status === 'pending');
  const ended = open.map((share) =>
    toSucceeded(share, typeof reference === 'string' ? reference : null),
  );
  await settleShares(tx, refund, cause, ended);
}

/** Tries parts that were refused or taken back again, with new keys; or books them as store credit (`to`). */
async function retry(tx: Queryable, refund: OpenRefund, cause: StepCause): Promise<void> {
  if (!mayRetryRefund(refund.status, refund.shares))
    throw illegalForRefund(refund, 'no part of the refund was refused or taken back');
  const isCredit = cause.body['to'] === 'store_credit';
  if (isCredit && refund.customerId === null)
    throw new DomainError('validation_failed', 'The order has no customer.', {
      errors: [{ path: 'to', message: 'there is no customer to give store credit to' }],
    });
  // Parts of a refund that ended apart have kept their cap.
  const hasCap = refund.status === 'submitted';
  const again = refund.shares.filter(({ status }) => status === 'failed' || status === 'reversed');
  if (!hasCap) await requireRest(tx, refund, again);
  const shares = again.map((share): ShareChange => {
    const tries = Number(share.idempotencyKey.split(':')[3] ?? 1);
    const key = `refund:${refund.id}:${String(share.seq)}:${String(tries + 1)}`;
    const money = { pendingMinor: hasCap ? 0 : share.amountMinor, refundedMinor: 0 };
    const way = isCredit ? 'store_credit' : share.way;
    return { id: share.id, status: 'pending', way, idempotencyKey: key, ...money };
  });
  const renewed = refund.shares.map((share) => ({
    ...share,
    ...shares.find(({ id }) => id === share.id),
  }));
  const events = [
    { type: 'refund_retried', data: { destination: isCredit ? 'store_credit' : 'original' } },
  ];
  await changeRefund(tx, changeOfRefund(refund, cause, events), {
    ...{ refundId: refund.id, status: 'submitted', wait: waitOf(standOf(renewed)), shares },
  });
  await settleOwn(tx, { ...refund, status: 'submitted', shares: renewed }, cause);
}

/** What a failed refund gave back may be gone meanwhile: its money, or its units. */
async function requireRest(
  tx: Queryable,
  refund: OpenRefund,
  again: OpenRefund['shares'],
): Promise<void> {
  const order = await findRefundable(tx, refund.orderId);
  const rests = new Map(order?.payments.map(({ id, restMinor }) => [id, restMinor]));
  if (again.some((share) => (rests.get(share.paymentId) ?? 0) < share.amountMinor))
    throw new DomainError('refund_exceeds_captured', 'The money was refunded otherwise meanwhile.');
  const lines = new Map(order?.lines.map((line) => [line.lineId, line]));
  for (const { lineId, quantity } of refund.lines) {
    const line = lines.get(lineId);
    if (line === undefined || line.refundedUnits + quantity > line.quantity)
      throw new DomainError('refund_exceeds_quantity', 'The units were refunded otherwise.');
  }
}
