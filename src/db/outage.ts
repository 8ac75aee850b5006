import { isNativeError } from 'node:util/types';

/** Connection, resources, shutdown, lock and serialisation trouble: the same statement may succeed in a moment. */
const PASSING_SQLSTATE = /^(?:08|53|57P|57014$|40001$|40P01$|55P03$|25006$)/;

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** node-postgres gives these no code. */
const POOL_TROUBLE =
  /^(?:timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Cannot use a pool after|Client was closed)/;

/** True when PostgreSQL could not be reached, is shutting down, full, or did not answer in time. */
export function isStoreOutage(err: unknown): boolean {
  if (!isNativeError(err)) return false;
  const code = errorCode(err);
  if (code !== null && (PASSING_SQLSTATE.test(code) || NETWORK_CODES.has(code))) return true;
  return POOL_TROUBLE.test(err.message);
}

/** The SQLSTATE or system code that an error carries. */
export function errorCode(err: Error): string | null {
  return 'code' in err && typeof err.code === 'string' ? err.code : null;
}
