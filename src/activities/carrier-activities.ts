import type { OrderChange, OrderRef } from '../contracts/order-process';
import { noteUndoFailure, resolveUndoFailure } from '../db/oms/incidents';
import {
  type BookedShipment,
  findOpenBookings,
  type OpenBooking,
  type PendingShipment,
  recordBookingVoided,
  recordPacked,
  refuseBooking,
} from '../db/oms/packing';
import { withTransaction } from '../db/pool';
import { DomainError } from '../domain/errors';
import type { Carrier } from '../integrations/carrier';
import { toCarrierAddress } from './carrier-address';
import { withHeartbeat } from './heartbeat';
import { beginIntercept, endIntercept, takeBackIntercept } from './intercept-step';
import { requireOrder, type StepDeps, type StepInput } from './order-step';
import { beginPacking, openedAgain } from './packing-step';
import { refusingCommand } from './refusing-command';

export interface CarrierDeps extends StepDeps {
  readonly carrier: Carrier;
}

export type CarrierActivities = ReturnType<typeof createCarrierActivities>;

/** Calls to the carrier: keys are stored before, unclear outcomes looked up, results recorded. May run any number of times. */
export function createCarrierActivities(deps: CarrierDeps) {
  const { carrier, oms } = deps;

  /** Packs a fulfilment order: one shipment per package, booked with the carrier. Waits out a carrier that is down. */
  async function bookShipments(input: StepInput): Promise<OrderChange> {
    return refusingCommand(oms, input.commandId, () => pack(input));
  }

  async function pack(input: StepInput): Promise<OrderChange> {
    const begun = await beginPacking(deps, input);
    if (begun.kind === 'done') return begun.change;
    const { fulfillmentOrderId, commandId } = begun;
    const booked: BookedShipment[] = [];
    for (const shipment of begun.shipments) {
      const outcome = await withHeartbeat(() => bookOnce(shipment, begun.isRetry));
      if (outcome.kind === 'refused') {
        await refuseBooking(oms, fulfillmentOrderId);
        throw new DomainError(
          'booking_refused',
          `the carrier refused the booking: ${outcome.code}`,
        );
      }
      booked.push({ shipmentId: shipment.shipmentId, ...outcome.booking });
    }
    const ref = { orderId: input.orderId, fulfillmentOrderId, commandId };
    await withTransaction(oms, async (tx) => {
      const { phase, packed } = await recordPacked(tx, ref, begun.cause, booked);
      // Of units that were canceled meanwhile nothing is recorded: the cancel looks the bookings up by their keys.
      if (!packed && phase === 'fulfill')
        throw openedAgain(await requireOrder(tx, ref.orderId, null));
    });
    return { packedId: fulfillmentOrderId };
  }

  async function bookOnce(shipment: PendingShipment, isRetry: boolean) {
    if (isRetry) {
      const found = await carrier.find(shipment.bookingKey);
      if (found.kind === 'pending') throw new Error('the carrier has not decided yet');
      if (found.kind === 'found') return { kind: 'booked', booking: found.booking } as const;
    }
    return carrier.book({
      idempotencyKey: shipment.bookingKey,
      reference: shipment.shipmentId,
      service: shipment.service,
      from: toCarrierAddress(shipment.from),
      to: toCarrierAddress(shipment.to ?? {}),
      weightGrams: shipment.weightGrams,
    });
  }

  /**
   * Voids every booking the carrier may hold for the order, or those of opened packages alone; those with an unknown
   * outcome included. Tries for ever.
   */
  async function voidBookings({
    orderId,
    which = 'all',
  }: OrderRef & { readonly which?: 'all' | 'opened' }): Promise<void> {
    try {
      for (const booking of await findOpenBookings(oms, orderId, which))
        await withHeartbeat(() => voidOne(orderId, booking));
    } catch (err) {
      await noteUndoFailure(oms, { orderId, kind: 'booking_void_failed', docType: 'shipment' });
      throw err;
    }
    await resolveUndoFailure(oms, { orderId, kind: 'booking_void_failed', docType: 'shipment' });
  }

  async function voidOne(
    orderId: string,
    { shipmentId, bookingKey, trackingNo }: OpenBooking,
  ): Promise<void> {
    const found = await carrier.find(bookingKey);
    if (found.kind === 'pending') throw new Error('the carrier has not decided yet');
    if (found.kind === 'found') {
      const outcome = await carrier.void({
        idempotencyKey: `void:${shipmentId}`,
        trackingNo: found.booking.trackingNo,
      });
      if (outcome.kind === 'refused')
        throw new Error(`the carrier refused the void: ${outcome.code}`);
    }
    const known = found.kind === 'found' ? found.booking.trackingNo : trackingNo;
    await withTransaction(oms, (tx) =>
      recordBookingVoided(tx, orderId, { shipmentId, trackingNo: known }),
    );
  }

  /**
   * Asks the carrier to send a parcel back; its next scans say whether it does. That it was asked is written first, and
   * asking again is harmless, so an answer that was lost is simply asked for once more.
   */
  async function interceptShipment(input: StepInput): Promise<OrderChange> {
    return refusingCommand(oms, input.commandId, () => intercept(input));
  }

  async function intercept(input: StepInput): Promise<OrderChange> {
    const begun = await beginIntercept(deps, input);
    if (begun.kind === 'done') return begun.change;
    const outcome = await withHeartbeat(() => carrier.intercept(begun.trackingNo));
    if (outcome.kind === 'accepted') return endIntercept(deps, input);
    await takeBackIntercept(deps, begun.shipmentId);
    throw new DomainError('intercept_refused', `the carrier refused: ${outcome.code}`);
  }

  return { bookShipments, voidBookings, interceptShipment };
}
