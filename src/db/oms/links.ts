import type { Queryable } from '../pool';

export interface CustomerLink {
  readonly kind: 'return' | 'substitution';
  readonly orderId: string;
  /** What the link is for: of a return the order, of a substitution its offer. */
  readonly ref: string;
  readonly locale: 'en' | 'zh';
}

/** What a link that a customer got opens; null: the token was never given out. */
export async function findLink(db: Queryable, tokenHash: string): Promise<CustomerLink | null> {
  const { rows } = await db.query<CustomerLink & Record<string, unknown>>(
    `select k.kind, k.order_id as "orderId", k.ref, case when lower(o.locale) like 'zh%' then 'zh' else 'en' end as locale
     from oms.links k join oms.orders o on o.id = k.order_id where k.token_hash = $1::text`,
    [tokenHash],
  );
  return rows[0] ?? null;
}

/** Keeps a link before it is mailed; only the token's hash. The same again changes nothing. */
export async function keepLink(
  db: Queryable,
  link: Pick<CustomerLink, 'kind' | 'orderId' | 'ref'> & { readonly tokenHash: string },
): Promise<void> {
  await db.query(
    `insert into oms.links (token_hash, kind, order_id, ref) values ($1::text, $2::text, $3::uuid, $4::text)
     on conflict do nothing`,
    [link.tokenHash, link.kind, link.orderId, link.ref],
  );
}
