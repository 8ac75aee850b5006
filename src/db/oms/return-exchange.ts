import type { Queryable } from '../pool';
import type { Actor } from './record-change';
import type { OpenReturn } from './returns';

export interface WantedItem {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceMinor: number | null;
}

/**
 * Keeps the order that an exchange asks for as an intake of channel `exchange`, which is placed like any other, and
 * names it in the return. Who, where to and how are those of the first order; what it costs more is to be taken from the
 * card that paid first. Once per return. Answers with the id of the order.
 */
export async function insertExchangeIntake(
  tx: Queryable,
  { id, orderId }: Pick<OpenReturn, 'id' | 'orderId'>,
  items: readonly WantedItem[],
  by: { readonly actor: Actor; readonly requestId: string | null },
): Promise<string> {
  const { rows } = await tx.query<{ orderId: string }>(
    `with made as (
       insert into oms.intakes (door, channel, external_id, body, body_hash, actor_type, actor_id, request_id)
       select 'api', 'exchange', $1::text, jsonb_build_object('source', 'api', 'channel', 'exchange', 'externalId', $1::text,
         'currency', o.currency, 'placedAt', null, 'customer', jsonb_build_object('email', o.email, 'phone', o.phone,
           'name', o.customer_name, 'locale', o.locale), 'lines', $3::jsonb, 'discounts', '[]'::jsonb,
         'shippingAddress', o.ship_to, 'billingAddress', o.bill_to, 'shippingMethod', o.shipping_method,
         'payment', jsonb_build_object('method', 'exchange_credit', 'returnId', $1::text, 'exchangeOf', o.id, 'means', (
           select 'intent:' || p.reference from oms.payments p
           where p.order_id = o.id and p.method = 'card' and p.reference is not null and p.captured_minor > 0
           order by p.seq limit 1)),
         'note', null, 'priority', o.priority, 'promisedBy', null), '', $4::text, $5::text, $6::text
       from oms.orders o where o.id = $2::uuid
       on conflict do nothing
       returning order_id
     ), known as (
       select order_id from made
       union all select order_id from oms.intakes where channel = 'exchange' and external_id = $1::text
     )
     update oms.returns r set exchange_order_id = k.order_id from known k where r.id = $1::uuid
     returning r.exchange_order_id as "orderId"`,
    [id, orderId, JSON.stringify(items), by.actor.type, by.actor.id, by.requestId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the exchange was not kept');
  return row.orderId;
}
