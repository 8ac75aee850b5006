import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { type InstallationInUse, useInstallation } from '../runtime/installation';
import { createTestDatabase, startTestServices, type TestServer } from '../runtime/test-services';
import { startTcpProxy, type TcpProxy } from './tcp-proxy';
import type { Link } from './schedule';

/** What the faults strike: an installation whose two servers stand behind proxies. */
export interface Ground {
  readonly installation: InstallationInUse;
  readonly stateDir: string;
  readonly servers: Readonly<Record<Link, TestServer>>;
  readonly links: Readonly<Record<Link, TcpProxy>>;
  /** Ends everything; `keepFiles` leaves the logs. */
  stop(options: { readonly keepFiles: boolean }): Promise<void>;
}

/** Starts servers, proxies and the installation in a temporary folder, on free ports. */
export async function startGround(): Promise<Ground> {
  const services = await startTestServices({ durable: true });
  const stateDir = mkdtempSync(path.join(os.tmpdir(), 'throughline-faults-'));
  const links = {
    postgres: await startTcpProxy(Number(new URL(services.postgresAdminUrl).port)),
    temporal: await startTcpProxy(Number(services.temporalAddress.split(':')[1])),
  };
  const closeServers = async () => {
    await Promise.all([links.postgres.close(), links.temporal.close()]);
    await services.stop();
  };
  try {
    const urls = await createTestDatabase(services.postgresAdminUrl, 'throughline');
    const through = (url: string) => {
      const proxied = new URL(url);
      proxied.port = String(links.postgres.port);
      return proxied.toString();
    };
    Object.assign(process.env, {
      THROUGHLINE_STATE_DIR: stateDir,
      CRM_DATABASE_URL: through(urls.crm),
      OMS_DATABASE_URL: through(urls.oms),
      ADMIN_DATABASE_URL: through(urls.admin),
      TEMPORAL_ADDRESS: `127.0.0.1:${String(links.temporal.port)}`,
      TEMPORAL_NAMESPACE: services.temporalNamespace,
      PORT: '0',
      SANDBOX_PORT: '0',
      SANDBOX_SMTP_PORT: '0',
    });
    const installation = await useInstallation();
    return {
      installation,
      stateDir,
      servers: { postgres: services.postgres, temporal: services.temporal },
      links,
      stop: async ({ keepFiles }) => {
        await installation.stop();
        await closeServers();
        if (!keepFiles) rmSync(stateDir, { recursive: true, force: true });
      },
    };
  } catch (err) {
    await closeServers();
    throw err;
  }
}
