import path from 'node:path';
import { z } from 'zod';

import { createPool, type Pool } from '../../src/db/pool';
import { readConfig } from '../../src/platform/config';
import { createTemporalClient } from '../../src/platform/temporal';
import { readSettings } from '../runtime/settings';
import { readRun, type Run } from '../runtime/state';
import type { AuditDeps } from './types';

/** What an audit looks at; each variable that is set wins over the running installation's. */
const AuditConfig = z.object({
  OMS_DATABASE_URL: z.url().optional(),
  CRM_DATABASE_URL: z.url().optional(),
  SANDBOX_URL: z.url().optional(),
  TEMPORAL_ADDRESS: z.string().optional(),
  TEMPORAL_NAMESPACE: z.string().optional(),
  THROUGHLINE_TASK_QUEUE_PREFIX: z.string().default(''),
});

/** A statement over all orders takes longer than one that a caller waits for. */
const STATEMENT_TIMEOUT_MS = 120_000;

export interface AuditConnection {
  readonly deps: Omit<AuditDeps, 'report'> & { readonly oms: Pool };
  close(): Promise<void>;
}

/** Connects to the installation that runs in the state directory, or to what the environment names. */
export function connectAudit(): AuditConnection {
  const stateDir = path.resolve(readSettings().THROUGHLINE_STATE_DIR);
  const run = readRun(stateDir);
  const config = readConfig(AuditConfig);
  const oms = config.OMS_DATABASE_URL ?? run?.omsDatabaseUrl;
  const crm = config.CRM_DATABASE_URL ?? run?.crmDatabaseUrl;
  if (oms === undefined || crm === undefined)
    throw new Error(
      `No installation runs in ${stateDir}. Start one with "npm start", or set OMS_DATABASE_URL and CRM_DATABASE_URL.`,
    );
  return connect({
    oms,
    crm,
    sandboxUrl: config.SANDBOX_URL ?? run?.sandboxUrl,
    temporalAddress: config.TEMPORAL_ADDRESS ?? run?.temporalAddress,
    temporalNamespace: config.TEMPORAL_NAMESPACE ?? run?.temporalNamespace ?? 'throughline',
    taskQueuePrefix: config.THROUGHLINE_TASK_QUEUE_PREFIX,
  });
}

/** Connects to a running installation. */
export function connectAuditTo(run: Run): AuditConnection {
  return connect({
    oms: run.omsDatabaseUrl,
    crm: run.crmDatabaseUrl,
    sandboxUrl: run.sandboxUrl,
    temporalAddress: run.temporalAddress,
    temporalNamespace: run.temporalNamespace,
    taskQueuePrefix: '',
  });
}

interface Targets {
  readonly oms: string;
  readonly crm: string;
  readonly sandboxUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string;
  readonly taskQueuePrefix: string;
}

function connect(targets: Targets): AuditConnection {
  const oms = openPool(targets.oms);
  const crm = openPool(targets.crm);
  const engine =
    targets.temporalAddress === undefined
      ? null
      : createTemporalClient({
          TEMPORAL_ADDRESS: targets.temporalAddress,
          TEMPORAL_NAMESPACE: targets.temporalNamespace,
        });
  return {
    deps: {
      oms,
      crm,
      taskQueuePrefix: targets.taskQueuePrefix,
      ...(targets.sandboxUrl === undefined ? {} : { sandboxUrl: targets.sandboxUrl }),
      ...(engine === null ? {} : { temporal: engine.client }),
    },
    async close() {
      await Promise.all([oms.end(), crm.end(), engine?.connection.close()]);
    },
  };
}

function openPool(connectionString: string): Pool {
  return createPool({
    connectionString,
    max: 4,
    applicationName: 'audit',
    onError: () => undefined,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
}
