import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { findTemporalCli } from './temporal-cli';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-cli-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program that says it is a Temporal CLI of this version. */
function fakeCli(name: string, version: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('findTemporalCli', () => {
  it('takes TEMPORAL_CLI before one on PATH', async () => {
    const named = fakeCli('mine', '1.6.0');
    fakeCli('bin/temporal', '1.9.1');

    const found = await findTemporalCli({ TEMPORAL_CLI: named, PATH: path.join(folder, 'bin') });

    expect(found).toBe(named);
  });

  it('refuses a TEMPORAL_CLI that is none', async () => {
    await expect(findTemporalCli({ TEMPORAL_CLI: '/bin/false' })).rejects.toThrow(/TEMPORAL_CLI/);
  });

  it('takes one on PATH that is new enough', async () => {
    const onPath = fakeCli('bin/temporal', '1.5.0');

    expect(await findTemporalCli({ PATH: `/nowhere:${path.join(folder, 'bin')}` })).toBe(onPath);
  });
});
