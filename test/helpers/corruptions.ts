import type { Corruption } from './corruption';
import { DELIVERY_CORRUPTIONS } from './delivery-corruptions';
import { DOCUMENT_CORRUPTIONS } from './document-corruptions';
import { EFFECT_CORRUPTIONS } from './effect-corruptions';
import { MONEY_CORRUPTIONS } from './money-corruptions';
import { RECORD_CORRUPTIONS } from './record-corruptions';
import { REFUND_CORRUPTIONS } from './refund-corruptions';
import { STOCK_CORRUPTIONS } from './stock-corruptions';
import { WEBHOOK_CORRUPTIONS } from './webhook-corruptions';

/** Each breaks one invariant and no other; statements are told apart by semicolons. */
export const CORRUPTIONS: readonly Corruption[] = [
  ...STOCK_CORRUPTIONS,
  ...MONEY_CORRUPTIONS,
  ...EFFECT_CORRUPTIONS,
  ...RECORD_CORRUPTIONS,
  ...DELIVERY_CORRUPTIONS,
  ...DOCUMENT_CORRUPTIONS,
  ...REFUND_CORRUPTIONS,
  ...WEBHOOK_CORRUPTIONS,
];
