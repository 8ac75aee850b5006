import type { CommandInput } from '../../contracts/order-process';
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

/**
 * Ends what asked for the cancel, once the order is canceled: every running `cancel`, `reject` or `resolve-shortage` (from
 * the Web UI too) is done. A packing that the cancel cut short is refused.
 */
export async function endCancelCommands(db: Queryable, orderId: string): Promise<void> {
  await db.query(
    `update oms.commands
     set status = case kind when 'pack' then 'failed' else 'done' end, ended_at = now(),
       result = case kind when 'pack' then jsonb_build_object('code', 'illegal_transition') else result end
     where order_id = $1::uuid and status = 'running'
       and kind in ('cancel', 'reject', 'resolve-shortage', 'web-ui', 'pack')`,
    [orderId],
  );
}

/**
 * Keeps what an operator asked for in the Web UI as a command of its own, so that a repeat of its step is recognised.
 * Null: nobody asked, the workflow acts by itself.
 */
export async function keepOperatorCommand(
  db: Queryable,
  { orderId, updateId, ...input }: CommandInput & { readonly orderId: string },
): Promise<string | null> {
  if (updateId === undefined) return null;
  const { rows } = await db.query<{ id: string }>(
    `insert into oms.commands (id, order_id, kind, body, actor_type, actor_id)
     values (md5($1::text || $2::text)::uuid, $1::uuid, 'web-ui', $3::jsonb, 'operator', 'web-ui')
     on conflict (id) do update set id = excluded.id
     returning id`,
    [orderId, updateId, JSON.stringify({ ...input, reason: input.reasonCode ?? 'not given' })],
  );
  return rows[0]?.id ?? null;
}
