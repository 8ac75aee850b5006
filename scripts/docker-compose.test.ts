import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

import {
  ApiConfig,
  CONFIG_VARIABLES,
  MigrateConfig,
  NamespaceConfig,
  readConfig,
  SandboxConfig,
  SeedConfig,
  WorkerConfig,
} from '../src/platform/config';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: string[];
  readonly environment?: Record<string, string>;
}

const ROOT = path.resolve(__dirname, '..');
const text = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined);
const theirs = Object.entries(services).filter(([, service]) => service.build === undefined);

/** What compose makes of `${NAME:?}` and `${NAME:-default}` with every variable set. */
function fill(environment: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(
        /\$\{(\w+)(?::-([^}]*)|:\?)?\}/g,
        (_, __, fallback?: string) => fallback ?? 'x'.repeat(20),
      ),
    ]),
  );
}

describe('docker-compose.yml', () => {
  it.each(ours)('gives %s only variables that the configuration knows', (_, service) => {
    const unknown = Object.keys(service.environment ?? {}).filter(
      (n) => !CONFIG_VARIABLES.includes(n),
    );

    expect(unknown).toEqual([]);
  });

  it.each([
    ['api', ApiConfig],
    ['worker', WorkerConfig],
    ['sandbox', SandboxConfig],
    ['migrate', MigrateConfig],
    ['seed', SeedConfig],
    ['namespace', NamespaceConfig],
  ])('gives %s all that it needs', (name, schema) => {
    const environment = fill(services[name]?.environment);

    expect(() => readConfig<unknown>(schema, environment)).not.toThrow();
  });

  it.each(theirs)('pins the image of %s to a full version', (_, { image }) => {
    expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-\w+)?$/);
  });

  it('asks for no variable that docker/env.example does not name', () => {
    const example = readFileSync(path.join(ROOT, 'docker/env.example'), 'utf8');
    const named = [...example.matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));

    expect([...asked].sort()).toEqual([...named].sort());
  });
});
