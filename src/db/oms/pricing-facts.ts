import type { Basket } from '../../domain/intake-body';
import type { CatalogueFacts, IntakeFacts } from '../../domain/intake-facts';
import type { Queryable } from '../pool';

/** What the catalogue says about a basket, for a quote. */
export async function loadPricingFacts(db: Queryable, basket: Basket): Promise<CatalogueFacts> {
  const { rows } = await db.query<{ facts: CatalogueFacts }>(
    'select oms.catalogue_facts($1::jsonb) as facts',
    [JSON.stringify(basket)],
  );
  const facts = rows[0]?.facts;
  if (facts === undefined) throw new Error('the catalogue gave no answer');
  return facts;
}

/**
 * All that the place step decides by, in one statement: the intake, the catalogue, stock, review rules and the
 * counts behind them, and who waits for the same items with a better rank. Null: no such intake.
 */
export async function loadIntakeForPlacing(
  db: Queryable,
  orderId: string,
): Promise<IntakeFacts | null> {
  const { rows } = await db.query<{ facts: IntakeFacts }>(
    `with i as (
       select n.*, oms.stock_skus(oms.intake_skus(n.body)) as skus,
         coalesce((n.body ->> 'placedAt')::timestamptz, n.created_at) as ordered_at,
         lower(n.body #>> '{customer,email}') as email, n.body #>> '{customer,phone}' as phone,
         array_position(array['low', 'normal', 'high', 'urgent'], n.body ->> 'priority') - 1 as rank
       from oms.intakes n where n.order_id = $1::uuid
     ), p as (
       select coalesce(jsonb_object_agg(key, value), '{}') as rules from oms.policies
       where value <> 'null' and key in ('reviewAmountAboveMinor', 'reviewFirstOrderAboveMinor', 'financeReviewAboveMinor', 'reviewQuantityAbove',
         'reviewVelocity', 'trustedChannels')
     )
     select jsonb_build_object(
       'intake', jsonb_build_object('id', i.id, 'orderId', i.order_id, 'orderNo', i.order_no, 'door', i.door,
         'channel', i.channel, 'externalId', i.external_id, 'status', i.status, 'actorType', i.actor_type,
         'actorId', i.actor_id, 'requestId', i.request_id, 'createdAt', oms.iso(i.created_at)),
       'body', i.body,
       'catalogue', oms.catalogue_facts(i.body),
       'stock', (select coalesce(jsonb_agg(jsonb_build_object('sku', v.sku, 'location', v.location,
           'priority', l.priority, 'available', v.on_hand - v.reserved - v.safety_stock - v.unavailable,
           'backorder', v.backorder)), '[]')
         from oms.inventory_levels v join oms.locations l on l.code = v.location and l.active
         where v.sku = any(i.skus)),
       'rules', jsonb_build_object(
         'reviewAmountAboveMinor', coalesce(p.rules -> 'reviewAmountAboveMinor', '{}'),
         'reviewFirstOrderAboveMinor', coalesce(p.rules -> 'reviewFirstOrderAboveMinor', '{}'),
         'financeReviewAboveMinor', coalesce(p.rules -> 'financeReviewAboveMinor', '{}'),
         'reviewQuantityAbove', p.rules -> 'reviewQuantityAbove',
         'reviewVelocity', p.rules -> 'reviewVelocity'),
       'trustedChannels', coalesce(p.rules -> 'trustedChannels', '[]'),
       'history', jsonb_build_object(
         'ordersInWindow', 1 + (select count(*) from oms.orders o
           where (lower(o.email) = i.email or o.phone = i.phone) and o.id <> i.order_id
             and o.created_at > now() - coalesce(p.rules #>> '{reviewVelocity,per}', 'PT0S')::interval),
         'hasEarlierOrder', exists (select from oms.orders o
           where (lower(o.email) = i.email or o.phone = i.phone) and o.id <> i.order_id)),
       'queuedSkus', (select coalesce(jsonb_agg(distinct s.sku), '[]') from oms.shortages s
         where s.sku = any(i.skus) and s.status = 'waiting' and s.order_id <> i.order_id
           and (s.priority > i.rank or s.priority = i.rank
             and (coalesce(s.promised_by, 'infinity'), s.placed_at, s.order_no)
               < (coalesce((i.body ->> 'promisedBy')::timestamptz, 'infinity'), i.ordered_at, i.order_no)))
     ) as facts from i, p`,
    [orderId],
  );
  return rows[0]?.facts ?? null;
}
