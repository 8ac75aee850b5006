import type { ReturnState, ReturnWaitCode } from '../../contracts/return-process';
import {
  allowedReturnActions,
  type ReturnAction,
  type ReturnKind,
  type ReturnStatus,
} from '../../domain/return-state';
import { type ReturnLineState, uninspectedUnits } from '../../domain/return';
import type { Queryable } from '../pool';
import type { CommandRecord } from './open-order';
import { type Actor, recordChange } from './record-change';

/** A line of a return with what it needs to know of its order's line. */
export interface OpenReturnLine extends ReturnLineState {
  readonly id: string;
  readonly sku: string | null;
  readonly ordered: number;
  /** Units of the order's line accepted in all its returns. */
  readonly returned: number;
  readonly itemMinor: number;
  readonly taxMinor: number;
}

/** A return as a step finds it; its order's row and its own are locked until the transaction ends. */
export interface OpenReturn {
  readonly id: string;
  readonly revision: number;
  readonly returnNo: string;
  readonly orderId: string;
  readonly orderNo: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly kind: ReturnKind;
  readonly status: ReturnStatus;
  readonly requestedBy: 'customer' | 'staff';
  readonly keepItem: boolean;
  readonly location: string | null;
  readonly isReceiptComplete: boolean;
  readonly exchangeLines: readonly {
    sku: string;
    quantity: number;
    unitPriceMinor?: number;
  }[];
  readonly exchangeOrderId: string | null;
  readonly isExchangePlaced: boolean;
  readonly labelStatus: 'none' | 'wanted' | 'booked' | 'refused' | 'voided';
  readonly waitCode: ReturnWaitCode | null;
  readonly until: string | null;
  /** Refunds of this return that have not ended. */
  readonly openRefunds: number;
  readonly lines: readonly OpenReturnLine[];
  readonly command: CommandRecord | null;
}

/** Locks an order and its return, and reads the return with the command a step carries out; null: no such return. */
export async function openReturn(
  tx: Queryable,
  returnId: string,
  commandId: string | null,
): Promise<OpenReturn | null> {
  const { rows } = await tx.query<{ document: OpenReturn | null }>(
    'select oms.open_return($1::uuid, $2::uuid) as document',
    [returnId, commandId],
  );
  return rows[0]?.document ?? null;
}

/** What the workflow knows of the return. */
export function toReturnState(open: OpenReturn): ReturnState {
  return {
    rev: open.revision,
    returnNo: open.returnNo,
    kind: open.kind,
    status: open.status,
    waitCode: open.waitCode,
    until: open.until === null ? null : new Date(open.until).toISOString(),
    hasUninspected: open.lines.some((line) => uninspectedUnits(line) > 0),
  };
}

/** The commands that are legal for a return as the workflow or a step knows it. */
export function returnActionsOf({
  kind,
  status,
  waitCode,
  hasUninspected,
}: ReturnState): ReturnAction[] {
  const isSettling = waitCode === 'refund';
  return allowedReturnActions({ kind, status, isSettling, hasUninspected });
}

export interface ReturnChange {
  readonly status?: ReturnStatus;
  /** Left out: the wait stays as it is; null: it is over. `policy`: where the deadline's duration stands. */
  readonly wait?: { readonly code: ReturnWaitCode; readonly policy: string | null } | null;
  readonly note?: string | null;
  readonly keepItem?: boolean;
  readonly labelStatus?: OpenReturn['labelStatus'];
  readonly location?: string;
  readonly isReceiptComplete?: boolean;
  /** What the order's log says of it. */
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** The outbox types under which it is told. */
  readonly announce?: readonly string[];
  readonly reason: string | null;
  readonly actor: Actor;
  readonly requestId: string | null;
  /** The command that is done with this change. */
  readonly commandId: string | null;
}

