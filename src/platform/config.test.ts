import { readConfig, SandboxConfig, SeedConfig } from './config';

const SECRETS = {
  SHOPIFY_WEBHOOK_SECRET: 'shop-secret',
  CARRIER_SANDBOX_WEBHOOK_SECRET: 'whsec_b2xk,whsec_bmV3',
  SANDBOX_PAYMENTS_WEBHOOK_SECRET: 'whsec_cGF5',
};

describe('readConfig', () => {
  it('takes two secrets while one is rotated', () => {
    const config = readConfig(SandboxConfig, SECRETS);

    expect(config.CARRIER_SANDBOX_WEBHOOK_SECRET).toEqual(['whsec_b2xk', 'whsec_bmV3']);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig(SandboxConfig, { ...SECRETS, SANDBOX_PORT: '' }).SANDBOX_PORT).toBe(4010);
  });

  it('names every problem, and no value', () => {
    const env = { ADMIN_KEY: 'short-secret', CRM_DATABASE_URL: 'no url', CRM_POOL_MAX: '0' };

    const message = errorOf(() => readConfig(SeedConfig, env));

    for (const name of [
      'ADMIN_KEY',
      'ADMIN_DATABASE_URL',
      'OMS_DATABASE_URL',
      'CRM_DATABASE_URL',
      'CRM_POOL_MAX',
    ]) {
      expect(message).toContain(name);
    }
    expect(message).not.toContain('short-secret');
  });
});

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (err) {
    return String(err);
  }
  return '';
}
