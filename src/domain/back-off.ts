export interface BackOff {
  readonly initialMs: number;
  /** No pause is longer; null: no bound. */
  readonly maxMs: number | null;
}

const SPREAD = 0.2;
/** Doubling more often than this passes every bound there is. */
const MAX_DOUBLINGS = 40;

/**
 * The pause after the `failures`-th failure in a row (from 1): the first one's doubled each time, up to 20 % shorter or
 * longer so that what failed together does not come back together, and never over the bound. `random` is in [0, 1).
 */
export function backOffMs(failures: number, { initialMs, maxMs }: BackOff, random: number): number {
  const doubled = initialMs * 2 ** Math.min(Math.max(failures, 1) - 1, MAX_DOUBLINGS);
  const spread = Math.min(doubled, maxMs ?? doubled) * (1 - SPREAD + 2 * SPREAD * random);
  return Math.round(Math.min(spread, maxMs ?? spread));
}
