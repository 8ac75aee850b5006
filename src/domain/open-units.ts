import type { Demand, KitPart } from './allocation';

/** What of an order its stock is reckoned from. */
export interface UnitFacts {
  readonly lines: readonly {
    readonly id: string;
    readonly sku: string | null;
    readonly knownSku: boolean;
    readonly requiresShipping: boolean;
    readonly kitParts: readonly KitPart[];
    /** Ordered less canceled. */
    readonly wanted: number;
    /** Reserved and not yet handed over. */
    readonly allocated: number;
    readonly shipped: number;
  }[];
  readonly fulfillments: readonly {
    readonly status: string;
    readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  }[];
}

/** Units that are wanted and for which no stock is reserved; what somebody chose to let follow is left out. */
export function toShortDemand(order: UnitFacts): Demand[] {
  return toDemand(order, (line) => scheduledUnits(order, line.id));
}

/** The same with what follows later. */
export function toOpenDemand(order: UnitFacts): Demand[] {
  return toDemand(order, () => 0);
}

function toDemand(
  { lines }: UnitFacts,
  scheduled: (line: UnitFacts['lines'][number]) => number,
): Demand[] {
  return lines.flatMap((line) => {
    const { id, sku, knownSku, requiresShipping, kitParts } = line;
    const quantity = line.wanted - line.shipped - line.allocated - scheduled(line);
    if (sku === null || !knownSku || !requiresShipping || quantity <= 0) return [];
    return [{ lineId: id, sku, quantity, ...(kitParts.length === 0 ? {} : { kitParts }) }];
  });
}

function scheduledUnits({ fulfillments }: UnitFacts, lineId: string): number {
  return fulfillments
    .filter(({ status }) => status === 'scheduled')
    .flatMap(({ lines }) => lines)
    .filter((line) => line.lineId === lineId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
