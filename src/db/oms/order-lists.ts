import type { OrderItem, OrderQuery } from '../../contracts/orders';
import type { Queryable } from '../pool';

import { ORDER_ITEM_JSON } from './order-json';
import { toOrderItem, type LinkTo, type StoredItem } from './order-views';

export type OrderFilter = Omit<OrderQuery, 'limit' | 'cursor'>;

/** Where a list goes on; `rank` says how well the last order matched `q`. */
export interface OrderCursor {
  readonly rank: number;
  readonly id: string;
}

export interface ListedOrder {
  readonly rank: number;
  readonly item: OrderItem;
}

/** The filters' values, in the order of `$1` … */
const FILTERS = `
      ($1::text is null or o.status = $1) and ($2::text is null or o.stage = $2)
      and ($3::text is null or o.payment_status = $3) and ($4::text is null or o.fulfillment_status = $4)
      and ($5::text is null or o.channel = $5) and ($6::uuid is null or o.customer_id = $6)
      and ($7::text is null or exists (select from oms.order_lines l where l.order_id = o.id and l.sku = $7))
      and ($8::text is null or exists (
        select from oms.fulfillment_orders f where f.order_id = o.id and f.location = $8))
      and ($9::timestamptz is null or o.placed_at >= $9) and ($10::timestamptz is null or o.placed_at < $10)`;

function filterValues(filter: OrderFilter): unknown[] {
  return [
    filter.status ?? null,
    filter.stage ?? null,
    filter.paymentStatus ?? null,
    filter.fulfillmentStatus ?? null,
    filter.channel ?? null,
    filter.customerId ?? null,
    filter.sku ?? null,
    filter.location ?? null,
    filter.placedFrom ?? null,
    filter.placedTo ?? null,
  ];
}

/** Orders that match every filter, newest first; with `q` best match first. Stable while orders come in. */
export async function listOrders(
  db: Queryable,
  filter: OrderFilter,
  page: { readonly after: OrderCursor | null; readonly limit: number },
  linkTo: LinkTo,
): Promise<ListedOrder[]> {
  const rows =
    filter.q === undefined
      ? await listNewest(db, filter, page)
      : await listMatching(db, filter, filter.q, page);
  return rows.map(({ rank, item }) => ({ rank, item: toOrderItem(item, linkTo) }));
}

interface ItemRow {
  rank: number;
  item: StoredItem;
}

type Page = { readonly after: OrderCursor | null; readonly limit: number };

async function listNewest(db: Queryable, filter: OrderFilter, page: Page): Promise<ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `select 0 as rank, ${ORDER_ITEM_JSON} as item from (
       select o.* from oms.orders o where ${FILTERS} and ($11::uuid is null or o.id < $11)
       order by o.id desc limit $12::integer) o
     order by o.id desc`,
    [...filterValues(filter), page.after?.id ?? null, page.limit],
  );
  return rows;
}

/** The digits of what may be a telephone number, however it is written; null for anything else. */
function phoneDigits(q: string): string | null {
  const digits = q.replace(/[^0-9]/g, '');
  return /^\+?[0-9 ()./-]+$/.test(q) && digits.length >= 5 ? digits : null;
}

/** Whole values only, each by its own index: number, external id, tracking number, e-mail, phone. */
async function listMatching(
  db: Queryable,
  filter: OrderFilter,
  q: string,
  page: Page,
): Promise<ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `with hit as (
       select id, min(rank) as rank from (
         select o.id, 1 as rank from oms.orders o where o.order_no = upper($11::text)
         union all select o.id, 2 from oms.orders o where o.external_id = $11
         union all select s.order_id, 3 from oms.shipments s where s.tracking_no = $11
         union all select o.id, 4 from oms.orders o where lower(o.email) = lower($11)
         union all select o.id, 5 from oms.orders o where $12::text is not null and oms.digits(o.phone) = $12
       ) found group by id
     )
     select o.rank, ${ORDER_ITEM_JSON} as item from (
       select o.*, h.rank from hit h join oms.orders o on o.id = h.id
       where ${FILTERS} and ($13::integer is null or (h.rank, $14::uuid) > ($13, o.id))
       order by h.rank, o.id desc limit $15::integer) o
     order by o.rank, o.id desc`,
    [
      ...filterValues(filter),
      q,
      phoneDigits(q),
      page.after?.rank ?? null,
      page.after?.id ?? null,
      page.limit,
    ],
  );
  return rows;
}
