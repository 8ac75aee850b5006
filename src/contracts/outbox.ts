import { z } from 'zod';

/** What the lanes read of an order's announcement; further members are for others. */
export const OrderAnnouncement = z.object({
  orderId: z.uuid(),
  fulfillmentOrderId: z.uuid().nullish(),
  shipmentId: z.uuid().nullish(),
  substitutionId: z.uuid().nullish(),
  refundId: z.uuid().nullish(),
  returnId: z.uuid().nullish(),
  returnNo: z.string().nullish(),
  /** Which of several of its kind about one shipment it is. */
  nth: z.int().nullish(),
  amountMinor: z.int().nullish(),
  /** The order came in as a finished document of a shop: nobody is written to about it. */
  isHistory: z.boolean().nullish(),
  occurredAt: z.iso.datetime({ offset: true }).nullish(),
});
export type OrderAnnouncement = z.infer<typeof OrderAnnouncement>;

/** What the lane `disputes` reads of an announcement. */
export const DisputeAnnouncement = z.object({ disputeId: z.uuid(), status: z.string() });
