import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

import promised from '../../openapi.json';
import { buildOpenApi } from '../../src/api/openapi';
import type { Route } from '../../src/api/route';
import { ROUTES } from '../../src/api/routes';

export interface Answer {
  readonly method: string;
  /** Path and query as called. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** Says what is wrong with an answer by the OpenAPI document; null when it is as promised. */
export type AnswerCheck = (answer: Answer) => string | null;

/**
 * A check of answers against the document of the routes. Answers of paths that are no route (404) and to methods that a
 * path does not take (405) are not in it and pass.
 */
export function createAnswerCheck(routes: readonly Route[] = ROUTES): AnswerCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
  addFormats(ajv);
  // That the published document is the one of the routes is a check of its own.
  const document = routes === ROUTES ? promised : buildOpenApi(routes);
  ajv.addSchema({ ...document, $id: 'openapi' });
  const paths = [...new Set(routes.map((route) => route.path))].sort(byLiteralFirst).map(toMatcher);
  const validators = new Map<string, ValidateFunction>();

  return ({ method, url, status, contentType, body }) => {
    const [pathname = ''] = url.split('?');
    const path = paths.find(({ pattern }) => pattern.test(pathname))?.path;
    const isKnown = routes.some((r) => r.path === path && r.method === method.toLowerCase());
    if (path === undefined || !isKnown) return null;
    const type = contentType.split(';')[0] ?? '';
    if (type === 'text/javascript' || type === 'text/css' || status === 204) return null;
    const parts = [
      'paths',
      path,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      type,
    ];
    const ref = `openapi#/${[...parts, 'schema'].map(escapePart).join('/')}`;
    const validate = validators.get(ref) ?? compile(ajv, ref);
    if (validate === null) return `${method} ${path} does not promise ${status} ${type}`;
    validators.set(ref, validate);
    if (validate(body)) return null;
    return `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`;
  };
}

function compile(ajv: Ajv2020, ref: string): ValidateFunction | null {
  try {
    return ajv.compile({ $ref: ref });
  } catch {
    return null;
  }
}

function byLiteralFirst(a: string, b: string): number {
  const key = (path: string): string => path.replaceAll('{', '\uffff');
  return key(a) < key(b) ? -1 : 1;
}

function toMatcher(path: string): { path: string; pattern: RegExp } {
  return { path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`) };
}

/** A JSON pointer's part, in a URI. */
function escapePart(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
