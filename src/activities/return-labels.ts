import { z } from 'zod';

import { beginLabel, endLabel, findOpenLabel, recordLabel } from '../db/oms/return-labels';
import type { Pool } from '../db/pool';
import type { BookResult, Carrier } from '../integrations/carrier';
import { toCarrierAddress } from './carrier-address';

export interface LabelDeps {
  readonly oms: Pool;
  readonly carrier: Carrier;
}

const Announced = z.object({ returnId: z.uuid() });

/** What the carrier is told of a return: a label for an approved one, its end for one that nothing comes of. */
export async function tellOfReturn(
  deps: LabelDeps,
  { type, payload }: { readonly type: string; readonly payload: unknown },
): Promise<void> {
  const { returnId } = Announced.parse(payload);
  await (type === 'return.approved' ? bookLabel(deps, returnId) : giveLabelBack(deps, returnId));
}

/** Books the label once: its key is stored before the call, and an unclear outcome is looked up by it. */
async function bookLabel({ oms, carrier }: LabelDeps, returnId: string): Promise<void> {
  const wanted = await beginLabel(oms, returnId);
  if (wanted === null) return;
  const { bookingKey, isRetry, service, weightGrams, from, to } = wanted;
  const known = isRetry ? await findBooked(carrier, bookingKey) : null;
  const outcome =
    known ??
    (await carrier.book({
      idempotencyKey: bookingKey,
      reference: returnId,
      kind: 'return',
      service,
      from: toCarrierAddress(from ?? {}),
      to: toCarrierAddress(to),
      weightGrams,
    }));
  if (outcome.kind === 'refused') await endLabel(oms, returnId, 'refused');
  else await recordLabel(oms, returnId, outcome.booking);
}

/** Takes a label back; one that the carrier has a parcel for stays. */
async function giveLabelBack({ oms, carrier }: LabelDeps, returnId: string): Promise<void> {
  const open = await findOpenLabel(oms, returnId);
  if (open === null) return;
  const known = open.bookingKey === null ? null : await findBooked(carrier, open.bookingKey);
  if (known === null) {
    await endLabel(oms, returnId, 'none');
    return;
  }
  await recordLabel(oms, returnId, known.booking);
  const { trackingNo } = known.booking;
  const outcome = await carrier.void({ idempotencyKey: `void:${returnId}`, trackingNo });
  if (outcome.kind === 'voided') await endLabel(oms, returnId, 'voided');
}

async function findBooked(
  carrier: Carrier,
  bookingKey: string,
): Promise<Extract<BookResult, { kind: 'booked' }> | null> {
  const found = await carrier.find(bookingKey);
  if (found.kind === 'pending') throw new Error('the carrier has not decided yet');
  return found.kind === 'found' ? { kind: 'booked', booking: found.booking } : null;
}
