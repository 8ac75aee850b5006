export type Process = 'api' | 'worker' | 'sandbox' | 'postgres' | 'temporal';
export type Link = 'postgres' | 'temporal';
export type Partner = 'gateway' | 'carrier' | 'mail';

export type Fault =
  | { readonly kind: 'kill' | 'restart'; readonly target: Process }
  | { readonly kind: 'pause'; readonly target: Process; readonly ms: number }
  | { readonly kind: 'cut'; readonly target: Link; readonly ms: number }
  | { readonly kind: 'slow'; readonly target: Link; readonly ms: number; readonly delayMs: number }
  | {
      readonly kind: 'fail';
      readonly target: Partner;
      readonly mode: 'down' | 'error' | 'slow' | 'timeout_after_effect';
      readonly times: number;
    };

export interface PlannedFault {
  readonly n: number;
  /** It strikes when so many orders have begun. */
  readonly afterOrders: number;
  readonly fault: Fault;
}

/** So many faults spread over the orders. The same numbers give the same schedule, on any machine. */
export function planFaults(plan: {
  readonly orders: number;
  readonly faults: number;
  readonly seed: number;
}): PlannedFault[] {
  const random = createRandom(plan.seed);
  return Array.from({ length: plan.faults }, (_, index) => ({
    n: index + 1,
    afterOrders: Math.floor(((index + random()) / plan.faults) * plan.orders),
    fault: drawFault(random),
  }));
}

/** A fault in words. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
    case 'restart':
      return `${fault.kind} ${fault.target}`;
    case 'pause':
    case 'cut':
      return `${fault.kind} ${fault.target} for ${String(fault.ms)} ms`;
    case 'slow':
      return `slow ${fault.target} by ${String(fault.delayMs)} ms for ${String(fault.ms)} ms`;
    case 'fail':
      return `fail ${fault.target}: ${fault.mode}, ${String(fault.times)} times`;
  }
}

type Random = () => number;

/** How often each kind strikes. */
const KINDS = [
  ...Array.from({ length: 5 }, () => 'kill' as const),
  'restart' as const,
  ...Array.from({ length: 3 }, () => 'pause' as const),
  ...Array.from({ length: 3 }, () => 'cut' as const),
  ...Array.from({ length: 2 }, () => 'slow' as const),
  ...Array.from({ length: 6 }, () => 'fail' as const),
];
const PROCESSES: readonly Process[] = [
  'worker',
  'worker',
  'api',
  'sandbox',
  'temporal',
  'postgres',
];
/** A stopped postmaster leaves its back ends running: that link is cut instead. */
const PAUSABLE: readonly Process[] = ['worker', 'api', 'sandbox', 'temporal'];
const LINKS: readonly Link[] = ['postgres', 'temporal'];
const PARTNERS: readonly Partner[] = ['gateway', 'carrier', 'mail'];
const MODES = ['down', 'error', 'slow', 'timeout_after_effect'] as const;

function drawFault(random: Random): Fault {
  const kind = pick(random, KINDS);
  switch (kind) {
    case 'kill':
      return { kind, target: pick(random, PROCESSES) };
    case 'restart':
      return { kind, target: pick(random, ['api', 'worker']) };
    case 'pause':
      return { kind, target: pick(random, PAUSABLE), ms: between(random, 500, 8000) };
    case 'cut':
      return { kind, target: pick(random, LINKS), ms: between(random, 300, 4000) };
    case 'slow': {
      const target = pick(random, LINKS);
      return { kind, target, ms: between(random, 1000, 6000), delayMs: between(random, 20, 300) };
    }
    case 'fail': {
      const target = pick(random, PARTNERS);
      return { kind, target, mode: pick(random, MODES), times: between(random, 1, 4) };
    }
  }
}

function pick<T>(random: Random, from: readonly [T, ...T[]] | readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Mulberry32: a small generator of numbers from 0 to below 1 that is the same everywhere (public domain, T. Ettinger). */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
