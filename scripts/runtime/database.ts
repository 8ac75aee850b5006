import { Client } from 'pg';

/** The roles of the three kinds of user: the owner migrates, the other two run. */
const ROLES = {
  owner: 'throughline_owner',
  crm: 'throughline_crm',
  oms: 'throughline_oms',
} as const;

export type RolePasswords = Readonly<Record<keyof typeof ROLES, string>>;

export interface DatabaseUrls {
  readonly admin: string;
  readonly crm: string;
  readonly oms: string;
}

/**
 * Makes roles, the database and its empty schemas as far as they are missing, and sets the passwords. May run at
 * every start. `superuser` is a URL of any database of the server.
 */
export async function bootstrapDatabase(
  superuser: string,
  database: string,
  passwords: RolePasswords,
): Promise<DatabaseUrls> {
  await withClient(superuser, async (client) => {
    for (const [kind, role] of Object.entries(ROLES)) {
      await createRole(client, role, passwords[kind as keyof RolePasswords]);
    }
    const known = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (known.rowCount === 0) {
      await client.query(
        `create database ${client.escapeIdentifier(database)} owner ${ROLES.owner}`,
      );
    }
  });
  await withClient(withDatabase(superuser, database), async (client) => {
    for (const schema of ['crm', 'oms']) {
      await client.query(`create schema if not exists ${schema} authorization ${ROLES.owner}`);
    }
    await client.query('revoke create on schema public from public');
  });
  return databaseUrls(superuser, database, passwords);
}

/** The URLs of owner and runtime roles in a database of the superuser's server. */
export function databaseUrls(
  superuser: string,
  database: string,
  passwords: RolePasswords,
): DatabaseUrls {
  function urlOf(kind: keyof RolePasswords): string {
    const url = new URL(withDatabase(superuser, database));
    url.username = ROLES[kind];
    url.password = passwords[kind];
    return url.toString();
  }
  return { admin: urlOf('owner'), crm: urlOf('crm'), oms: urlOf('oms') };
}

/**
 * For a database that is not ours: makes the roles that the migrations grant rights to, without login, when they
 * are missing. Fails with the statement to run when the given user may not.
 */
export async function ensureGrantees(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    for (const role of [ROLES.crm, ROLES.oms]) {
      const known = await client.query('select 1 from pg_roles where rolname = $1', [role]);
      if (known.rowCount !== 0) continue;
      try {
        await client.query(`create role ${role} nologin`);
      } catch (err) {
        throw new Error(`Run "create role ${role} nologin" as an administrator first.`, {
          cause: err,
        });
      }
    }
  });
}

/** Two starts at once may both find a role missing: the second one's error is as good as success. */
async function createRole(client: Client, role: string, password: string): Promise<void> {
  const known = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = known.rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} login password ${client.escapeLiteral(password)}`);
}

function withDatabase(url: string, database: string): string {
  const copy = new URL(url);
  copy.pathname = `/${database}`;
  return copy.toString();
}

async function withClient(url: string, fn: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await fn(client);
  } finally {
    await client.end();
  }
}
