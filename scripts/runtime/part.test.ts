import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { createPart, type Part, type PartEvents } from './part';
import { isRunning } from './processes';
import { spawnLogged } from './spawn-logged';

let folder: string;
let part: Part | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-part-'));
});

afterEach(async () => {
  await part?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function aPart(script: string, events: Partial<PartEvents> = {}): Part {
  const logFile = path.join(folder, 'part.log');
  const silent = { onDown: () => undefined, onUp: () => undefined, onGivenUp: () => undefined };
  return createPart(
    {
      name: 'sleeper',
      spawn: () => spawnLogged('sh', ['-c', script], { logFile }),
      ready: () => sleep(50),
      stopSignal: 'SIGTERM',
      graceMs: 500,
      logFile,
    },
    { ...silent, ...events },
  );
}

async function started(script: string, events: Partial<PartEvents> = {}): Promise<number> {
  part = aPart(script, events);
  await part.start();
  return part.pid() ?? 0;
}

describe('createPart', () => {
  it('starts the process again when it was killed', async () => {
    const ups: Part[] = [];
    const pid = await started('exec sleep 60', { onUp: (again) => ups.push(again) });

    process.kill(pid, 'SIGKILL');
    while (ups.length === 0) await sleep(20);
    const again = ups[0]?.pid();

    expect(again).not.toBe(pid);
    expect(isRunning(again ?? 0)).toBe(true);
  });

  it('does not start it again after a stop', async () => {
    const pid = await started('exec sleep 60');

    await part?.stop();
    await sleep(300);

    expect(isRunning(pid)).toBe(false);
    expect(part?.pid()).toBeNull();
  });

  it('kills one that does not heed the signal', async () => {
    const pid = await started("trap '' TERM; while :; do sleep 0.1; done");

    await part?.stop();

    expect(isRunning(pid)).toBe(false);
  });

  it('gives up a first start after some tries, with the end of the log', async () => {
    part = aPart('echo the disk is full >&2; exit 3');

    await expect(part.start()).rejects.toThrow(
      /sleeper does not start: ended \(3\)[^]*the disk is full/,
    );
  });

  it('fails when there is no such program', async () => {
    const logFile = path.join(folder, 'none.log');
    const spec = { name: 'none', stopSignal: 'SIGTERM', graceMs: 1, logFile } as const;
    const none = createPart(
      { ...spec, spawn: () => spawn('/does/not/exist'), ready: () => sleep(300) },
      { onDown: () => undefined, onUp: () => undefined, onGivenUp: () => undefined },
    );

    await expect(none.start()).rejects.toThrow(/ENOENT/);
  });
});
