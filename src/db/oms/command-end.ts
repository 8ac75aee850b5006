import type { Queryable } from '../pool';

/** Ends a command as refused. One that ended already keeps its end. */
export async function failCommand(db: Queryable, commandId: string, code: string): Promise<void> {
  await db.query(
    `update oms.commands set status = 'failed', ended_at = now(), body = body - 'token',
       result = jsonb_build_object('code', $2::text)
     where id = $1::uuid and status = 'running'`,
    [commandId, code],
  );
}

/** Ends what asked for the cancel: every running `cancel`, `reject` or `resolve-shortage` of the order, once it is canceled. */
export async function endCancelCommands(db: Queryable, orderId: string): Promise<void> {
  await db.query(
    `update oms.commands set status = 'done', ended_at = now()
     where order_id = $1::uuid and kind in ('cancel', 'reject', 'resolve-shortage') and status = 'running'`,
    [orderId],
  );
}
