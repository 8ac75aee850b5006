import { z } from 'zod';

import { AmountMinor, CurrencyCode, Id, listQuery, pageOf, Timestamp } from './common';

const StoreCreditItem = z
  .object({
    id: Id,
    deltaMinor: z.int(),
    currency: CurrencyCode,
    reason: z.string(),
    docType: z.string(),
    docId: z.string(),
    at: Timestamp,
  })
  .meta({ id: 'StoreCreditItem' });
export type StoreCreditItem = z.infer<typeof StoreCreditItem>;

/** A customer's credit per currency, and the ledger behind it, newest first. */
export const StoreCredit = pageOf(StoreCreditItem)
  .extend({
    balances: z.array(z.object({ currency: CurrencyCode, balanceMinor: AmountMinor })),
  })
  .meta({ id: 'StoreCredit' });
export type StoreCredit = z.infer<typeof StoreCredit>;

export const StoreCreditQuery = listQuery({});
