import type { ReturnRef, ReturnState } from '../contracts/return-process';
import { InspectReturnBody, ReceiveReturnBody } from '../contracts/returns';
import { isLocation } from '../db/oms/return-lookups';
import { putBack } from '../db/oms/return-stock';
import { type OpenReturn, recordReturn, writeReturnLines } from '../db/oms/returns';
import type { Queryable } from '../db/pool';
import { DomainError, type FieldError } from '../domain/errors';
import {
  type AcceptedUnits,
  inspectUnits,
  receiveUnits,
  type Receipt,
  type ReturnLineState,
  uninspectedUnits,
} from '../domain/return';
import type { StepCause, StepDeps } from './order-step';
import { settleReturn } from './return-settlement';
import {
  isOverdue,
  RETURN_BY_ITSELF,
  returnChangeOf,
  returnCommandStep,
  type ReturnStepInput,
  returnStoryStep,
} from './return-step';

/** Goods have come, all or some. What comes later adds up; `complete` ends the receipt with what is there. */
export async function receiveReturn(deps: StepDeps, input: ReturnStepInput): Promise<ReturnState> {
  return returnCommandStep(deps, input, 'receive', async (tx, open, cause) => {
    const { lines, location, complete } = readBody(ReceiveReturnBody.safeParse(cause.body));
    if (location !== undefined && !(await isLocation(tx, location)))
      throw refused([{ path: 'location', message: 'is not a location' }]);
    await receive(tx, { ...open, location: location ?? open.location }, cause, lines, complete);
  });
}

/** The goods did not come in time: expired with nothing received, else it goes on with what came. */
export async function endReceiving(deps: StepDeps, ref: ReturnRef): Promise<ReturnState> {
  return returnStoryStep(deps, ref, async (tx, open) => {
    if (open.waitCode !== 'return_goods' || !isOverdue(open)) return;
    const cause = { ...RETURN_BY_ITSELF, reason: 'receive_deadline' };
    if (open.status === 'partially_received') {
      await receive(tx, open, cause, [], true);
      return;
    }
    await recordReturn(tx, open, {
      ...returnChangeOf(cause),
      status: 'expired',
      wait: null,
      event: 'return_expired',
      announce: ['return.expired'],
    });
  });
}

async function receive(
  tx: Queryable,
  open: OpenReturn,
  cause: StepCause,
  receipts: readonly Receipt[],
  saysComplete: boolean,
): Promise<void> {
  const receipt = receiveUnits(open.lines, receipts, saysComplete);
  if (receipt.kind === 'refused') throw refused(receipt.errors);
  const { lines, isComplete } = receipt;
  await writeReturnLines(tx, open.id, lines);
  const change = {
    ...returnChangeOf(cause),
    ...(open.location === null ? {} : { location: open.location }),
    event: 'return_received',
    data: { lines: receipts, isComplete },
  };
  if (!isComplete) {
    const isFirst = open.status !== 'partially_received';
    await recordReturn(tx, open, {
      ...change,
      ...(isFirst ? { status: 'partially_received' } : {}),
    });
    return;
  }
  await recordReturn(tx, open, {
    ...change,
    status: 'received',
    isReceiptComplete: true,
    wait: { code: 'inspection', policy: null },
    announce: ['return.received'],
  });
  const received = { ...open, isReceiptComplete: true, lines: merge(open, lines) };
  if (isBackAsSent(received)) await acceptAll(tx, received, cause);
  else if (lines.every((line) => uninspectedUnits(line) === 0))
    await endInspection(tx, received, cause);
}

function merge(open: OpenReturn, lines: readonly ReturnLineState[]): OpenReturn['lines'] {
  const changed = new Map(lines.map((line) => [line.lineId, line]));
  return open.lines.map((line) => ({ ...line, ...changed.get(line.lineId) }));
}

/** A parcel that came back to its sender with all in it as new needs no inspection. */
function isBackAsSent({ kind, lines }: OpenReturn): boolean {
  return (
    kind === 'return_to_sender' &&
    lines.every((line) => line.received > 0 && line.receivedNew === line.received)
  );
}

async function acceptAll(tx: Queryable, open: OpenReturn, cause: StepCause): Promise<void> {
  const accepted = open.lines.map((line) => ({
    ...line,
    accepted: line.received,
    disposition: 'restock' as const,
  }));
  const units = accepted.map(({ lineId, received, disposition }) => ({
    ...{ lineId, units: received, disposition },
  }));
  await shelve(tx, open, cause, units);
  await writeReturnLines(tx, open.id, accepted);
  await recordReturn(tx, open, {
    ...returnChangeOf(cause),
    commandId: null,
    event: 'return_units_inspected',
    data: {
      lines: units.map(({ lineId, units: count }) => ({
        ...{ lineId, accepted: count, rejected: 0, disposition: 'restock' },
      })),
    },
  });
  await settleReturn(tx, open.id, { ...cause, commandId: null });
}

/** A person has looked at units: accepted ones go where they are fit for, rejected ones are neither stock nor money. */
export async function inspectReturn(deps: StepDeps, input: ReturnStepInput): Promise<ReturnState> {
  return returnCommandStep(deps, input, 'inspect', async (tx, open, cause) => {
    const { lines: inspections } = readBody(InspectReturnBody.safeParse(cause.body));
    const inspection = inspectUnits(open.lines, inspections, open.isReceiptComplete);
    if (inspection.kind === 'refused') throw refused(inspection.errors);
    const { lines, units, isDone } = inspection;
    await shelve(tx, open, cause, units);
    await writeReturnLines(tx, open.id, lines);
    await recordReturn(tx, open, {
      ...returnChangeOf(cause),
      event: 'return_units_inspected',
      data: { lines: inspections },
    });
    if (isDone) await endInspection(tx, open, cause);
  });
}

async function endInspection(tx: Queryable, open: OpenReturn, cause: StepCause): Promise<void> {
  await recordReturn(tx, open, {
    ...returnChangeOf(cause),
    commandId: null,
    status: 'inspected',
    wait: null,
    event: 'return_inspected',
    announce: ['return.inspected'],
  });
  await settleReturn(tx, open.id, { ...cause, commandId: null });
}

async function shelve(
  tx: Queryable,
  open: OpenReturn,
  cause: StepCause,
  units: readonly AcceptedUnits[],
): Promise<void> {
  if (open.location === null) return;
  const skus = new Map(open.lines.map(({ lineId, id, sku }) => [lineId, { id, sku }]));
  const movements = units.flatMap(({ lineId, units: count, disposition }, n) => {
    const line = skus.get(lineId);
    if (line === undefined || line.sku === null) return [];
    const docLine = `${line.id}/${cause.commandId ?? 'receipt'}/${n}`;
    return [{ docLine, sku: line.sku, units: count, disposition }];
  });
  await putBack(tx, {
    returnId: open.id,
    location: open.location,
    actor: cause.actor,
    requestId: cause.requestId,
    units: movements,
  });
}

/** The API checked the shape before it stored the command; from the Web UI nothing of the kind can come. */
function readBody<T>(parsed: { success: true; data: T } | { success: false }): T {
  if (parsed.success) return parsed.data;
  throw new DomainError('validation_failed', 'lines come through the API');
}

function refused(errors: readonly FieldError[]): DomainError {
  return new DomainError('validation_failed', 'The units do not fit the return.', { errors });
}
