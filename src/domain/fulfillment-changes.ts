import { DomainError, type FieldError } from './errors';
import type { FulfillmentOrderStatus } from './order-state';

export interface UnitsOfLine {
  readonly lineId: string;
  readonly quantity: number;
}

/** What of a fulfilment order decides whether it may be changed. */
interface Work {
  readonly status: FulfillmentOrderStatus;
  readonly packed: boolean;
  readonly lines: readonly (UnitsOfLine & { readonly picked: number })[];
}

const MOVABLE: readonly FulfillmentOrderStatus[] = ['open', 'on_hold', 'in_progress'];

/** May the work go to another location? Until the first unit is picked. */
export function checkMove({ status, packed, lines }: Work): boolean {
  return MOVABLE.includes(status) && !packed && lines.every(({ picked }) => picked === 0);
}

/** Units reported short, summed per line. Throws where a line is not of this work or has fewer units to be picked. */
export function checkShort(work: Work, reported: readonly UnitsOfLine[]): Map<string, number> {
  const units = new Map<string, number>();
  const errors = reported.flatMap(({ lineId, quantity }, n): FieldError[] => {
    const line = work.lines.find((candidate) => candidate.lineId === lineId);
    if (line === undefined)
      return [{ path: `lines.${n}.lineId`, message: 'is not a line of this fulfilment order' }];
    const sum = (units.get(lineId) ?? 0) + quantity;
    units.set(lineId, sum);
    const open = line.quantity - line.picked;
    if (sum <= open) return [];
    const message = `more than the ${Math.max(0, open)} still to be picked`;
    return [{ path: `lines.${n}.quantity`, message }];
  });
  if (errors.length > 0)
    throw new DomainError('validation_failed', 'What is short does not fit what was asked.', {
      errors,
    });
  return units;
}
