import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { DomainError } from '../../domain/errors';
import { defineRoute, type Route } from '../route';
import { buildOpenApi } from '../openapi';

interface Asset {
  readonly type: string;
  /** Read when it is first asked for. */
  readonly read: () => string;
}

const SCRIPT = 'text/javascript; charset=utf-8';

/** Of the package only two files are used: to import it would run the whole bundle. */
const ASSETS: Readonly<Record<string, Asset>> = {
  'swagger-ui.css': {
    type: 'text/css; charset=utf-8',
    read: once(() => readFileSync(require.resolve('swagger-ui-dist/swagger-ui.css'), 'utf8')),
  },
  'swagger-ui-bundle.js': {
    type: SCRIPT,
    read: once(() => readFileSync(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'), 'utf8')),
  },
  'start.js': { type: SCRIPT, read: () => START },
};

/** Swagger UI writes styles into elements and its icons are data URIs; it calls no one but this API. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Throughline API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null, persistAuthorization: false });
`;

const getPage = defineRoute({
  method: 'get',
  path: '/docs',
  scope: 'public',
  page: true,
  tag: 'documentation',
  summary: 'This API to browse and try',
  responses: { 200: z.string() },
  handler: () => ({
    status: 200,
    body: PAGE,
    headers: { 'content-security-policy': POLICY, 'content-type': 'text/html; charset=utf-8' },
  }),
});

const getAsset = defineRoute({
  method: 'get',
  path: '/docs/{file}',
  scope: 'public',
  tag: 'documentation',
  summary: 'A file of the documentation page',
  params: z.strictObject({ file: z.string() }),
  responses: { 200: z.string() },
  handler: ({ params }) => {
    const asset = Object.hasOwn(ASSETS, params.file) ? ASSETS[params.file] : undefined;
    if (asset === undefined) throw new DomainError('not_found', 'There is no such file.');
    const headers = { 'content-type': asset.type, 'cache-control': 'public, max-age=3600' };
    return { status: 200, body: asset.read(), headers };
  },
});

function once(read: () => string): () => string {
  let text: string | undefined;
  return () => (text ??= read());
}

/** `/openapi.json` of the given table and its own routes, and `/docs` to browse it without a network. */
export function documentationRoutes(routes: readonly Route[]): Route[] {
  let document: object | null = null;
  const getDocument = defineRoute({
    method: 'get',
    path: '/openapi.json',
    scope: 'public',
    tag: 'documentation',
    summary: 'The OpenAPI 3.1 document',
    responses: { 200: z.record(z.string(), z.unknown()) },
    handler: () => {
      document ??= buildOpenApi([...routes, ...all]);
      return { status: 200, body: { ...document } };
    },
  });
  const all = [getDocument, getPage, getAsset];
  return all;
}
