import type { PoolClient } from 'pg';

import { outsideOf, runAudit } from '../../scripts/audit/run-audit';
import type { AuditDeps, Outside } from '../../scripts/audit/types';
import { createPool, type Pool } from '../../src/db/pool';
import type { System } from './system';
import { testContext } from './context';

export interface Audited {
  /** Ids of the invariants that do not hold, in order. */
  readonly broken: readonly string[];
  /** Every line that was printed, for the reader of a failure. */
  readonly lines: readonly string[];
}

function auditDeps(system: System): AuditDeps {
  return {
    oms: system.db.oms,
    crm: system.db.crm,
    sandboxUrl: system.sandboxUrl,
    temporal: system.client,
    taskQueuePrefix: system.prefix,
  };
}

/** Audits a system; whatever is found names itself in the lines. */
export async function audit(system: System, overrides: Partial<AuditDeps> = {}): Promise<Audited> {
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);
  const { invariants } = await runAudit({ ...auditDeps(system), ...overrides, report });
  const broken = invariants.filter(({ breaches }) => breaches.length > 0).map(({ id }) => id);
  return { broken, lines };
}

/** Fails with what the audit finds. */
export async function assertCleanAudit(system: System): Promise<void> {
  const { lines } = await audit(system);
  const failures = lines.filter((line) => line.startsWith('FAIL'));
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/** A superuser's pool on the system's database: what corrupts it must get past triggers and foreign keys. */
export function superuserPool(system: System): Pool {
  const url = new URL(testContext().postgresAdminUrl);
  url.pathname = `/${system.db.name}`;
  return createPool({
    connectionString: url.href,
    max: 1,
    applicationName: 'corrupt',
    onError: () => undefined,
    statementTimeoutMs: 10_000,
  });
}

/** What the outside of a system that stands still holds, for all audits of its stores. */
export function readOutside(system: System): Outside {
  return outsideOf(auditDeps(system), () => undefined);
}

/** Corrupts the stores, audits what is then seen, and takes the corruption back. */
export async function auditCorrupted(
  system: System,
  client: PoolClient,
  corrupt: (client: PoolClient) => Promise<unknown>,
  outside = readOutside(system),
): Promise<Audited> {
  await client.query('begin');
  try {
    await client.query('set local session_replication_role = replica');
    await corrupt(client);
    return await audit(system, {
      ...{ oms: client, crm: client, outside },
      ...{ drainMs: 0, recheckMs: 0 },
    });
  } finally {
    await client.query('rollback');
  }
}
