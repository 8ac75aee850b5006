import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { ensureNamespace } from '../../src/platform/temporal-namespace';
import {
  apiUrl,
  type Environment,
  ownerEnvironment,
  partEnvironment,
  sandboxUrl,
  smtpUrl,
} from './environment';
import { runJob } from './job';
import { stopLeftovers } from './leftovers';
import { type Part, type PartEvents } from './part';
import { nodePart, temporalPart, waitForHttp } from './parts';
import { choosePorts } from './ports';
import { preparePostgresFiles, type PostgresFiles } from './postgres-files';
import { say } from './say';
import { externalParts, type Ports, portRequests, type StartConfig } from './settings';
import * as stateDir from './state';
import { startStores, temporalFile } from './stores';
import { findTemporalCli } from './temporal-cli';

const READY_TIMEOUT_MS = 90_000;

/** Who takes work in stops first, who keeps it last. */
const PARTS = ['api', 'worker', 'sandbox', 'temporal', 'postgres'] as const;

export interface Installation {
  /** Resolves with run.json's contents when everything serves. */
  start(): Promise<stateDir.Run>;
  /** Stops all parts in order and leaves the state directory. */
  stop(): Promise<void>;
  /** Ends all parts at once. */
  kill(): Promise<void>;
}

/**
 * Everything on this machine as children of this process, started again when one ends by itself. `onGivenUp` is
 * called when one cannot be kept running. Fails when the state directory is in use.
 */
