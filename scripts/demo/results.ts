import { say } from '../runtime/say';
import { KINDS } from './kinds';

export interface Outcome {
  readonly kind: string;
  readonly designed: string;
  /** The statuses it ended in, or what went wrong. */
  readonly reached: string;
  readonly orderNo: string | null;
  /** From the POST to the placed order, and to its end. */
  readonly placedMs: number | null;
  readonly totalMs: number;
}

export function isAsDesigned({ designed, reached }: Outcome): boolean {
  return designed === reached;
}

const SHOWN = 20;

/** One line for each kind: how many ended as designed, and how long they took. */
export function printResults(outcomes: readonly Outcome[]): void {
  const rows = KINDS.flatMap(({ name, designed }) => {
    const own = outcomes.filter(({ kind }) => kind === name);
    return own.length === 0 ? [] : [toRow(name, designed, own)];
  });
  const head = [
    'kind',
    'designed end',
    'orders',
    'reached',
    'placed p50',
    'p95',
    'whole p50',
    'p95',
  ];
  printTable([head, ...rows, toRow('all', '', outcomes)]);
  const others = outcomes.filter((outcome) => !isAsDesigned(outcome));
  for (const { kind, orderNo, reached } of others.slice(0, SHOWN))
    say(`! ${kind}, ${orderNo ?? 'not placed'}: ${reached}`);
  if (others.length > SHOWN) say(`! … and ${String(others.length - SHOWN)} more`);
}

function toRow(name: string, designed: string, own: readonly Outcome[]): string[] {
  const placed = own.flatMap(({ placedMs }) => (placedMs === null ? [] : [placedMs]));
  const whole = own.map(({ totalMs }) => totalMs);
  return [
    name,
    designed,
    String(own.length),
    String(own.filter(isAsDesigned).length),
    `${quantile(placed, 0.5).toFixed(0)} ms`,
    `${quantile(placed, 0.95).toFixed(0)} ms`,
    `${(quantile(whole, 0.5) / 1000).toFixed(1)} s`,
    `${(quantile(whole, 0.95) / 1000).toFixed(1)} s`,
  ];
}

/** The smallest value that at least this share of all does not exceed; 0 of none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

const LEFT_ALIGNED = 2;

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  say('');
  rows.forEach((row, index) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < LEFT_ALIGNED ? cell.padEnd(width) : cell.padStart(width);
    });
    say(`  ${cells.join('  ')}`.trimEnd());
    if (index === 0) say(`  ${widths.map((width) => '─'.repeat(width)).join('  ')}`);
  });
  say('');
}
