import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommandInput, CommandResult, RecordedFact } from '../contracts/order-process';

/** Places the order and answers with the status it has reached. Sent with the start, update id `place`. */
export const place = defineUpdate<CommandResult>('place');

export const approve = defineUpdate<CommandResult, [CommandInput]>('approve');
export const reject = defineUpdate<CommandResult, [CommandInput]>('reject');
/** Cancels the whole order; answers when everything is undone. On a canceled order it changes nothing. */
export const cancel = defineUpdate<CommandResult, [CommandInput]>('cancel');
/** Changes the order; answers when it is changed, a further authorisation included. Through the API alone. */
export const amend = defineUpdate<CommandResult, [CommandInput]>('amend');
export const hold = defineUpdate<CommandResult, [CommandInput]>('hold');
export const release = defineUpdate<CommandResult, [CommandInput]>('release');
export const resolveShortage = defineUpdate<CommandResult, [CommandInput]>('resolveShortage');
/** The customer's answer to an offered substitute. */
export const decideSubstitution = defineUpdate<CommandResult, [CommandInput]>('decideSubstitution');
/** Moves a fulfilment order with its stock to another location. */
export const moveFulfillment = defineUpdate<CommandResult, [CommandInput]>('moveFulfillment');
/** Takes units that are not on the shelf off a fulfilment order; answers when they are reserved elsewhere or awaited. */
export const reportShort = defineUpdate<CommandResult, [CommandInput]>('reportShort');
/** Tries the payment again with another means; answers when the gateway has decided. */
export const retryPayment = defineUpdate<CommandResult, [CommandInput]>('retryPayment');
/** Money came outside; answers when the order has taken note, and goes on if that was what it waited for. */
export const recordPayment = defineUpdate<CommandResult, [CommandInput]>('recordPayment');
export const addNote = defineUpdate<CommandResult, [CommandInput]>('addNote');
/** Books the carrier for what was picked; answers with the booking made. */
export const pack = defineUpdate<CommandResult, [CommandInput]>('pack');
/** Hands the packages to the carrier; answers when that is durable, the capture follows. */
export const handOver = defineUpdate<CommandResult, [CommandInput]>('handOver');
/** Decides on a shipment that could not be delivered, is lost, or is said not to have arrived. */
export const resolveDelivery = defineUpdate<CommandResult, [CommandInput]>('resolveDelivery');
/** Asks the carrier to send a parcel back; answers when it has agreed or refused. */
export const interceptShipment = defineUpdate<CommandResult, [CommandInput]>('interceptShipment');
/** The customer says that what was delivered did not arrive. */
export const disputeDelivery = defineUpdate<CommandResult, [CommandInput]>('disputeDelivery');

/** Of a refund: another person lets it go on, or not. */
export const approveRefund = defineUpdate<CommandResult, [CommandInput]>('approveRefund');
export const declineRefund = defineUpdate<CommandResult, [CommandInput]>('declineRefund');
/** Of a refund: money that came outside was given back there. */
export const recordRefund = defineUpdate<CommandResult, [CommandInput]>('recordRefund');
/** Of a refund: what was refused or taken back is tried again, or becomes store credit. */
export const retryRefund = defineUpdate<CommandResult, [CommandInput]>('retryRefund');

/** A fact was recorded that concerns this workflow. Sent by the `wake` lane alone; repeats are ignored. */
export const factRecorded = defineSignal<[RecordedFact]>('factRecorded');

/** Of a return, beside `approve` and `cancel`. */
export const decline = defineUpdate<CommandResult, [CommandInput]>('decline');
export const receive = defineUpdate<CommandResult, [CommandInput]>('receive');
export const inspect = defineUpdate<CommandResult, [CommandInput]>('inspect');