export function createInstallation(
  config: StartConfig,
  onGivenUp: (err: Error) => void,
): Installation {
  const state = stateDir.openState(path.resolve(config.THROUGHLINE_STATE_DIR));
  const external = externalParts(config);
  const parts = new Map<string, Part>();
  const startedAt = new Date().toISOString();
  let describe: (() => stateDir.Run) | undefined;
  const stopping = new AbortController();

  const events: PartEvents = {
    onDown: (part, how) => say(`! ${part.name} ${how}; starting it again`),
    onUp: (part) => {
      say(`  ${part.name} runs again (pid ${part.pid() ?? '?'})`);
      if (describe !== undefined) publish(describe());
    },
    onGivenUp: (_part, err) => onGivenUp(err),
  };
  return { start, stop, kill };

  async function start(): Promise<stateDir.Run> {
    const files = external.postgres ? undefined : preparePostgresFiles(state.dir, state.id);
    await stopLeftovers(state, files?.dataDir);
    const ports = await choosePorts(portRequests(config));
    const environment = await startServers(ports, files);
    await startOurs(environment);
    await waitForHttp(`${apiUrl(ports)}/readyz`, READY_TIMEOUT_MS);
    await setCarrierPace(ports);
    describe = () => describeRun(environment, files?.dataDir ?? null);
    return publish(describe());
  }

  async function startServers(
    ports: Ports,
    files: PostgresFiles | undefined,
  ): Promise<Environment> {
    const temporalAddress = config.TEMPORAL_ADDRESS ?? `127.0.0.1:${ports.temporal}`;
    const temporalUiUrl =
      config.TEMPORAL_UI_URL ?? `http://127.0.0.1:${external.temporal ? 8233 : ports.temporalUi}`;
    const engine = startEngine(ports, temporalAddress);
    const stores = startStores({
      config,
      state,
      port: ports.postgres,
      files,
      events,
      onPart: keep,
    });
    const [{ urls, owners }] = await Promise.all([stores, engine]);
    const adminKey = stateDir.adminKey(state);
    const secrets = stateDir.keepSecrets(state, {
      SHOPIFY_WEBHOOK_SECRET: config.SHOPIFY_WEBHOOK_SECRET,
      CARRIER_SANDBOX_WEBHOOK_SECRET: config.CARRIER_SANDBOX_WEBHOOK_SECRET,
      SANDBOX_PAYMENTS_WEBHOOK_SECRET: config.SANDBOX_PAYMENTS_WEBHOOK_SECRET,
      STRIPE_WEBHOOK_SECRET: config.STRIPE_WEBHOOK_SECRET,
      LINK_SECRET: config.LINK_SECRET,
    });
    const found = { config, state, ports, urls, owners, temporalAddress, temporalUiUrl };
    return { ...found, secrets, adminKey };
  }

  async function startEngine(ports: Ports, address: string): Promise<void> {
    if (!external.temporal) {
      const dbFile = temporalFile(state);
      mkdirSync(path.dirname(dbFile), { recursive: true, mode: 0o700 });
      const options = {
        cli: await findTemporalCli(process.env, stopping.signal),
        port: ports.temporal,
        uiPort: ports.temporalUi,
        dbFile,
        logFile: stateDir.logFile(state, 'temporal'),
        detached: true,
      };
      await keep(temporalPart(options, events)).start();
      say(`  Temporal runs at ${address}`);
    }
    await ensureNamespace({ address }, config.TEMPORAL_NAMESPACE);
  }

  async function startOurs(e: Environment): Promise<void> {
    const jobs = ownerEnvironment(e);
    for (const name of ['migrate', 'seed']) {
      const logFile = stateDir.logFile(state, name);
      await runJob({ main: `db/${name}.js`, env: jobs, logFile, signal: stopping.signal });
    }
    say('  the stores are migrated and seeded');
    const env = partEnvironment(e);
    const mains = {
      sandbox: 'integrations/sandbox/main.js',
      worker: 'workers/main.js',
      api: 'api/main.js',
    };
    const ours = Object.entries(mains).map(([name, main]) =>
      keep(nodePart({ name, main, env, logFile: stateDir.logFile(state, name) }, events)),
    );
    await Promise.all(ours.map((part) => part.start()));
  }

  /** Each part is known before it starts, so that a stop during the start finds it; none begins after. */
  function keep(part: Part): Part {
    stopping.signal.throwIfAborted();
    parts.set(part.name, part);
    return part;
  }

  function publish(run: stateDir.Run): stateDir.Run {
    if (!stopping.signal.aborted) stateDir.writeRun(state, run);
    return run;
  }

  function describeRun(e: Environment, postgresDataDir: string | null): stateDir.Run {
    return {
      apiUrl: apiUrl(e.ports),
      temporalAddress: e.temporalAddress,
      temporalNamespace: config.TEMPORAL_NAMESPACE,
      temporalUiUrl: e.temporalUiUrl,
      sandboxUrl: sandboxUrl(e.ports),
      smtpUrl: smtpUrl(e.ports),
      adminKey: e.adminKey,
      adminDatabaseUrl: e.urls.admin,
      crmDatabaseUrl: e.urls.crm,
      omsDatabaseUrl: e.urls.oms,
      secrets: e.secrets,
      pids: Object.fromEntries(PARTS.map((name) => [name, parts.get(name)?.pid() ?? null])),
      supervisorPid: process.pid,
      stateDir: state.dir,
      postgresDataDir,
      startedAt,
    };
  }

  async function stop(): Promise<void> {
    stopping.abort(new Error('the installation is being stopped'));
    for (const name of PARTS) await parts.get(name)?.stop();
    leave();
  }

  async function kill(): Promise<void> {
    stopping.abort(new Error('the installation is being stopped'));
    for (const part of parts.values()) part.kill();
    await Promise.all([...parts.values()].map((part) => part.stop()));
    leave();
  }

  function leave(): void {
    stateDir.removeRun(state);
    state.release();
  }
}

/** The sandbox's carrier moves shipments by itself, a step every 1.5 s. */
async function setCarrierPace(ports: Ports): Promise<void> {
  const answer = await fetch(`${sandboxUrl(ports)}/carrier/auto`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ enabled: true, stepMs: 1500 }),
  });
  if (!answer.ok) throw new Error(`the sandbox's carrier answers ${answer.status}`);
}
