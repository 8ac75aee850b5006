import { z } from 'zod';

import { isAddressRange } from './webhook-targets';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const poolMax = z.coerce.number().int().min(1).max(200).default(20);
const url = z.url();
const uiUrl = url.default('http://127.0.0.1:8233');

function toParts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** One or more secrets, comma-separated: all are accepted while a secret is being rotated. */
const secretList = z
  .string()
  .transform(toParts)
  .pipe(z.array(z.string().min(8)).min(1));

const common = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

const stores = z.object({
  CRM_DATABASE_URL: url,
  OMS_DATABASE_URL: url,
  CRM_POOL_MAX: poolMax,
  OMS_POOL_MAX: poolMax,
});

/** Read by `@temporalio/envconfig`, which knows more of them (TLS, API key, profile); named here for their defaults. */
const temporal = z.object({
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('throughline'),
  THROUGHLINE_TASK_QUEUE_PREFIX: z.string().default(''),
});

/** Where webhooks may go beside public addresses: addresses and CIDRs, comma-separated. */
const webhookTargets = z.object({
  WEBHOOK_PRIVATE_TARGETS: z
    .string()
    .default('')
    .transform(toParts)
    .pipe(z.array(z.string().refine(isAddressRange, 'is not an address or a CIDR'))),
});

const carrierSecrets = z.object({
  CARRIER_SANDBOX_WEBHOOK_SECRET: secretList,
  SANDBOX_PAYMENTS_WEBHOOK_SECRET: secretList,
  SHOPIFY_WEBHOOK_SECRET: secretList,
});

/** Who sells: on every invoice and credit note, as it was when they were issued. */
const sellerFields = z.object({
  SELLER_NAME: z.string().default('Throughline Demo Ltd'),
  SELLER_LINE1: z.string().default('1 Quay Street'),
  SELLER_CITY: z.string().default('Dublin'),
  SELLER_POSTAL_CODE: z.string().default('D01 X2X2'),
  SELLER_COUNTRY: z
    .string()
    .regex(/^[A-Z]{2}$/, 'is not an ISO 3166 code')
    .default('IE'),
  /** A VAT number begins with its country's two letters. */
  SELLER_TAX_ID: z.string().default('IE1234567WA'),
  SELLER_EMAIL: z.email().default('billing@throughline.example'),
  /** The electronic address, with its scheme in Peppol's code list. */
  SELLER_ENDPOINT: z
    .string()
    .regex(/^\d{4}:\S+$/, 'is not of the form scheme:address')
    .default('9935:IE1234567WA'),
});

/** Environment of the API process. */
export const ApiConfig = common
  .extend(stores.shape)
  .extend(temporal.shape)
  .extend(carrierSecrets.shape)
  .extend(webhookTargets.shape)
  .extend({
    /** The address to listen on. Not HOST: some shells export that as the machine's name. */
    LISTEN_HOST: z.string().default('127.0.0.1'),
    PORT: port(3000),
    PUBLIC_URL: url.optional(),
    STRIPE_WEBHOOK_SECRET: secretList,
    TEMPORAL_UI_URL: uiUrl,
  })
  .transform((env) => ({ ...env, PUBLIC_URL: env.PUBLIC_URL ?? `http://127.0.0.1:${env.PORT}` }));
export type ApiConfig = z.infer<typeof ApiConfig>;

/** Environment of the worker process. */
export const WorkerConfig = common
  .extend(stores.shape)
  .extend(temporal.shape)
  .extend(sellerFields.shape)
  .extend(webhookTargets.shape)
  .extend({
    PUBLIC_URL: url.default('http://127.0.0.1:3000'),
    TEMPORAL_UI_URL: uiUrl,
    SANDBOX_URL: url.default('http://127.0.0.1:4010'),
    GATEWAY_URL: url.optional(),
    CARRIER_URL: url.optional(),
    /** Left out: payments at Stripe are known by its webhooks alone, and no call goes out. */
    STRIPE_SECRET_KEY: z.string().min(8).optional(),
    /** A double of Stripe's API, such as stripe-mock. */
    STRIPE_API_URL: url.optional(),
    SMTP_URL: url.default('smtp://127.0.0.1:4025'),
    MAIL_FROM: z.string().default('Throughline <orders@throughline.example>'),
    /** Makes the links in mails unguessable and hides addresses in suppressions: keep it, a new one breaks both. */
    LINK_SECRET: z.string().min(16),
  })
  .transform((env) => ({
    ...env,
    GATEWAY_URL: env.GATEWAY_URL ?? `${env.SANDBOX_URL}/gateway`,
    CARRIER_URL: env.CARRIER_URL ?? `${env.SANDBOX_URL}/carrier`,
  }));
export type WorkerConfig = z.infer<typeof WorkerConfig>;

/** Environment of the sandbox process. */
export const SandboxConfig = common.extend(carrierSecrets.shape).extend({
  LISTEN_HOST: z.string().default('127.0.0.1'),
  SANDBOX_PORT: port(4010),
  SANDBOX_SMTP_PORT: port(4025),
  SANDBOX_STATE_DIR: z.string().default('.throughline/sandbox'),
  /** Under which others reach the sandbox, for links to labels. */
  SANDBOX_URL: url.optional(),
  API_URL: url.default('http://127.0.0.1:3000'),
});
export type SandboxConfig = z.infer<typeof SandboxConfig>;

/** Environment of the migrate job. A store on a server of its own has an owner's URL of its own. */
export const MigrateConfig = common
  .extend({
    ADMIN_DATABASE_URL: url,
    CRM_ADMIN_DATABASE_URL: url.optional(),
    OMS_ADMIN_DATABASE_URL: url.optional(),
  })
  .transform((env) => ({
    ...env,
    CRM_ADMIN_DATABASE_URL: env.CRM_ADMIN_DATABASE_URL ?? env.ADMIN_DATABASE_URL,
    OMS_ADMIN_DATABASE_URL: env.OMS_ADMIN_DATABASE_URL ?? env.ADMIN_DATABASE_URL,
  }));
export type MigrateConfig = z.infer<typeof MigrateConfig>;

/** Environment of the seed job. `ADMIN_KEY` is the API key with scope `admin` to store (hashed). */
export const SeedConfig = common.extend(stores.shape).extend({
  ADMIN_DATABASE_URL: url,
  CRM_ADMIN_DATABASE_URL: url.optional(),
  OMS_ADMIN_DATABASE_URL: url.optional(),
  ADMIN_KEY: z.string().min(16),
});
export type SeedConfig = z.infer<typeof SeedConfig>;

/** Environment of the job that makes the engine's namespace. */
export const NamespaceConfig = common.extend(temporal.shape);
export type NamespaceConfig = z.infer<typeof NamespaceConfig>;

/** Every environment variable that some process reads; `.env.example` and docker-compose are tested against it. */
export const CONFIG_VARIABLES: readonly string[] = [
  ...new Set(
    [ApiConfig.in, WorkerConfig.in, SandboxConfig, MigrateConfig.in, SeedConfig].flatMap((schema) =>
      Object.keys(schema.shape),
    ),
  ),
].sort();

/** Thrown when the environment is not usable; the message lists every problem, never a value. */
class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Parses the environment (or a given one) once, at the start of a process. Empty variables count as unset. */
export function readConfig<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv = process.env): T {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (i) => `  ${i.path.join('.') || '(environment)'}: ${i.message}`,
  );
  throw new ConfigError(`The environment is not usable:\n${problems.join('\n')}`);
}
