import path from 'node:path';

import { bootstrapDatabase, type DatabaseUrls, ensureGrantees } from './database';
import { type Owners } from './environment';
import { type Part, type PartEvents } from './part';
import { postgresPart } from './parts';
import { superuserUrl } from './postgres';
import { type PostgresFiles } from './postgres-files';
import { type StartConfig } from './settings';
import { keepSecrets, logFile, type State } from './state';

const DATABASE = 'throughline';

export interface Stores {
  readonly urls: DatabaseUrls;
  /** Who migrates which store. */
  readonly owners: Owners;
  /** Our own server; undefined when both stores are somebody else's. */
  readonly part: Part | undefined;
}

export interface StoreSettings {
  readonly config: StartConfig;
  readonly state: State;
  readonly port: number;
  /** Undefined when no server is ours to start. */
  readonly files: PostgresFiles | undefined;
  readonly events: PartEvents;
  readonly onPart: (part: Part) => void;
}

/** Starts PostgreSQL with roles, database and schemas, or makes ready the stores that the environment names. */
export async function startStores(settings: StoreSettings): Promise<Stores> {
  const { config, files } = settings;
  const own = files === undefined ? undefined : await startOwn(settings, files);
  const crm = config.CRM_DATABASE_URL ?? own?.urls.crm;
  const oms = config.OMS_DATABASE_URL ?? own?.urls.oms;
  if (crm === undefined || oms === undefined) throw new Error('a store has no URL');
  const owners = {
    crm:
      ownerOf(config.CRM_ADMIN_DATABASE_URL, config, config.CRM_DATABASE_URL) ??
      own?.urls.admin ??
      crm,
    oms:
      ownerOf(config.OMS_ADMIN_DATABASE_URL, config, config.OMS_DATABASE_URL) ??
      own?.urls.admin ??
      oms,
  };
  if (config.CRM_DATABASE_URL !== undefined) await ensureGrantees(owners.crm);
  if (config.OMS_DATABASE_URL !== undefined) await ensureGrantees(owners.oms);
  return { urls: { admin: own?.urls.admin ?? owners.oms, crm, oms }, owners, part: own?.part };
}

/** A store that is given has its own owner's URL, the common one, or is migrated by the user that it names. */
function ownerOf(
  admin: string | undefined,
  config: StartConfig,
  given: string | undefined,
): string | undefined {
  return given === undefined ? undefined : (admin ?? config.ADMIN_DATABASE_URL ?? given);
}

async function startOwn(
  { state, port, events, onPart }: StoreSettings,
  files: PostgresFiles,
): Promise<{ urls: DatabaseUrls; part: Part }> {
  const passwords = keepSecrets(state, {
    POSTGRES_PASSWORD: undefined,
    OWNER_PASSWORD: undefined,
    CRM_PASSWORD: undefined,
    OMS_PASSWORD: undefined,
  });
  const options = {
    ...files,
    port,
    password: passwords.POSTGRES_PASSWORD,
    stateDir: state.dir,
    logFile: logFile(state, 'postgres'),
    detached: true,
  };
  const part = postgresPart(options, events);
  onPart(part);
  await part.start();
  const urls = await bootstrapDatabase(superuserUrl(options), DATABASE, {
    owner: passwords.OWNER_PASSWORD,
    crm: passwords.CRM_PASSWORD,
    oms: passwords.OMS_PASSWORD,
  });
  return { urls, part };
}

/** Where Temporal's own SQLite file is. */
export function temporalFile(state: State): string {
  return path.join(state.dir, 'temporal', 'temporal.db');
}
