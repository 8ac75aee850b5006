import { z } from 'zod';

/** What the demo reads of the public documents; other fields pass by. */
export const FulfillmentOrder = z.object({
  id: z.string(),
  status: z.string(),
  location: z.string().nullable(),
  lines: z.array(z.object({ lineId: z.string(), quantity: z.number() })),
});
export type FulfillmentOrder = z.infer<typeof FulfillmentOrder>;

export const Order = z.object({
  id: z.string(),
  orderNo: z.string(),
  status: z.string(),
  stage: z.string(),
  version: z.number(),
  totalMinor: z.number(),
  lines: z.array(z.object({ id: z.string(), quantity: z.number() })),
  paymentStatus: z.string(),
  fulfillmentStatus: z.string(),
  waitingFor: z.object({ code: z.string() }).nullable(),
  fulfillmentOrders: z.array(FulfillmentOrder),
  shipments: z.array(z.object({ trackingNo: z.string().nullable(), status: z.string() })),
  holds: z.array(z.object({ id: z.string(), status: z.string() })),
});
export type Order = z.infer<typeof Order>;

export const OrderAnswer = z.object({ order: Order });
const Return = z.object({
  id: z.string(),
  status: z.string(),
  exchangeOrderId: z.string().nullable(),
});
export type Return = z.infer<typeof Return>;
export const ReturnAnswer = z.object({ return: Return });
export const RefundAnswer = z.object({ refund: z.object({ id: z.string(), status: z.string() }) });
export const AmendAnswer = z.object({
  change: z.object({ after: z.object({ totalMinor: z.number() }) }),
});
export const IntakeAnswer = z.object({ statusUrl: z.string() });
export const OperationAnswer = z.object({ operation: z.object({ status: z.string() }) });
export const Intake = z.object({
  intake: z.object({ status: z.string(), orderId: z.string().nullish() }),
});
export const OrderList = z.object({ items: z.array(z.object({ id: z.string() })) });
export const Levels = z.object({
  items: z.array(z.object({ sku: z.string(), location: z.string(), available: z.number() })),
});
export const Mails = z.object({
  items: z.array(z.object({ subject: z.string(), text: z.string() })),
});
export const StorefrontAnswer = z.object({ orderId: z.number() });
