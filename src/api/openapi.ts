import { OpenApiGeneratorV31, OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

import { Problem } from '../contracts/errors';
import type { ErrorCode } from '../domain/errors';

import { STATUS_OF } from './middleware/problem';
import type { Route } from './route';

const DESCRIPTION = [
  'Money is in integer minor units, times are ISO 8601 in UTC, ids are UUIDv7.',
  'A POST that creates or acts honours `Idempotency-Key`: the same key and body give the first answer again.',
  'Errors are `application/problem+json` with a stable `code`.',
].join(' ');

const IdempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .meta({ description: 'Same key and body: the first answer again, for 24 hours' });

type PathConfig = Parameters<OpenAPIRegistry['registerPath']>[0];
type RequestConfig = NonNullable<PathConfig['request']>;
type ResponsesConfig = PathConfig['responses'];

/** The OpenAPI 3.1 document of a route table. The same table gives the same document, in the same order. */
export function buildOpenApi(routes: readonly Route[]): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  for (const route of [...routes].sort(byPath)) registry.registerPath(describe(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Throughline', version: '1', description: DESCRIPTION },
    servers: [{ url: '/' }],
  });
}

function byPath(a: Route, b: Route): number {
  const key = (route: Route): string => `${route.path} ${route.method}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

function describe(route: Route): PathConfig {
  const isPublic = route.scope === 'public';
  const notes = [route.description, isPublic ? undefined : `Scope: \`${route.scope}\`.`];
  return {
    method: route.method,
    path: route.path,
    summary: route.summary,
    description: notes.filter((note) => note !== undefined).join('\n\n'),
    tags: [route.tag ?? tagOf(route.path)],
    security: isPublic ? [] : [{ apiKey: [] }],
    request: describeRequest(route),
    responses: { ...describeResponses(route), ...describeErrors(route) },
  };
}

/** `/v1/orders/{id}/cancel` → `orders`. */
function tagOf(path: string): string {
  return path.split('/').find((part) => part !== '' && part !== 'v1') ?? 'api';
}

function describeRequest(route: Route): RequestConfig {
  const types = [
    'application/json',
    ...(route.page === true ? ['application/x-www-form-urlencoded'] : []),
  ];
  const request: RequestConfig = {};
  if (route.params !== undefined) Object.assign(request, { params: route.params });
  if (route.query !== undefined) Object.assign(request, { query: route.query });
  if (route.idempotent === true) request.headers = z.object({ 'Idempotency-Key': IdempotencyKey });
  if (route.body !== undefined) {
    const { body: schema } = route;
    request.body = { content: Object.fromEntries(types.map((type) => [type, { schema }])) };
  }
  return request;
}

function describeResponses(route: Route): ResponsesConfig {
  const entries = Object.entries(route.responses).map(([status, schema]) => {
    const types = Object.fromEntries(
      alternativesOf(route, schema).map((one) => [
        one instanceof z.ZodString ? 'text/html' : 'application/json',
        { schema: one },
      ]),
    );
    const isEmpty = schema instanceof z.ZodNull;
    const problem =
      route.page === true && Number(status) >= 400
        ? { 'application/problem+json': { schema: Problem } }
        : {};
    const files = status === '200' ? describeFiles(route) : {};
    const content = isEmpty ? {} : { content: { ...types, ...files, ...problem } };
    return [status, { description: route.summary, ...content }] as const;
  });
  return Object.fromEntries(entries);
}

function describeFiles({ files = [] }: Route): Record<string, { schema: z.ZodType }> {
  const schema = z.string().meta({ format: 'binary' });
  return Object.fromEntries(files.map((type) => [type, { schema }]));
}

/** A page may answer a program with a document instead. */
function alternativesOf(route: Route, schema: z.ZodType): readonly z.ZodType[] {
  if (route.page !== true || !(schema instanceof z.ZodUnion)) return [schema];
  return schema.options.filter((option) => option instanceof z.ZodType);
}

/** The codes that a route can answer, by status: those of its kind and its own. */
function describeErrors(route: Route): ResponsesConfig {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...commonCodes(route), ...(route.errors ?? [])])) {
    const status = STATUS_OF[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const entries = [...byStatus]
    .filter(([status]) => route.responses[status] === undefined)
    .map(([status, codes]): [string, ResponsesConfig[string]] => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]);
  return Object.fromEntries(entries);
}

function commonCodes(route: Route): ErrorCode[] {
  const isReading = route.method === 'get' || route.method === 'delete';
  const codes: ErrorCode[] = ['internal_error', 'store_unavailable'];
  if (route.scope !== 'public') codes.push('unauthorized', 'forbidden');
  if (route.params !== undefined) codes.push('not_found');
  if (route.query !== undefined) codes.push('validation_failed');
  if (route.idempotent === true)
    codes.push('validation_failed', 'idempotency_key_reused', 'idempotency_in_progress');
  if (!isReading) codes.push('payload_too_large');
  if (!isReading && route.rawBody !== true)
    codes.push('malformed_json', 'unsupported_media_type', 'validation_failed');
  return codes;
}
