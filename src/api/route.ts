import type { IncomingHttpHeaders } from 'node:http';

import { z } from 'zod';

import { DomainError, type ErrorCode } from '../domain/errors';

import type { ApiDeps } from './deps';
import { parsePart } from './middleware/validate';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Scope = `${string}:${string}` | 'admin' | 'public';

/** Who calls: stored on the events that the request causes. */
export interface Actor {
  readonly type: 'api_key' | 'public';
  readonly id: string;
  readonly scopes: readonly string[];
  readonly apiKeyId: string | null;
}

/** A request after authentication, before its parts are checked. */
export interface RouteRequest {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** The bytes as they came; empty unless the route is `rawBody`. */
  readonly rawBody: Buffer;
  readonly headers: IncomingHttpHeaders;
  readonly actor: Actor;
  readonly requestId: string;
  readonly idempotencyKey: string | null;
  readonly deps: ApiDeps;
  /** Makes a key that was just revoked count as such at once. */
  readonly forgetApiKey: (apiKeyId: string) => void;
}

export interface RouteContext<P, Q, B> extends Omit<RouteRequest, 'params' | 'query' | 'body'> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** An answer to send. `body` is JSON, or HTML text on a page route. */
export interface RouteResult {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent in the body's place: the same document as a file, of a type that the route names in `files`. */
  readonly file?: { readonly type: string; readonly name: string; readonly bytes: Buffer };
  /** Fields of the body, dotted, that are shown once: a stored copy has null in their place. */
  readonly secrets?: readonly string[];
}

type Fields = z.ZodType<Record<string, unknown>>;
type Responses = Readonly<Record<number, z.ZodType>>;

/** What a handler answers is only read: an inferred body is readonly through and through. */
type Sent<T> = unknown extends T ? T : { readonly [K in keyof T]: Sent<T[K]> };

type ResultOf<R extends Responses> = {
  [S in keyof R & number]: Omit<RouteResult, 'status' | 'body'> & {
    readonly status: S;
    readonly body: Sent<R[S]['_zod']['input']>;
  };
}[keyof R & number];

interface RouteOptions {
  readonly method: Method;
  /** `/v1/orders/{id}`; literal paths win over those with parameters, whatever the order. */
  readonly path: string;
  /** What the key must be allowed; `public` needs no key. */
  readonly scope: Scope;
  readonly summary: string;
  readonly description?: string;
  readonly tag?: string;
  /** Honours `Idempotency-Key`; only on routes with a key holder, never on `public` ones. */
  readonly idempotent?: boolean;
  /** The body stays bytes in `rawBody` (any content type, at most 1 MB); for signed webhooks. */
  readonly rawBody?: boolean;
  /** A page for people: answers HTML, takes forms as well as JSON. */
  readonly page?: boolean;
  /** Media types of the files that it also answers with. */
  readonly files?: readonly string[];
  /** Codes beside those that every such route may answer. */
  readonly errors?: readonly ErrorCode[];
}

export interface RouteSpec<
  P extends Fields,
  Q extends Fields,
  B extends z.ZodType,
  R extends Responses,
  T extends ResultOf<R>,
> extends RouteOptions {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly responses: R;
  readonly handler: (ctx: RouteContext<z.output<P>, z.output<Q>, z.output<B>>) => T | Promise<T>;
}

/** A route as the framework and the OpenAPI document see it. */
export interface Route extends RouteOptions {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly responses: Responses;
  /** Checks the parts, then runs the handler. Throws a DomainError for what it refuses. */
  readonly handle: (request: RouteRequest) => Promise<RouteResult>;
}

const Nothing = z.strictObject({});
type Nothing = typeof Nothing;

/**
 * Declares a route once for everything: the checks, the handler's types, the scope and the OpenAPI document. The
 * handler gets parsed parts and answers one of `responses`; what it refuses it throws as a DomainError.
 */
export function defineRoute<
  R extends Responses,
  const T extends ResultOf<R>,
  P extends Fields = Nothing,
  Q extends Fields = Nothing,
  B extends z.ZodType = Nothing,
>(spec: RouteSpec<P, Q, B, R, T>): Route {
  const { handler, ...described } = spec;
  async function handle(request: RouteRequest): Promise<RouteResult> {
    return await handler({
      ...request,
      params: parseParams(spec.params, request.params),
      query: parsePart<Q>(spec.query ?? Nothing, request.query),
      body: parseBody<B>(spec, request.body),
    });
  }
  return { ...described, handle };
}

/** An id that cannot exist is not found, as any other that does not. */
function parseParams<P extends Fields>(schema: P | undefined, params: unknown): z.output<P> {
  try {
    return parsePart<P>(schema ?? Nothing, params);
  } catch (err) {
    if (err instanceof DomainError)
      throw new DomainError('not_found', 'There is no such resource.');
    throw err;
  }
}

function parseBody<B extends z.ZodType>(
  spec: { body?: B; rawBody?: boolean; page?: boolean; method: Method },
  body: unknown,
): z.output<B> {
  const isBodiless = spec.rawBody === true || spec.method === 'get';
  return parsePart<B>(spec.body ?? Nothing, isBodiless ? {} : body);
}
