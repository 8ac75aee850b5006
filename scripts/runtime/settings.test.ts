import { readFileSync } from 'node:fs';
import path from 'node:path';

import { CONFIG_VARIABLES } from '../../src/platform/config';
import { externalParts, ROOT, StartConfig } from './settings';

function namesIn(file: string): string[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return [...text.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name ?? '').sort();
}

describe('.env.example', () => {
  it('names every variable that a process or npm start reads, each once', () => {
    const read = new Set([...CONFIG_VARIABLES, ...Object.keys(StartConfig.shape)]);

    expect(namesIn('.env.example')).toEqual([...read].sort());
  });
});

describe('externalParts', () => {
  it('starts everything when nothing is given', () => {
    expect(externalParts(StartConfig.parse({}))).toEqual({ temporal: false, postgres: false });
  });

  it.each([
    [{ TEMPORAL_ADDRESS: 'temporal:7233' }, { temporal: true, postgres: false }],
    [{ OMS_DATABASE_URL: 'postgres://a@b/c' }, { temporal: false, postgres: false }],
    [
      { OMS_DATABASE_URL: 'postgres://a@b/c', CRM_DATABASE_URL: 'postgres://a@b/d' },
      { temporal: false, postgres: true },
    ],
  ])('does not start what %j names', (env, expected) => {
    expect(externalParts(StartConfig.parse(env))).toEqual(expected);
  });
});
