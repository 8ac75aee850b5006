import type { IntakeStatus } from '../../contracts/intake';
import { isLacking, MAX_GOODS_MINOR, type Lacking } from '../../domain/intake-check';
import type { IntakeBody, ShopifyIntake } from '../../domain/intake-body';
import type { Queryable } from '../pool';

export interface NewIntake {
  readonly body: IntakeBody;
  /** SHA-256 of what the door parsed; compared within one door only. */
  readonly bodyHash: string;
  readonly apiKeyId: string | null;
  /** Stands for the external id where there is none. */
  readonly idempotencyKey: string | null;
  readonly actorType: string;
  readonly actorId: string;
  readonly requestId: string | null;
}

export interface IntakeRow {
  readonly id: string;
  readonly orderId: string;
  readonly orderNo: string;
  readonly door: 'api' | 'shopify';
  readonly status: 'accepted' | 'placed' | 'parked';
  readonly bodyHash: string;
  readonly isNew: boolean;
}

export type Acceptance =
  | { readonly kind: 'found'; readonly intake: IntakeRow }
  | { readonly kind: 'refused'; readonly lacking: Lacking };

interface AcceptanceRow {
  intake: IntakeRow | null;
  lacking: Lacking;
}

const INTAKE_JSON = `jsonb_build_object('id', n.id, 'orderId', n.order_id, 'orderNo', n.order_no, 'door', n.door,
  'status', n.status, 'bodyHash', n.body_hash)`;

/**
 * Checks an order by the catalogue and keeps it, in one statement: nothing is kept of one that lacks something. The same
 * order again (by channel and external id, else by API key and idempotency key) finds the first intake, however many
 * come at once, whatever the catalogue says by then.
 */
