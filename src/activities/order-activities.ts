import type { CancelCause, OrderRef } from '../contracts/order-process';
import { amendOrder } from './order-amend';
import { cancelOrder, finishCancel } from './order-cancel';
import { completeOrder, handOver, recordDelivery, recordOverdue } from './order-delivery';
import { settleDisputes } from './order-disputes';
import { disputeDelivery, resolveDelivery } from './delivery-decisions';
import { settleShipments } from './delivery-exceptions';
import { addNote, holdOrder, releaseHold } from './order-notes';
import { placeOrder } from './order-placing';
import { settleReports } from './order-reports';
import { approveReview, escalateReview, rejectReview } from './order-review';
import { readOrder, type StepDeps, type StepInput } from './order-step';
import { moveFulfillment, reportShort } from './fulfillment-changes';
import { endShortage, resolveShortage } from './order-shortage';
import { reserveStock, takeStock } from './order-stock';
import { decideSubstitution, endSubstitution } from './order-substitution';
import { recordPayment } from './order-outside-payment';
import { retryPayment, settleTerms } from './order-terms';

export type OrderActivities = ReturnType<typeof createOrderActivities>;

/**
 * The steps of an order in our own stores. Each is one transaction with the order's row locked, writes state, events,
 * ledger and announcements together, and may run any number of times: done once, it answers with the order as it is.
 */
export function createOrderActivities(deps: StepDeps) {
  return {
    placeOrder: (ref: OrderRef) => placeOrder(deps, ref),
    approveReview: (input: StepInput) => approveReview(deps, input),
    rejectReview: (input: StepInput) => rejectReview(deps, input),
    escalateReview: (ref: OrderRef) => escalateReview(deps, ref),
    reserveStock: (ref: OrderRef) => reserveStock(deps, ref),
    resolveShortage: (input: StepInput) => resolveShortage(deps, input),
    endShortage: (ref: OrderRef) => endShortage(deps, ref),
    decideSubstitution: (input: StepInput) => decideSubstitution(deps, input),
    endSubstitution: (ref: OrderRef) => endSubstitution(deps, ref),
    takeStock: (ref: OrderRef) => takeStock(deps, ref),
    moveFulfillment: (input: StepInput) => moveFulfillment(deps, input),
    reportShort: (input: StepInput) => reportShort(deps, input),
    settleTerms: (ref: OrderRef) => settleTerms(deps, ref),
    retryPayment: (input: StepInput) => retryPayment(deps, input),
    recordPayment: (input: StepInput) => recordPayment(deps, input),
    holdOrder: (input: StepInput) => holdOrder(deps, input),
    releaseHold: (input: StepInput) => releaseHold(deps, input),
    addNote: (input: StepInput) => addNote(deps, input),
    amendOrder: (input: StepInput) => amendOrder(deps, input),
    handOver: (input: StepInput) => handOver(deps, input),
    recordDelivery: (ref: OrderRef & { readonly shipmentId: string }) => recordDelivery(deps, ref),
    settleShipments: (ref: OrderRef) => settleShipments(deps, ref),
    resolveDelivery: (input: StepInput) => resolveDelivery(deps, input),
    disputeDelivery: (input: StepInput) => disputeDelivery(deps, input),
    recordOverdue: (ref: OrderRef) => recordOverdue(deps, ref),
    completeOrder: (ref: OrderRef) => completeOrder(deps, ref),
    cancelOrder: (input: StepInput & { readonly cause: CancelCause }) => cancelOrder(deps, input),
    settleReports: (ref: OrderRef) => settleReports(deps, ref),
    settleDisputes: (ref: OrderRef) => settleDisputes(deps, ref),
    readOrder: (ref: OrderRef) => readOrder(deps, ref),
    finishCancel: (ref: OrderRef) => finishCancel(deps, ref),
  };
}
