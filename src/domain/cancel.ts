import { DomainError, type FieldError } from './errors';

export interface CancelableLine {
  readonly id: string;
  readonly ordered: number;
  /** Ordered less canceled. */
  readonly wanted: number;
  readonly shipped: number;
}

/** Which units a cancel names; `lineIds` means all of a line that is left. */
export interface CancelNames {
  readonly lineIds?: readonly string[];
  readonly lines?: readonly { readonly lineId: string; readonly quantity: number }[];
}

export type CancelScope =
  | { readonly kind: 'whole' }
  | { readonly kind: 'units'; readonly units: ReadonlyMap<string, number> }
  /** All of them are canceled already. */
  | { readonly kind: 'nothing' }
  /** Units are named that were handed over. */
  | { readonly kind: 'handed_over' };

/**
 * What a cancel is about. Naming nothing means the order; so does naming its last open units while nothing is handed
 * over. Units that are canceled already count as done. Throws `validation_failed` for a foreign line or too many units.
 */
export function scopeOfCancel(lines: readonly CancelableLine[], names: CancelNames): CancelScope {
  if (names.lineIds === undefined && names.lines === undefined) return { kind: 'whole' };
  const named = nameUnits(lines, names);
  const isGone = lines.some(({ id, ordered, shipped, wanted }) => {
    const asked = named.get(id) ?? 0;
    return (
      asked > ordered - shipped ||
      (asked === 0 && named.has(id) && shipped > 0 && wanted === ordered)
    );
  });
  if (isGone) return { kind: 'handed_over' };
  const units = new Map<string, number>();
  for (const { id, wanted, shipped } of lines) {
    const open = Math.min(named.get(id) ?? 0, wanted - shipped);
    if (open > 0) units.set(id, open);
  }
  if (units.size === 0) return { kind: 'nothing' };
  const isAll = lines.every(
    ({ id, wanted, shipped }) => shipped === 0 && (units.get(id) ?? 0) === wanted,
  );
  return isAll ? { kind: 'whole' } : { kind: 'units', units };
}

/** Units asked for by line; of a line named as a whole, all that is not handed over. */
function nameUnits(
  lines: readonly CancelableLine[],
  { lineIds = [], lines: parts = [] }: CancelNames,
): Map<string, number> {
  const byId = new Map(lines.map((line) => [line.id, line]));
  const errors: FieldError[] = [];
  const named = new Map<string, number>();
  lineIds.forEach((lineId, n) => {
    const line = byId.get(lineId);
    if (line === undefined) errors.push(foreign(`lineIds.${String(n)}`));
    else named.set(lineId, line.wanted - line.shipped);
  });
  parts.forEach(({ lineId, quantity }, n) => {
    const line = byId.get(lineId);
    const asked = (named.get(lineId) ?? 0) + quantity;
    if (line === undefined) errors.push(foreign(`lines.${String(n)}.lineId`));
    else if (asked > line.ordered)
      errors.push({
        path: `lines.${String(n)}.quantity`,
        message: `the line has ${String(line.ordered)} units`,
      });
    named.set(lineId, asked);
  });
  if (errors.length > 0)
    throw new DomainError('validation_failed', 'The cancel names what the order does not have.', {
      errors,
    });
  return named;
}

function foreign(path: string): FieldError {
  return { path, message: 'is not a line of this order' };
}

/** Where units of a line stand that are not handed over. */
export interface UnitSource {
  /** Null: not planned, or not even reserved. */
  readonly fulfillmentOrderId: string | null;
  readonly location: string | null;
  readonly units: number;
  /** How much work is lost by taking units from here: the least first. */
  readonly effort: number;
}

export interface UnitTake {
  readonly fulfillmentOrderId: string | null;
  readonly location: string | null;
  readonly units: number;
}

/** Takes units where the least work is lost; what is at no source (never reserved) is left out. */
export function takeUnits(sources: readonly UnitSource[], wanted: number): UnitTake[] {
  let left = wanted;
  return sources
    .toSorted((a, b) => a.effort - b.effort)
    .flatMap(({ fulfillmentOrderId, location, units }) => {
      const taken = Math.min(left, units);
      left -= taken;
      return taken > 0 ? [{ fulfillmentOrderId, location, units: taken }] : [];
    });
}