const RECORD_RETURN = `
  update oms.returns r set
    status = coalesce($2::text, r.status),
    wait_code = case when $3::jsonb is null then r.wait_code else $3::jsonb ->> 'code' end,
    wait_since = case when $3::jsonb is null then r.wait_since when $3::jsonb ? 'code' then now() end,
    wait_until = case when $3::jsonb is null then r.wait_until else now() + (
      select (p.value #>> '{}')::interval from oms.policies p
      where p.key = $3::jsonb ->> 'policy' and jsonb_typeof(p.value) = 'string') end,
    note = coalesce($4::text, r.note),
    keep_item = coalesce($5::boolean, r.keep_item),
    label_status = coalesce($6::text, r.label_status),
    location = coalesce($7::text, r.location),
    is_receipt_complete = coalesce($8::boolean, r.is_receipt_complete),
    approved_at = case when $2::text = 'approved' then now() else r.approved_at end,
    declined_at = case when $2::text = 'declined' then now() else r.declined_at end,
    received_at = case when $2::text = 'received' then now() else r.received_at end,
    inspected_at = case when $2::text = 'inspected' then now() else r.inspected_at end,
    closed_at = case when $2::text = 'closed' then now() else r.closed_at end,
    canceled_at = case when $2::text = 'canceled' then now() else r.canceled_at end,
    expired_at = case when $2::text = 'expired' then now() else r.expired_at end,
    revision = r.revision + 1,
    updated_at = now()
  where r.id = $1::uuid`;

const ANNOUNCE = `
  select oms.announce('return', $1::uuid, t.type, jsonb_build_object('returnId', r.id, 'returnNo', r.return_no,
    'orderId', r.order_id, 'status', r.status))
  from oms.returns r, unnest($2::text[]) with ordinality t(type, n) where r.id = $1::uuid order by t.n`;

/**
 * Writes one change of a return whose rows are locked: its row, the lines' counters, the order's log, announcements
 * and the command's end. Lines and stock are written before it.
 */
export async function recordReturn(
  tx: Queryable,
  { id, orderId, returnNo }: Pick<OpenReturn, 'id' | 'orderId' | 'returnNo'>,
  change: ReturnChange,
): Promise<void> {
  await tx.query(RECORD_RETURN, [
    id,
    change.status ?? null,
    change.wait === undefined ? null : JSON.stringify(change.wait ?? {}),
    change.note ?? null,
    change.keepItem ?? null,
    change.labelStatus ?? null,
    change.location ?? null,
    change.isReceiptComplete ?? null,
  ]);
  await countReturns(tx, orderId);
  const { event: type, reason, data = {} } = change;
  await recordChange(tx, {
    orderId,
    actor: change.actor,
    requestId: change.requestId,
    commandId: change.commandId,
    events: [{ type, reason, data: { returnId: id, returnNo, ...data } }],
  });
  if (change.announce !== undefined) await announceReturn(tx, id, change.announce);
}

/** Sets the counters of the order's lines to what its returns say; the order's row must be locked. */
export async function countReturns(tx: Queryable, orderId: string): Promise<void> {
  await tx.query('select oms.count_returns($1::uuid)', [orderId]);
}

/** Tells the lanes of a return as it is now, under each of the types. */
export async function announceReturn(
  tx: Queryable,
  returnId: string,
  types: readonly string[],
): Promise<void> {
  await tx.query(ANNOUNCE, [returnId, types]);
}

/** Writes the lines of a return as receipt or inspection left them. */
export async function writeReturnLines(
  tx: Queryable,
  returnId: string,
  lines: readonly ReturnLineState[],
): Promise<void> {
  await tx.query(
    `update oms.return_lines r set received = n.received, received_new = n."receivedNew", accepted = n.accepted,
       rejected = n.rejected, condition = n.condition, disposition = n.disposition, reception = n.reception,
       acceptance = case when n.accepted > 0 then 'accepted' when n.rejected > 0 then 'rejected' else 'pending' end
     from jsonb_to_recordset($2::jsonb) as n("lineId" uuid, received int, "receivedNew" int, accepted int, rejected int,
       condition text, disposition text, reception text)
     where r.return_id = $1::uuid and r.order_line_id = n."lineId"`,
    [returnId, JSON.stringify(lines)],
  );
}
