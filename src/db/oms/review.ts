import type { Queryable } from '../pool';

/** Marks lines whose product exists by now as known; answers how many are still unknown. */
export async function adoptKnownSkus(tx: Queryable, orderId: string): Promise<number> {
  await tx.query(
    `update oms.order_lines l set known_sku = true
     where l.order_id = $1::uuid and not l.known_sku and exists (select from oms.products p where p.sku = l.sku)`,
    [orderId],
  );
  const { rows } = await tx.query<{ unknown: number }>(
    `select count(*)::int as unknown from oms.order_lines
     where order_id = $1::uuid and not known_sku and qty_ordered > qty_canceled`,
    [orderId],
  );
  return rows[0]?.unknown ?? 0;
}

/** Marks open findings as accepted by a person. */
export async function acceptFindings(
  tx: Queryable,
  orderId: string,
  codes: readonly string[],
  actorId: string,
): Promise<void> {
  await tx.query(
    `update oms.order_findings set status = 'accepted', decided_by = $3::text, decided_at = now()
     where order_id = $1::uuid and code = any($2::text[]) and status = 'open'`,
    [orderId, codes, actorId],
  );
}
