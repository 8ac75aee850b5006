import type { Operation } from '../../contracts/operations';
import type { OrderStatus } from '../../domain/order-state';
import type { Queryable } from '../pool';

export interface NewCommand {
  /** The same for the same request: a repeat finds its first self. */
  readonly id: string;
  readonly orderId: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly actorType: string;
  readonly actorId: string;
  readonly requestId: string;
}

export interface StoredCommand {
  readonly orderStatus: OrderStatus;
  readonly isNew: boolean;
  readonly status: 'running' | 'done' | 'failed';
  /** Why it failed. */
  readonly code: string | null;
}

/** Keeps a command before it is sent; may run any number of times. Null: there is no such order, nothing is kept. */
export async function insertCommand(
  db: Queryable,
  command: NewCommand,
): Promise<StoredCommand | null> {
  const { rows } = await db.query<StoredCommand & Record<string, unknown>>(
    `with o as (
       select status from oms.orders where id = $2::uuid
     ), added as (
       insert into oms.commands (id, order_id, kind, body, actor_type, actor_id, request_id)
       select $1::uuid, $2::uuid, $3::text, $4::jsonb, $5::text, $6::text, $7::text from o
       on conflict (id) do nothing
       returning status
     )
     select o.status as "orderStatus", a.status is not null as "isNew",
       coalesce(a.status, c.status, 'running') as status, c.result ->> 'code' as code
     from o left join added a on true left join oms.commands c on c.id = $1::uuid`,
    [
      command.id,
      command.orderId,
      command.kind,
      JSON.stringify(command.body),
      command.actorType,
      command.actorId,
      command.requestId,
    ],
  );
  return rows[0] ?? null;
}

/** The status of an order; null when there is none. */
export async function findOrderStatus(db: Queryable, orderId: string): Promise<OrderStatus | null> {
  const { rows } = await db.query<{ status: OrderStatus }>(
    'select status from oms.orders where id = $1::uuid',
    [orderId],
  );
  return rows[0]?.status ?? null;
}

/** Ends a command whose effect was there already, or is written by the API itself. */
export async function endCommand(db: Queryable, commandId: string): Promise<void> {
  await db.query(
    `update oms.commands set status = 'done', ended_at = now(), body = body - 'token'
     where id = $1::uuid and status = 'running'`,
    [commandId],
  );
}

/** A command as the operation behind a 202. */
export async function findOperation(db: Queryable, id: string): Promise<Operation | null> {
  const { rows } = await db.query<{ operation: Operation }>(
    `select jsonb_build_object('id', c.id, 'kind', c.kind, 'status', c.status, 'result', c.result) as operation
     from oms.commands c where c.id = $1::uuid`,
    [id],
  );
  return rows[0]?.operation ?? null;
}
