import type { StoreCredit, StoreCreditItem } from '../../contracts/store-credit';
import type { Queryable } from '../pool';

/** What customers hold per currency; several ids are one person whose profiles were merged. */
export async function findStoreCreditBalances(
  db: Queryable,
  customerIds: readonly string[],
): Promise<StoreCredit['balances']> {
  const { rows } = await db.query<StoreCredit['balances'][number]>(
    `select currency, sum(balance_minor)::bigint as "balanceMinor" from oms.store_credit_balances
     where customer_id = any($1::uuid[]) group by 1 order by 1`,
    [customerIds],
  );
  return rows;
}

/** The ledger of these customers, newest first. */
export async function listStoreCredit(
  db: Queryable,
  customerIds: readonly string[],
  page: { readonly limit: number; readonly after: string | null },
): Promise<StoreCreditItem[]> {
  const { rows } = await db.query<StoreCreditItem & Record<string, unknown>>(
    `select id, delta_minor as "deltaMinor", currency, reason, doc_type as "docType", doc_id as "docId", oms.iso(at) as at
     from oms.store_credit_ledger
     where customer_id = any($1::uuid[]) and ($3::uuid is null or id < $3::uuid) order by id desc limit $2::int`,
    [customerIds, page.limit, page.after],
  );
  return rows;
}
