import { setTimeout as sleep } from 'node:timers/promises';
import { msToTs } from '@temporalio/common/lib/time';
import { Connection, type ConnectionOptions, isGrpcServiceError } from '@temporalio/client';

import { NamespaceConfig, readConfig } from './config';
import { createLogger } from './logger';
import { temporalTarget } from './temporal';

const RETENTION = '30 days';
const ALREADY_EXISTS = 6;

/** Keywords only, and nothing personal in them: they are never encrypted. 2 is the API's number of Keyword. */
const KEYWORD = 2;
const SEARCH_ATTRIBUTES = ['OrderStage', 'OrderNo', 'Channel'];

/**
 * Makes the namespace (30 days of retention) and its search attributes as far as they are missing, and waits until
 * both can be used. May run at every start, against any server.
 */
export async function ensureNamespace(target: ConnectionOptions, namespace: string): Promise<void> {
  const connection = await Connection.connect(target);
  try {
    await register(connection, namespace);
    await addSearchAttributes(connection, namespace);
    await waitUntilUsable(connection, namespace);
  } finally {
    await connection.close();
  }
}

async function register(connection: Connection, namespace: string): Promise<void> {
  const { workflowService } = connection;
  try {
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(RETENTION),
    });
  } catch (err) {
    const code: unknown = isGrpcServiceError(err) ? err.code : undefined;
    if (code === ALREADY_EXISTS) return;
    // Temporal Cloud makes namespaces elsewhere: one that is there is good enough.
    await workflowService.describeNamespace({ namespace }).catch(() => {
      throw err;
    });
  }
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const missing = await missingAttributes(connection, namespace);
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  } catch (err) {
    // Another start may have added them between the look and the call.
    if ((await missingAttributes(connection, namespace)).length === 0) return;
    throw new Error(
      `Add the search attributes ${missing.join(', ')} (Keyword) to namespace ${namespace}.`,
      {
        cause: err,
      },
    );
  }
}

async function missingAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await untilKnown(() =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return SEARCH_ATTRIBUTES.filter((name) => !(name in customAttributes));
}

async function waitUntilUsable(connection: Connection, namespace: string): Promise<void> {
  const query = SEARCH_ATTRIBUTES.map((name) => `${name} = 'none'`).join(' or ');
  await untilKnown(() => connection.workflowService.countWorkflowExecutions({ namespace, query }));
}

/** The server's caches learn of a new namespace and its attributes some moments later. */
async function untilKnown<T>(call: () => Promise<T>): Promise<T> {
  const until = Date.now() + 30_000;
  for (;;) {
    try {
      return await call();
    } catch (err) {
      if (Date.now() > until) throw err;
      await sleep(100);
    }
  }
}

async function main(): Promise<void> {
  const config = readConfig(NamespaceConfig);
  const { connectionOptions, namespace } = temporalTarget(config);
  await ensureNamespace(connectionOptions, namespace);
  createLogger({ service: 'namespace', level: config.LOG_LEVEL }).info(
    { namespace },
    'namespace is there',
  );
}

if (require.main === module) {
  main().catch((err: unknown) => {
    process.stderr.write(`${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
    process.exitCode = 1;
  });
}
