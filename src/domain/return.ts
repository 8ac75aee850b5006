import type { FieldError } from './errors';

export const RETURN_REASONS = [
  'too_small',
  'too_large',
  'not_as_described',
  'damaged',
  'wrong_item',
  'changed_mind',
  'late',
  'other',
] as const;

export const RETURN_CONDITIONS = ['new', 'opened', 'damaged', 'wrong_item'] as const;
export type ReturnCondition = (typeof RETURN_CONDITIONS)[number];

export const RETURN_DISPOSITIONS = ['restock', 'damaged', 'scrap', 'return_to_vendor'] as const;
export type ReturnDisposition = (typeof RETURN_DISPOSITIONS)[number];

export const RETURN_RULES = ['standard', 'final_sale', 'hazardous', 'hygiene'] as const;
export type ReturnRule = (typeof RETURN_RULES)[number];

export const RECEPTIONS = [
  'awaiting',
  'in_transit',
  'received',
  'lost',
  'wrong_item',
  'short',
  'kept_by_customer',
] as const;
export type Reception = (typeof RECEPTIONS)[number];

export const ACCEPTANCES = ['pending', 'accepted', 'rejected', 'manual_review'] as const;

/** An order's line as the rules of returns see it; units. */
export interface ReturnableLine {
  readonly lineId: string;
  readonly delivered: number;
  /** In live returns and not yet decided. */
  readonly requested: number;
  readonly returned: number;
  readonly rejected: number;
  readonly rule: ReturnRule;
  /** ISO 8601; null: no end. */
  readonly windowEndsAt: string | null;
}

type ReturnRefusalCode =
  'validation_failed' | 'return_exceeds_delivered' | 'not_returnable' | 'return_window_closed';

export interface ReturnRefusal {
  readonly code: ReturnRefusalCode;
  readonly error: FieldError;
}

/** Delivered units that no other return has or had. */
export function returnableUnits(line: ReturnableLine): number {
  return Math.max(0, line.delivered - line.requested - line.returned - line.rejected);
}

/** Whether the product's rule and the window let the line come back at `now` (ISO), whatever its units. */
export function refusalByRule(
  { rule, windowEndsAt }: ReturnableLine,
  now: string,
): 'not_returnable' | 'return_window_closed' | null {
  if (rule === 'final_sale' || rule === 'hazardous') return 'not_returnable';
  const isOver = windowEndsAt !== null && Date.parse(now) > Date.parse(windowEndsAt);
  return isOver ? 'return_window_closed' : null;
}

/** What speaks against a return, line by line of the request; empty: nothing. */
export function findReturnRefusals(
  asked: readonly { readonly lineId: string; readonly quantity: number }[],
  lines: readonly ReturnableLine[],
  now: string,
): ReturnRefusal[] {
  const known = new Map(lines.map((line) => [line.lineId, line]));
  return asked.flatMap(({ lineId, quantity }, n): ReturnRefusal[] => {
    const line = known.get(lineId);
    const path = `lines.${n}`;
    if (line === undefined) return [invalid(`${path}.lineId`, 'is not a line of this order')];
    if (asked.findIndex((other) => other.lineId === lineId) < n)
      return [invalid(`${path}.lineId`, 'is named twice')];
    const units = returnableUnits(line);
    if (quantity > units) {
      const message = `${units} delivered and not in another return`;
      return [{ code: 'return_exceeds_delivered', error: { path, message } }];
    }
    const code = refusalByRule(line, now);
    if (code === null) return [];
    const message =
      code === 'not_returnable' ? `the product is ${line.rule}` : 'the return window is over';
    return [{ code, error: { path, message } }];
  });
}

function invalid(path: string, message: string): ReturnRefusal {
  return { code: 'validation_failed', error: { path, message } };
}

/** A line of a return while goods come and are looked at; units. */
export interface ReturnLineState {
  readonly lineId: string;
  readonly quantity: number;
  readonly received: number;
  /** Of them in condition `new`. */
  readonly receivedNew: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly condition: ReturnCondition | null;
  readonly disposition: ReturnDisposition | null;
  readonly reception: Reception;
  readonly rule: ReturnRule;
}

export interface Receipt {
  readonly lineId: string;
  readonly quantity: number;
  readonly condition: ReturnCondition;
}

export type Refused = { readonly kind: 'refused'; readonly errors: readonly FieldError[] };

/**
 * Adds what came to what had come. Complete when nothing is awaited any more, or when somebody says so: then what is
 * missing is short. More than awaited is refused as a whole.
 */
export function receiveUnits(
  lines: readonly ReturnLineState[],
  receipts: readonly Receipt[],
  saysComplete: boolean,
): { readonly kind: 'received'; lines: ReturnLineState[]; isComplete: boolean } | Refused {
  const errors: FieldError[] = [];
  const states = new Map(lines.map((line) => [line.lineId, line]));
  for (const [n, { lineId, quantity, condition }] of receipts.entries()) {
    const line = states.get(lineId);
    if (line === undefined)
      errors.push({ path: `lines.${n}.lineId`, message: 'is not a line of this return' });
    else if (line.received + quantity > line.quantity)
      errors.push({
        path: `lines.${n}.quantity`,
        message: `more than the ${line.quantity - line.received} still awaited`,
      });
    else states.set(lineId, addReceipt(line, quantity, condition));
  }
  if (errors.length > 0) return { kind: 'refused', errors };
  const received = [...states.values()];
  const isComplete = saysComplete || received.every((line) => line.received === line.quantity);
  return {
    kind: 'received',
    isComplete,
    lines: received.map((line) => ({ ...line, reception: receptionOf(line, isComplete) })),
  };
}

