import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Paths that are never written, wherever they appear in a log entry up to two levels deep. */
const PRIVATE_FIELDS = [
  'password',
  'token',
  'secret',
  'apiKey',
  'adminKey',
  'authorization',
  'cookie',
  'email',
  'phone',
  'name',
  'address',
  'shippingAddress',
  'billingAddress',
  'customer',
  'connectionString',
];

const REDACT_PATHS = [
  ...PRIVATE_FIELDS.filter((field) => field !== 'name').flatMap((field) => [field, `*.${field}`]),
  'customer.name',
  'req.headers',
  'res.headers',
  // node-postgres puts the row into `detail` ("Key (email)=(…) already exists") and the values into `parameters`.
  'err.detail',
  'err.where',
  'err.parameters',
];

export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
}

/** A JSON logger on stdout. Fields that may hold secrets or personal data are redacted here and nowhere else. */
export function createLogger(options: LoggerOptions): Logger {
  return pino({
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACT_PATHS, censor: '[redacted]' },
  });
}
