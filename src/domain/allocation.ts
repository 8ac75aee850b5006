export interface Demand {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
}

/** What one location can give of one SKU. One row per (sku, location). */
export interface StockLevel {
  readonly sku: string;
  readonly location: string;
  /** Lower comes first. */
  readonly priority: number;
  readonly available: number;
}

export interface AllocationPart {
  readonly lineId: string;
  readonly sku: string;
  readonly location: string;
  readonly quantity: number;
}

export type Allocation =
  | { readonly kind: 'full'; readonly parts: readonly AllocationPart[] }
  | {
      readonly kind: 'short';
      readonly missing: readonly { readonly sku: string; readonly quantity: number }[];
    };

type Quantities = ReadonlyMap<string, number>;

interface Location {
  readonly code: string;
  readonly priority: number;
  readonly available: Quantities;
}

interface Pick {
  readonly sku: string;
  readonly location: string;
  readonly quantity: number;
}

/**
 * Decides where an order is served from. The first location by priority (then code) that has all of it;
 * else the first pair that has it together; else locations taken by how much they serve. Within those
 * a SKU is split only where none of them has all of it. Demand is summed per SKU over the lines first.
 * All or nothing: `short` exactly when all locations together lack something, with what is missing.
 */
export function allocate(demand: readonly Demand[], levels: readonly StockLevel[]): Allocation {
  const wanted = sumBySku(demand);
  const locations = toLocations(levels);
  const missing = missingFrom(wanted, locations);
  if (missing.length > 0) return { kind: 'short', missing };
  const picks = pickFrom(wanted, chooseLocations(wanted, locations));
  return { kind: 'full', parts: assignToLines(demand, picks) };
}

function sumBySku(rows: readonly { sku: string; quantity: number }[]): Quantities {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of rows) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
}

/** Locations in the order of preference, whatever the order of the rows. */
function toLocations(levels: readonly StockLevel[]): Location[] {
  const byCode = new Map<string, { priority: number; available: Map<string, number> }>();
  for (const { location, priority, sku, available } of levels) {
    const entry = byCode.get(location) ?? { priority, available: new Map<string, number>() };
    entry.available.set(sku, Math.max(0, available));
    byCode.set(location, entry);
  }
  return [...byCode]
    .map(([code, entry]) => ({ code, ...entry }))
    .toSorted((a, b) => a.priority - b.priority || (a.code < b.code ? -1 : 1));
}

function missingFrom(
  wanted: Quantities,
  locations: readonly Location[],
): { sku: string; quantity: number }[] {
  return [...wanted]
    .map(([sku, quantity]) => ({ sku, quantity: quantity - availableAt(locations, sku) }))
    .filter(({ quantity }) => quantity > 0);
}

function availableAt(locations: readonly Location[], sku: string): number {
  return locations.reduce((sum, location) => sum + (location.available.get(sku) ?? 0), 0);
}

function covers(wanted: Quantities, locations: readonly Location[]): boolean {
  return missingFrom(wanted, locations).length === 0;
}

function chooseLocations(wanted: Quantities, locations: readonly Location[]): readonly Location[] {
  const single = locations.find((location) => covers(wanted, [location]));
  if (single !== undefined) return [single];
  for (const [index, first] of locations.entries()) {
    const second = locations.slice(index + 1).find((other) => covers(wanted, [first, other]));
    if (second !== undefined) return [first, second];
  }
  return chooseGreedily(wanted, locations);
}

/** Finding the fewest locations is set cover; past pairs, most-units-first is near enough. */
function chooseGreedily(wanted: Quantities, locations: readonly Location[]): readonly Location[] {
  const chosen = new Set<Location>();
  let open = wanted;
  while (open.size > 0) {
    let best: Location | undefined;
    for (const location of locations) {
      if (chosen.has(location)) continue;
      if (best === undefined || servedBy(location, open) > servedBy(best, open)) best = location;
    }
    if (best === undefined) break;
    chosen.add(best);
    open = new Map(missingFrom(wanted, [...chosen]).map(({ sku, quantity }) => [sku, quantity]));
  }
  return locations.filter((location) => chosen.has(location));
}

function servedBy(location: Location, wanted: Quantities): number {
  let units = 0;
  for (const [sku, quantity] of wanted) {
    units += Math.min(quantity, location.available.get(sku) ?? 0);
  }
  return units;
}

function pickFrom(wanted: Quantities, locations: readonly Location[]): Pick[] {
  return [...wanted].flatMap(([sku, quantity]) => {
    const whole = locations.find((location) => (location.available.get(sku) ?? 0) >= quantity);
    let open = quantity;
    return (whole === undefined ? locations : [whole]).flatMap((location) => {
      const taken = Math.min(open, location.available.get(sku) ?? 0);
      open -= taken;
      return taken === 0 ? [] : [{ sku, location: location.code, quantity: taken }];
    });
  });
}

/** Hands the picked units to the lines, in the order of the lines. */
function assignToLines(demand: readonly Demand[], picks: readonly Pick[]): AllocationPart[] {
  const left = picks.map((pick) => ({ ...pick }));
  return demand.flatMap(({ lineId, sku, quantity }) => {
    let open = quantity;
    const parts: AllocationPart[] = [];
    for (const pick of left) {
      if (pick.sku !== sku) continue;
      const taken = Math.min(open, pick.quantity);
      open -= taken;
      pick.quantity -= taken;
      if (taken > 0) parts.push({ lineId, sku, location: pick.location, quantity: taken });
    }
    return parts;
  });
}