function addReceipt(
  line: ReturnLineState,
  quantity: number,
  condition: ReturnCondition,
): ReturnLineState {
  const receivedNew = line.receivedNew + (condition === 'new' ? quantity : 0);
  // The worst that came names the line.
  const rank = (one: ReturnCondition): number => RETURN_CONDITIONS.indexOf(one);
  const worst =
    line.condition !== null && rank(line.condition) > rank(condition) ? line.condition : condition;
  return { ...line, received: line.received + quantity, receivedNew, condition: worst };
}

function receptionOf(line: ReturnLineState, isComplete: boolean): Reception {
  if (line.received < line.quantity) return isComplete ? 'short' : line.reception;
  return line.condition === 'wrong_item' ? 'wrong_item' : 'received';
}

export interface Inspection {
  readonly lineId: string;
  readonly accepted: number;
  readonly rejected: number;
  readonly disposition: ReturnDisposition | null;
}

/** Units that were accepted and where they go. */
export interface AcceptedUnits {
  readonly lineId: string;
  readonly units: number;
  readonly disposition: ReturnDisposition;
}

/**
 * Adds what an inspection decided. Over what was received is refused, and so is a hygiene product that did not come
 * back new. Done when the receipt is complete and all of it decided.
 */
export function inspectUnits(
  lines: readonly ReturnLineState[],
  inspections: readonly Inspection[],
  isReceiptComplete: boolean,
):
  | {
      readonly kind: 'inspected';
      lines: ReturnLineState[];
      units: AcceptedUnits[];
      isDone: boolean;
    }
  | Refused {
  const errors: FieldError[] = [];
  const units: AcceptedUnits[] = [];
  const states = new Map(lines.map((line) => [line.lineId, line]));
  for (const [n, inspection] of inspections.entries()) {
    const line = states.get(inspection.lineId);
    const error = line === undefined ? null : findInspectionError(line, inspection);
    if (line === undefined)
      errors.push({ path: `lines.${n}.lineId`, message: 'is not a line of this return' });
    else if (error !== null) errors.push({ ...error, path: `lines.${n}.${error.path}` });
    else {
      const { lineId, accepted, rejected, disposition } = inspection;
      states.set(lineId, {
        ...line,
        accepted: line.accepted + accepted,
        rejected: line.rejected + rejected,
        disposition: accepted > 0 ? disposition : line.disposition,
      });
      if (accepted > 0 && disposition !== null)
        units.push({ lineId, units: accepted, disposition });
    }
  }
  if (errors.length > 0) return { kind: 'refused', errors };
  const inspected = [...states.values()];
  const isDone = isReceiptComplete && inspected.every((line) => uninspectedUnits(line) === 0);
  return { kind: 'inspected', lines: inspected, units, isDone };
}

/** Units received that nobody has decided on. */
export function uninspectedUnits(
  line: Pick<ReturnLineState, 'received' | 'accepted' | 'rejected'>,
): number {
  return line.received - line.accepted - line.rejected;
}

function findInspectionError(line: ReturnLineState, inspection: Inspection): FieldError | null {
  const { accepted, rejected, disposition } = inspection;
  const left = uninspectedUnits(line);
  if (accepted + rejected > left)
    return { path: 'accepted', message: `more than the ${left} received and not inspected` };
  if (accepted > 0 && disposition === null)
    return { path: 'disposition', message: 'is needed for accepted units' };
  if (line.rule === 'hygiene' && line.accepted + accepted > line.receivedNew)
    return { path: 'accepted', message: 'a hygiene product can be accepted only as new' };
  return null;
}

/** What decides how many accepted units of a line are refunded; units of the whole order line. */
export interface RefundedUnits {
  readonly quantity: number;
  /** In refunds that took place or may still, of canceled units too. */
  readonly refundedUnits: number;
  /** Of them units that were handed over. */
  readonly refundedShipped: number;
  /** Accepted in all returns, this one included. */
  readonly returned: number;
}

/**
 * How many of a return's accepted units are still to be refunded: those that no refund without a return has paid back
 * already. Refunds of canceled units say nothing of what was handed over.
 */
export function unitsToRefund(line: RefundedUnits, accepted: number): number {
  const { quantity, refundedUnits, refundedShipped, returned } = line;
  return Math.max(0, Math.min(accepted, quantity - refundedUnits, returned - refundedShipped));
}

/** A return is approved by itself below the limit of its currency; without a limit never. */
export function isAutoApproved(
  valueMinor: number,
  currency: string,
  limits: Readonly<Record<string, number>>,
): boolean {
  const limit = limits[currency];
  return limit !== undefined && valueMinor < limit;
}
