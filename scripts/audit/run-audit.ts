import { setTimeout as sleep } from 'node:timers/promises';

import { fetchBooks } from './books';
import { drainLanes } from './drain';
import { INVARIANTS } from './invariants';
import type { AuditDeps, AuditRun, Check, Invariant, Outside } from './types';
import { walkHistories } from './walk';

const SHOWN = 20;
const RECHECK_MS = 2000;

export interface AuditedInvariant {
  readonly id: string;
  readonly rows: number;
  readonly breaches: readonly string[];
}

export interface AuditResult {
  readonly isClean: boolean;
  readonly invariants: readonly AuditedInvariant[];
}

/**
 * Checks every invariant and reports one line for each, and one for each breach. Changes nothing; may run at any time,
 * also while orders are under way: a breach counts only if a second look finds it too.
 */
export async function runAudit(deps: AuditDeps): Promise<AuditResult> {
  const say = deps.report ?? (() => undefined);
  await drainLanes(deps, say);
  const audit = createRun(deps, say);
  const invariants: AuditedInvariant[] = [];
  for (const invariant of INVARIANTS) invariants.push(await auditOne(audit, invariant, say));
  return { isClean: invariants.every(({ breaches }) => breaches.length === 0), invariants };
}

function createRun(deps: AuditDeps, progress: (line: string) => void): AuditRun {
  return { deps, progress, ...(deps.outside ?? outsideOf(deps, progress)) };
}

/** The sandbox's books and the engine's histories, each read at most once. */
export function outsideOf(deps: AuditDeps, progress: (line: string) => void): Outside {
  const { sandboxUrl, temporal } = deps;
  return {
    books: once(() => {
      if (sandboxUrl === undefined) throw new Error('the check needs the sandbox');
      return fetchBooks(sandboxUrl);
    }),
    walk: once(() => {
      if (temporal === undefined) throw new Error('the check needs the engine');
      return walkHistories(temporal, deps, progress);
    }),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function auditOne(
  audit: AuditRun,
  invariant: Invariant,
  say: (line: string) => void,
): Promise<AuditedInvariant> {
  const { id, title } = invariant;
  const checks = invariant.checks.filter((check) => isPossible(audit.deps, check));
  let rows = 0;
  const breaches: string[] = [];
  for (const check of checks) {
    const checked = await check.run(audit);
    rows += checked.rows;
    breaches.push(...(await confirm(audit, check, checked.breaches)));
  }
  const skipped = invariant.checks.length - checks.length;
  const left = skipped === 0 ? '' : `; ${String(skipped)} checks left out: no sandbox or no engine`;
  if (breaches.length === 0)
    say(`ok   ${id.padEnd(3)} ${title} (${rows.toLocaleString('en-US')} rows${left})`);
  for (const breach of breaches.slice(0, SHOWN)) say(`FAIL ${id.padEnd(3)} ${breach}`);
  if (breaches.length > SHOWN)
    say(`FAIL ${id.padEnd(3)} … and ${String(breaches.length - SHOWN)} more`);
  return { id, rows, breaches };
}

function isPossible(deps: AuditDeps, { needs }: Check): boolean {
  return needs.every((need) =>
    need === 'sandbox' ? deps.sandboxUrl !== undefined : deps.temporal !== undefined,
  );
}

/** What was merely on its way a moment ago is gone at the second look. */
async function confirm(
  audit: AuditRun,
  check: Check,
  suspected: readonly string[],
): Promise<readonly string[]> {
  if (suspected.length === 0 || !check.isRechecked) return suspected;
  await sleep(audit.deps.recheckMs ?? RECHECK_MS);
  const again = await check.run(createRun(audit.deps, audit.progress));
  const still = new Set(again.breaches);
  return suspected.filter((breach) => still.has(breach));
}
