import { z } from 'zod';

export const WebhookAnswer = z
  .object({ status: z.enum(['accepted', 'duplicate', 'ignored']) })
  .meta({ id: 'WebhookAnswer' });
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;

/** What our own sandbox sends, as far as it must be known to store it. */
export const CarrierWebhook = z.looseObject({
  type: z.string(),
  data: z.looseObject({ trackingNo: z.string() }),
});

export const PaymentWebhook = z.looseObject({
  type: z.string(),
  data: z.looseObject({ intentId: z.string() }),
});

/** What a signed message is, and which document of its sender it is about. */
export interface SignedMessage {
  readonly topic: string;
  readonly reference: string;
}
