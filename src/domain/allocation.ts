export interface KitPart {
  readonly sku: string;
  /** Units of the part in one unit of the kit. */
  readonly quantity: number;
}

export interface Demand {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  /** What one unit is made of; left out or empty: the item itself. */
  readonly kitParts?: readonly KitPart[];
}

/** What one location can give of one SKU. One row per (sku, location). */
export interface StockLevel {
  readonly sku: string;
  readonly location: string;
  /** Lower comes first. */
  readonly priority: number;
  readonly available: number;
}

/** Stock for a line at one location; `quantity` counts units of `sku`. */
export interface AllocationPart {
  readonly lineId: string;
  readonly sku: string;
  readonly location: string;
  readonly quantity: number;
  /** Kits only: units of `sku` in one unit of the line. */
  readonly perUnit?: number;
  /** Kits only: true for the one part that stands for the line's units. */
  readonly isLead?: boolean;
}

export interface Missing {
  readonly sku: string;
  readonly quantity: number;
}

export type Allocation =
  | { readonly kind: 'full'; readonly parts: readonly AllocationPart[] }
  | { readonly kind: 'short'; readonly missing: readonly Missing[] };

/** What can be had now, and what of the demand is left. */
export interface Split {
  readonly parts: readonly AllocationPart[];
  readonly rest: readonly Demand[];
}

type Quantities = ReadonlyMap<string, number>;

interface Location {
  readonly code: string;
  readonly priority: number;
  readonly available: Quantities;
}

interface Shelf {
  readonly code: string;
  readonly left: Map<string, number>;
}

interface Pick {
  readonly sku: string;
  readonly location: string;
  readonly quantity: number;
}

/**
 * Decides where an order is served from. The first location by priority (then code) that has all of it;
 * else the first pair that has it together; else locations taken by how much they serve. Within those
 * a SKU is split only where none of them has all of it; a unit of a kit never. Demand is summed per stock item over
 * the lines first. All or nothing: `short` says what is missing.
 */
export function allocate(demand: readonly Demand[], levels: readonly StockLevel[]): Allocation {
  const locations = toLocations(levels);
  const wanted = toStockDemand(demand);
  const missing = missingFrom(wanted, locations);
  if (missing.length > 0) return { kind: 'short', missing };
  const chosen = serve(demand, chooseLocations(demand, wanted, locations));
  const { parts, rest } = chosen.rest.length === 0 ? chosen : serve(demand, locations);
  if (rest.length === 0) return { kind: 'full', parts };
  return { kind: 'short', missing: rest.map(({ sku, quantity }) => ({ sku, quantity })) };
}

/** As much of the demand as is there, lines in their order; what is left over is for later. */
export function splitDemand(demand: readonly Demand[], levels: readonly StockLevel[]): Split {
  const { parts, rest } = serve(demand, toLocations(levels));
  const there = subtract(demand, rest);
  const allocation = allocate(there, levels);
  return { parts: allocation.kind === 'full' ? allocation.parts : parts, rest };
}

/** Units wanted per stock item: of a kit its parts. */
export function toStockDemand(demand: readonly Demand[]): Quantities {
  const sums = new Map<string, number>();
  for (const { quantity, ...line } of demand)
    for (const part of partsOf(line))
      sums.set(part.sku, (sums.get(part.sku) ?? 0) + quantity * part.quantity);
  return sums;
}

function partsOf({ sku, kitParts = [] }: Omit<Demand, 'quantity'>): readonly KitPart[] {
  return kitParts.length === 0 ? [{ sku, quantity: 1 }] : kitParts;
}

function isKit({ kitParts = [] }: Demand): boolean {
  return kitParts.length > 0;
}

function subtract(demand: readonly Demand[], rest: readonly Demand[]): Demand[] {
  return demand.flatMap((line) => {
    const left = rest.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0;
    return left < line.quantity ? [{ ...line, quantity: line.quantity - left }] : [];
  });
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

function missingFrom(wanted: Quantities, locations: readonly Location[]): Missing[] {
  return [...wanted]
    .map(([sku, quantity]) => ({ sku, quantity: quantity - availableAt(locations, sku) }))
    .filter(({ quantity }) => quantity > 0);
}

function availableAt(locations: readonly Location[], sku: string): number {
  return locations.reduce((sum, location) => sum + (location.available.get(sku) ?? 0), 0);
}

function chooseLocations(
  demand: readonly Demand[],
  wanted: Quantities,
  locations: readonly Location[],
): readonly Location[] {
  const hasKits = demand.some(isKit);
  const covers = (some: readonly Location[]): boolean =>
    missingFrom(wanted, some).length === 0 && (!hasKits || serve(demand, some).rest.length === 0);
  const single = locations.find((location) => covers([location]));
  if (single !== undefined) return [single];
  for (const [index, first] of locations.entries()) {
    const second = locations.slice(index + 1).find((other) => covers([first, other]));
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

/** Serves what the locations have. Kits come first: each unit needs all its parts in one place. */
function serve(demand: readonly Demand[], locations: readonly Location[]): Split {
  const shelves = locations.map(({ code, available }) => ({ code, left: new Map(available) }));
  const kits = demand.filter(isKit).flatMap((line) => takeKits(line, shelves));
  const plain = demand.filter((line) => !isKit(line));
  const parts = [...kits, ...assignToLines(plain, pickFrom(toStockDemand(plain), shelves))];
  return { parts, rest: subtract(demand, toServed(parts)) };
}

function toServed(parts: readonly AllocationPart[]): Demand[] {
  const units = new Map<string, Demand>();
  for (const { lineId, sku, quantity, perUnit = 1, isLead = true } of parts) {
    if (!isLead) continue;
    const before = units.get(lineId)?.quantity ?? 0;
    units.set(lineId, { lineId, sku, quantity: before + quantity / perUnit });
  }
  return [...units.values()];
}

function takeKits(line: Demand, shelves: readonly Shelf[]): AllocationPart[] {
  const kitParts = partsOf(line);
  const whole = shelves.find((shelf) => kitsOn(shelf, kitParts) >= line.quantity);
  let open = line.quantity;
  return (whole === undefined ? shelves : [whole]).flatMap((shelf) => {
    const taken = Math.min(open, kitsOn(shelf, kitParts));
    open -= taken;
    if (taken === 0) return [];
    return kitParts.map(({ sku, quantity: perUnit }, n) => {
      const quantity = taken * perUnit;
      shelf.left.set(sku, (shelf.left.get(sku) ?? 0) - quantity);
      const place = { lineId: line.lineId, sku, location: shelf.code, quantity };
      return { ...place, perUnit, isLead: n === 0 };
    });
  });
}

function kitsOn({ left }: Shelf, kitParts: readonly KitPart[]): number {
  return Math.min(
    ...kitParts.map(({ sku, quantity }) => Math.floor((left.get(sku) ?? 0) / quantity)),
  );
}

function pickFrom(wanted: Quantities, shelves: readonly Shelf[]): Pick[] {
  return [...wanted].flatMap(([sku, quantity]) => {
    const whole = shelves.find(({ left }) => (left.get(sku) ?? 0) >= quantity);
    let open = quantity;
    return (whole === undefined ? shelves : [whole]).flatMap(({ code, left }) => {
      const taken = Math.min(open, left.get(sku) ?? 0);
      open -= taken;
      return taken === 0 ? [] : [{ sku, location: code, quantity: taken }];
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