export async function acceptIntake(db: Queryable, intake: NewIntake): Promise<Acceptance> {
  const { body } = intake;
  const { rows } = await db.query<AcceptanceRow>(
    `with known as (
       select ${INTAKE_JSON} || '{"isNew": false}' as intake from oms.intakes n
       where $3::text is not null and n.channel = $2::text and n.external_id = $3::text
       union all
       select ${INTAKE_JSON} || '{"isNew": false}' from oms.intakes n
       where $3::text is null and n.external_id is null and n.api_key_id = $4::uuid and n.idempotency_key = $5::text
     ), line as (
       select l.ordinality - 1 as index, p.sku is not null as is_known,
         (l.value ->> 'quantity')::numeric * coalesce((l.value ->> 'unitPriceMinor')::bigint, r.price_minor) as worth
       from jsonb_array_elements($1::jsonb -> 'lines') with ordinality l
       left join oms.products p on p.sku = l.value ->> 'sku' and p.active
       left join oms.product_prices r on r.sku = p.sku and r.currency = $1::jsonb ->> 'currency'
     ), method as (
       select coalesce(bool_or(m.currency = $1::jsonb ->> 'currency'), false) as here, count(*) > 0 as anywhere
       from oms.shipping_methods m where m.code = $1::jsonb ->> 'shippingMethod' and m.active
     ), verdict as (
       select m.here, m.anywhere, coalesce(sum(l.worth), 0) > $10::bigint as is_too_large,
         coalesce(jsonb_agg(l.index order by l.index) filter (where not l.is_known), '[]') as unknown,
         coalesce(jsonb_agg(l.index order by l.index) filter (where l.is_known and l.worth is null), '[]') as unpriced
       from line l, method m group by m.here, m.anywhere
     ), added as (
       insert into oms.intakes as n (door, channel, external_id, api_key_id, idempotency_key, body, body_hash,
         actor_type, actor_id, request_id)
       select 'api', $2::text, $3::text, $4::uuid, $5::text, $1::jsonb, $6::text, $7::text, $8::text, $9::text
       from verdict v
       where v.here and not v.is_too_large and v.unknown = '[]' and v.unpriced = '[]'
         and not exists (select from known)
       on conflict do nothing
       returning ${INTAKE_JSON} || '{"isNew": true}' as intake
     )
     select coalesce((select intake from known), (select intake from added)) as intake,
       jsonb_build_object('unknownLines', v.unknown, 'unpricedLines', v.unpriced, 'hasShippingMethod', v.here,
         'hasShippingMethodElsewhere', v.anywhere, 'isTooLarge', v.is_too_large) as lacking
     from verdict v`,
    [
      JSON.stringify(body),
      body.channel,
      body.externalId,
      intake.apiKeyId,
      intake.idempotencyKey,
      intake.bodyHash,
      intake.actorType,
      intake.actorId,
      intake.requestId,
      MAX_GOODS_MINOR,
    ],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the intake gave no answer');
  if (row.intake !== null) return { kind: 'found', intake: row.intake };
  if (isLacking(row.lacking)) return { kind: 'refused', lacking: row.lacking };
  // A twin committed between this statement's snapshot and its insert.
  const twin = await findTwin(db, intake);
  if (twin === null) throw new Error('the intake conflicts with one that does not exist');
  return { kind: 'found', intake: twin };
}

/** The intake that an order was kept as before; null: it is new. */
export async function findTwin(
  db: Queryable,
  { body, ...intake }: Pick<NewIntake, 'body' | 'apiKeyId' | 'idempotencyKey'>,
): Promise<IntakeRow | null> {
  const { rows } = await db.query<{ intake: IntakeRow }>(
    `select ${INTAKE_JSON} || '{"isNew": false}' as intake from oms.intakes n
     where case when $2::text is not null then n.channel = $1::text and n.external_id = $2::text
       else n.external_id is null and n.api_key_id = $3::uuid and n.idempotency_key = $4::text end`,
    [body.channel, body.externalId, intake.apiKeyId, intake.idempotencyKey],
  );
  return rows[0]?.intake ?? null;
}

export interface ShopIntake {
  readonly id: string;
  readonly orderId: string;
  readonly orderNo: string;
  readonly channel: string;
}

/**
 * Keeps an order that a shop announced, without asking the catalogue; null when its channel and external id are known
 * already, whichever door they came by.
 */
export async function insertShopIntake(
  db: Queryable,
  intake: Omit<NewIntake, 'apiKeyId' | 'idempotencyKey'>,
): Promise<ShopIntake | null> {
  const { rows } = await db.query<ShopIntake & Record<string, unknown>>(
    `insert into oms.intakes (door, channel, external_id, body, body_hash, actor_type, actor_id, request_id)
     values ('shopify', $2::text, $3::text, $1::jsonb, $4::text, $5::text, $6::text, $7::text)
     on conflict do nothing
     returning id, order_id as "orderId", order_no as "orderNo", channel`,
    [
      JSON.stringify(intake.body),
      intake.body.channel,
      intake.body.externalId,
      intake.bodyHash,
      intake.actorType,
      intake.actorId,
      intake.requestId,
    ],
  );
  return rows[0] ?? null;
}

/** Lays what was heard before the order over it, in the transaction that keeps it. */
export async function reviseShopIntake(
  tx: Queryable,
  id: string,
  change: Partial<ShopifyIntake>,
): Promise<void> {
  await tx.query(
    `update oms.intakes set body = body || $2::jsonb, updated_at = now()
     where id = $1::uuid and status = 'accepted'`,
    [id, JSON.stringify(change)],
  );
}

/** One intake as callers see it; one that is not placed yet waits for the engine. */
export async function findIntake(db: Queryable, id: string): Promise<IntakeStatus | null> {
  const { rows } = await db.query<{ intake: IntakeStatus }>(
    `select jsonb_build_object('id', n.id, 'orderId', n.order_id, 'orderNo', n.order_no, 'channel', n.channel,
       'externalId', n.external_id, 'status', n.status, 'reason', n.reason, 'createdAt', oms.iso(n.created_at),
       'placedAt', oms.iso(n.placed_at),
       'waitingFor', case when n.status = 'accepted' then jsonb_build_object('code', 'engine',
         'detail', 'The order is accepted and is placed as soon as the workflow engine takes it.',
         'since', oms.iso(n.created_at), 'until', null) end) as intake
     from oms.intakes n where n.id = $1::uuid`,
    [id],
  );
  return rows[0]?.intake ?? null;
}
