import { prorate } from '../../src/domain/money';
import { KINDS, type Kind } from './kinds';

export interface PlannedOrder {
  readonly n: number;
  readonly kind: Kind;
}

/** So many orders of all kinds by their shares, mixed evenly; few orders: the first kinds, one each. */
export function planOrders(count: number): PlannedOrder[] {
  const counts =
    count < KINDS.length
      ? KINDS.map((_, index) => (index < count ? 1 : 0))
      : prorate(
          count - KINDS.length,
          KINDS.map(({ weight }) => weight),
        ).map((part) => part + 1);
  const spread = KINDS.flatMap((kind, index) => {
    const own = counts[index] ?? 0;
    return Array.from({ length: own }, (_, i) => ({ kind, at: (i + 0.5) / own }));
  });
  return spread.toSorted((a, b) => a.at - b.at).map(({ kind }, index) => ({ n: index + 1, kind }));
}
