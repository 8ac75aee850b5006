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

/** What a customer holds of a currency, locked until the transaction ends. */
export async function lockStoreCredit(
  tx: Queryable,
  customerId: string,
  currency: string,
): Promise<number> {
  const { rows } = await tx.query<{ minor: number }>(
    `select balance_minor as minor from oms.store_credit_balances
     where customer_id = $1::uuid and currency = $2::text for update`,
    [customerId, currency],
  );
  return rows[0]?.minor ?? 0;
}

/** Takes what an order's payment by store credit says from its customer's balance. It was locked with enough on it. */
export async function payFromStoreCredit(tx: Queryable, orderId: string): Promise<void> {
  const { rowCount } = await tx.query(
    `with paid as (
       select p.id, p.captured_minor, o.customer_id, o.currency
       from oms.payments p join oms.orders o on o.id = p.order_id
       where o.id = $1::uuid and p.method = 'store_credit'
     ), taken as (
       update oms.store_credit_balances b set balance_minor = b.balance_minor - p.captured_minor
       from paid p
       where b.customer_id = p.customer_id and b.currency = p.currency and b.balance_minor >= p.captured_minor
       returning p.id, p.captured_minor, b.customer_id, b.currency
     )
     insert into oms.store_credit_ledger (customer_id, currency, delta_minor, reason, doc_type, doc_id)
     select customer_id, currency, -captured_minor, 'payment', 'payment', id::text from taken`,
    [orderId],
  );
  if (rowCount !== 1) throw new Error('the store credit of the order is not there any more');
}
