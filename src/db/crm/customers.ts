import { normalizeEmail, normalizePhone } from '../../platform/contact';
import type { Queryable } from '../pool';

export interface ResolveCustomer {
  readonly orderId: string;
  readonly channel: string;
  /** The order's channel is in `trustedChannels`: its e-mail counts as verified. */
  readonly trusted: boolean;
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly locale: string | null;
  /** What the order's own shop calls the person, e.g. `{ channel: 'shopify', value: '7073' }`. */
  readonly externalIds: readonly { readonly channel: string; readonly value: string }[];
  /** Address snapshots of the order; `country` of the first reads a national phone number. */
  readonly addresses: readonly { readonly country?: string | null }[];
}

export interface ResolvedCustomer {
  readonly customerId: string;
  readonly blocked: boolean;
  /** Of the customer's profile; null while unknown. */
  readonly locale: string | null;
}

interface ResolvedRow {
  customer_id: string;
  blocked: boolean;
  locale: string | null;
}

const SHOP_CHANNELS: ReadonlySet<string> = new Set([
  'shopify',
  'wechat_unionid',
  'wechat_openid',
  'wecom',
  'weibo',
]);

/** An id of a channel that is no identity channel of its own is one of the merchant's. */
function toIdentity(id: ResolveCustomer['externalIds'][number]) {
  return { channel: SHOP_CHANNELS.has(id.channel) ? id.channel : 'external', value: id.value };
}

/**
 * Finds or creates the customer of an order, in one round trip. The same verified e-mail is the same person, then an
 * id of the shop decides, then an earlier unverified order with the same e-mail; a phone alone never does. Idempotent
 * by order id, and concurrent first orders of one e-mail make exactly one customer.
 */
export async function resolveCustomer(
  db: Queryable,
  order: ResolveCustomer,
): Promise<ResolvedCustomer> {
  const email = normalizeEmail(order.email);
  const phone = normalizePhone(order.phone, order.addresses[0]?.country ?? null);
  const { rows } = await db.query<ResolvedRow>(
    `select customer_id, blocked, locale
     from crm.resolve_customer($1::uuid, $2::text, $3::boolean, $4::boolean, $5::text, $6::boolean, $7::text,
       $8::text, $9::jsonb, $10::jsonb)`,
    [
      order.orderId,
      email?.value ?? null,
      order.trusted && email?.valid === true,
      email?.valid ?? false,
      phone?.value ?? null,
      phone?.valid ?? false,
      order.name?.trim() || null,
      order.locale,
      JSON.stringify(order.externalIds.map(toIdentity)),
      JSON.stringify(order.addresses),
    ],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the customer of the order was not resolved');
  return { customerId: row.customer_id, blocked: row.blocked, locale: row.locale };
}

/** Whom an order with this e-mail may be of, as `resolveCustomer` decides when it is placed: nobody new. */
export async function findPossibleCustomers(
  db: Queryable,
  email: string | null,
): Promise<string[]> {
  const normal = normalizeEmail(email);
  if (normal?.valid !== true) return [];
  const { rows } = await db.query<{ id: string }>(
    `select distinct crm.survivor(k.customer_id) as id from (
       select customer_id from crm.identities where channel = 'email' and external_id = $1::text
       union all
       select customer_id from crm.identity_claims where channel = 'email' and value = $1::text and decides) k`,
    [normal.value],
  );
  return rows.map(({ id }) => id);
}
