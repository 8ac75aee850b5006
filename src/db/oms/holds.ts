import type { Queryable } from '../pool';

/** Places a hold and answers with its id. */
export async function insertHold(
  tx: Queryable,
  orderId: string,
  hold: {
    readonly type: string;
    readonly reason: string;
    readonly placedBy: string;
    /** Default `user`. */
    readonly source?: 'system' | 'user';
  },
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into oms.order_holds (order_id, type, reason, placed_by, source)
     values ($1::uuid, $2::text, $3::text, $4::text, $5::text) returning id`,
    [orderId, hold.type, hold.reason, hold.placedBy, hold.source ?? 'user'],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the hold was not written');
  return row.id;
}

/** Releases a hold, or without an id the only active one; null: there is none (or more than one). */
export async function releaseHoldRow(
  tx: Queryable,
  orderId: string,
  holdId: string | null,
  release: { readonly releasedBy: string; readonly reason: string | null },
): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `update oms.order_holds h set status = 'released', released_by = $3::text, release_reason = $4::text, released_at = now()
     where h.order_id = $1::uuid and h.status = 'active' and case when $2::text is not null then h.id::text = $2::text
       else (select count(*) from oms.order_holds o where o.order_id = $1::uuid and o.status = 'active') = 1 end
     returning h.id`,
    [orderId, holdId, release.releasedBy, release.reason],
  );
  return rows[0]?.id ?? null;
}
