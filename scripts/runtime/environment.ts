import path from 'node:path';

import { type DatabaseUrls } from './database';
import { type Ports, type StartConfig } from './settings';
import { type State } from './state';

/** What a part must not inherit: the owner's URLs and what would lead it to another engine. */
const NOT_INHERITED = [
  'ADMIN_DATABASE_URL',
  'CRM_ADMIN_DATABASE_URL',
  'OMS_ADMIN_DATABASE_URL',
  'ADMIN_KEY',
  'TEMPORAL_CLI',
];
const OTHER_ENGINE = /^TEMPORAL_(API_KEY|PROFILE|TLS.*|GRPC_META.*|CONFIG_FILE)$/;

export interface Owners {
  readonly crm: string;
  readonly oms: string;
}

export interface Environment {
  readonly config: StartConfig;
  readonly state: State;
  readonly ports: Ports;
  readonly urls: DatabaseUrls;
  readonly owners: Owners;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly adminKey: string;
}

export function apiUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.api}`;
}

export function sandboxUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.sandbox}`;
}

export function smtpUrl(ports: Ports): string {
  return `smtp://127.0.0.1:${ports.smtp}`;
}

/** The environment of API, worker and sandbox: the caller's, and on top of it where everything is. */
export function partEnvironment(e: Environment): NodeJS.ProcessEnv {
  const ownEngine = e.config.TEMPORAL_ADDRESS === undefined;
  const inherited = Object.entries(process.env).filter(
    ([name]) => !NOT_INHERITED.includes(name) && !(ownEngine && OTHER_ENGINE.test(name)),
  );
  return {
    ...Object.fromEntries(inherited),
    // A development installation, whatever the shell says: the sandbox refuses to play in production.
    NODE_ENV: 'development',
    CRM_DATABASE_URL: e.urls.crm,
    OMS_DATABASE_URL: e.urls.oms,
    TEMPORAL_ADDRESS: e.temporalAddress,
    TEMPORAL_NAMESPACE: e.config.TEMPORAL_NAMESPACE,
    TEMPORAL_UI_URL: e.temporalUiUrl,
    // The user's profile file may name a server, TLS and a key: none of it is for our own engine.
    ...(ownEngine
      ? { TEMPORAL_CONFIG_FILE: path.join(e.state.dir, 'no-temporal-profile.toml') }
      : {}),
    PORT: String(e.ports.api),
    PUBLIC_URL: process.env['PUBLIC_URL'] ?? apiUrl(e.ports),
    API_URL: apiUrl(e.ports),
    SANDBOX_URL: sandboxUrl(e.ports),
    SMTP_URL: process.env['SMTP_URL'] ?? smtpUrl(e.ports),
    SANDBOX_PORT: String(e.ports.sandbox),
    SANDBOX_SMTP_PORT: String(e.ports.smtp),
    SANDBOX_STATE_DIR: path.join(e.state.dir, 'sandbox'),
    ...e.secrets,
  };
}

/** The environment of the migrate and seed jobs, which work as the owner. */
export function ownerEnvironment(e: Environment): NodeJS.ProcessEnv {
  return {
    ...partEnvironment(e),
    ADMIN_DATABASE_URL: e.urls.admin,
    CRM_ADMIN_DATABASE_URL: e.owners.crm,
    OMS_ADMIN_DATABASE_URL: e.owners.oms,
    ADMIN_KEY: e.adminKey,
  };
}
