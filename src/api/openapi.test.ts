import { readFileSync } from 'node:fs';
import path from 'node:path';

import { buildOpenApi } from './openapi';
import { ROUTES } from './routes';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { security: unknown[]; responses: object }>>;
}

// As it is sent.
const document: Document = JSON.parse(JSON.stringify(buildOpenApi(ROUTES)));

describe('the OpenAPI document', () => {
  it('is the one in the repository', () => {
    const file = path.resolve(__dirname, '../../openapi.json');

    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));

    expect(document).toEqual(stored);
  });

  it('lists these routes as public, and no other', () => {
    const isPublic = ({ scope }: { scope: string }) => scope === 'public';
    const names = ROUTES.filter(isPublic).map((route) => `${route.method} ${route.path}`);

    expect(names.sort()).toMatchInlineSnapshot(`
      [
        "get /docs",
        "get /docs/{file}",
        "get /healthz",
        "get /openapi.json",
        "get /readyz",
        "get /s/{token}",
        "post /s/{token}",
        "post /v1/webhooks/carriers/sandbox",
        "post /v1/webhooks/sandbox-payments",
        "post /v1/webhooks/shopify",
        "post /v1/webhooks/stripe",
      ]
    `);
  });

  it('says for every route what a refusal looks like', () => {
    for (const methods of Object.values(document.paths))
      for (const operation of Object.values(methods))
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['500', '503']));
  });
});
