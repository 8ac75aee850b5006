import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { freePort } from '../../scripts/runtime/ports';
import { waitFor } from './wait-for';

const VERSION = 'v0.203.0';
const MODULE = `github.com/stripe/stripe-mock@${VERSION}`;
const FOLDER = path.join(os.homedir(), '.cache', 'throughline', `stripe-mock-${VERSION}`);
const BINARY = path.join(FOLDER, 'stripe-mock');

/** Longer than its first build takes on a slow machine. */
export const BUILD_TIMEOUT_MS = 300_000;

export interface StripeMock {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Whether Stripe's double can be had: it was built before, or Go is there to build it. Where it cannot, that is said
 * aloud; on a CI machine it is a failure.
 */
export function hasStripeMock(): boolean {
  if (existsSync(BINARY)) return true;
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    const problem = `Go is not installed, so stripe-mock (${MODULE}) cannot be built: the Stripe adapter is NOT tested against Stripe's own shapes.`;
    process.stderr.write(`\n${'!'.repeat(80)}\n${problem}\n${'!'.repeat(80)}\n\n`);
    if (process.env['CI'] !== undefined) throw new Error(problem);
    return false;
  }
}

/** Stripe's double, built by Go once and kept. It checks every request by Stripe's OpenAPI document; it has no memory. */
export async function startStripeMock(): Promise<StripeMock> {
  await build();
  const port = await freePort();
  const address = `127.0.0.1:${String(port)}`;
  const child = spawn(BINARY, ['-http-addr', address], { stdio: 'ignore' });
  const url = `http://${address}`;
  await waitFor('stripe-mock', () => isUp(child, url));
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

async function build(): Promise<void> {
  if (existsSync(BINARY)) return;
  mkdirSync(FOLDER, { recursive: true });
  await promisify(execFile)('go', ['install', MODULE], {
    env: { ...process.env, GOBIN: FOLDER, GOFLAGS: '-mod=mod' },
    timeout: BUILD_TIMEOUT_MS,
  });
}

async function isUp(child: ChildProcess, url: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error('stripe-mock has ended');
  try {
    const headers = { authorization: 'Bearer sk_test_123' };
    return (await fetch(`${url}/v1/balance`, { headers })).ok;
  } catch {
    return false;
  }
}
