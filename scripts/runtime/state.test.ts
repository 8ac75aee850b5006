import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { adminKey, keepSecrets, openState, readRun } from './state';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-state-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function modeOf(name: string): number {
  return statSync(path.join(folder, name)).mode & 0o777;
}

describe('openState', () => {
  it('keeps id and admin key over a restart, private to the user', () => {
    const first = openState(folder);
    const key = adminKey(first);
    first.release();

    const second = openState(folder);

    expect(second.id).toBe(first.id);
    expect(adminKey(second)).toBe(key);
    expect(modeOf('admin-key')).toBe(0o600);
    second.release();
  });

  it('takes over from a supervisor that is gone', () => {
    writeFileSync(path.join(folder, 'supervisor.pid'), '999999999');

    const state = openState(folder);

    expect(state.dir).toBe(folder);
    state.release();
  });
});

describe('keepSecrets', () => {
  it('makes what is missing once, and lets a given one win without keeping it', () => {
    const state = openState(folder);
    const names = { SHOPIFY_WEBHOOK_SECRET: undefined, LINK_SECRET: undefined };
    const made = keepSecrets(state, names);

    const again = keepSecrets(state, { ...names, LINK_SECRET: 'given by the environment' });

    expect(made.SHOPIFY_WEBHOOK_SECRET).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(again).toEqual({ ...made, LINK_SECRET: 'given by the environment' });
    expect(keepSecrets(state, names)).toEqual(made);
    expect(modeOf('secrets.json')).toBe(0o600);
    state.release();
  });
});

describe('readRun', () => {
  it('does not take the file of a supervisor that is gone for a running one', () => {
    writeFileSync(path.join(folder, 'run.json'), JSON.stringify({ supervisorPid: 999_999_999 }));

    expect(readRun(folder)).toBeUndefined();
  });
});
