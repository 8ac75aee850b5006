import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SANDBOX_SECRETS } from '../../../test/helpers/sandbox';
import { HttpPaymentGateway } from '../http-payment-gateway';

const MAIN = path.join(__dirname, 'main.ts');

// Each test starts a process or two, which takes seconds on a busy machine.
jest.setTimeout(30_000);

let stateDir: string;
const running = new Set<ChildProcess>();

function startMain(env: Record<string, string> = {}, withChannel = false) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: {
      PATH: process.env.PATH,
      SANDBOX_PORT: '0',
      SANDBOX_SMTP_PORT: '0',
      SANDBOX_STATE_DIR: stateDir,
      API_URL: 'http://127.0.0.1:1',
      CARRIER_SANDBOX_WEBHOOK_SECRET: SANDBOX_SECRETS.carrier.join(','),
      SANDBOX_PAYMENTS_WEBHOOK_SECRET: SANDBOX_SECRETS.payments.join(','),
      SHOPIFY_WEBHOOK_SECRET: SANDBOX_SECRETS.shopify.join(','),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit', ...(withChannel ? (['ipc'] as const) : [])],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Reads what the process prints, also later: a closed pipe would be a fault of its own. */
function readUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => reject(new Error(`the process ended: ${text}`)));
  });
}

async function connect(child: ChildProcess): Promise<HttpPaymentGateway> {
  const url = await readUntil(child, /"url":"([^"]+)"/);
  return new HttpPaymentGateway({ baseUrl: `${url}/gateway`, timeoutMs: 3_000 });
}

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(os.tmpdir(), 'sandbox-main-'));
});

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(stateDir, { recursive: true, force: true });
});

describe('the sandbox process', () => {
  it('keeps every charge it has answered for when it is killed', async () => {
    const first = startMain();
    const gateway = await connect(first);
    const answered: string[] = [];
    const calls = Array.from({ length: 200 }, async (_, i) => {
      const request = { amountMinor: 100, currency: 'USD', token: 'tok_ok', reference: 'order-1' };
      await gateway.authorize({ ...request, idempotencyKey: `key-${i}` });
      answered.push(`key-${i}`);
      if (answered.length === 50) first.kill('SIGKILL');
    });
    await Promise.allSettled(calls);

    const again = await connect(startMain());

    const found = await Promise.all(answered.map((key) => again.find(key)));
    expect(answered.length).toBeGreaterThanOrEqual(50);
    expect(found.every((f) => f.kind === 'found' && f.status === 'succeeded')).toBe(true);
  });

  it('does not start in production', async () => {
    const child = startMain({ NODE_ENV: 'production' });

    expect(await readUntil(child, /(does not start with NODE_ENV=production)/)).toBeTruthy();
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(code).toBe(1);
  });

  it('ends when its parent is gone', async () => {
    const child = startMain({}, true);
    await connect(child);

    child.disconnect();

    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
