import type { z } from 'zod';

import { DomainError, type FieldError } from '../../domain/errors';
import { isCleanText } from '../../domain/text';

const MAX_DEPTH = 32;
const MAX_ERRORS = 100;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * Checks one part of a request. Throws `validation_failed` naming every offending field in dotted form. `schema` is
 * the part's own, or the empty one where the route declares none (whose output then is `{}` as the types say).
 */
export function parsePart<S extends z.ZodType>(schema: z.ZodType, value: unknown): z.output<S> {
  const errors = findHostileText(value, []);
  if (errors.length > 0) throw refuse(errors);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refuse(parsed.error.issues.flatMap((issue) => toFieldErrors(issue)));
  return parsed.data as z.output<S>;
}

function refuse(errors: readonly FieldError[]): DomainError {
  return new DomainError('validation_failed', 'The request has fields that cannot be accepted.', {
    errors: errors.slice(0, MAX_ERRORS),
  });
}

/** A schema's complaint as field errors; one per unknown field, and the nearest miss of a union. */
function toFieldErrors(issue: Issue, prefix: Path = []): FieldError[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: dotted([...path, key]),
      message: 'unrecognized field',
    }));
  const nearest = issue.code === 'invalid_union' ? nearestMiss(issue.errors) : [];
  if (nearest.length > 0) return nearest.flatMap((inner) => toFieldErrors(inner, path));
  return [{ path: dotted(path), message: issue.message }];
}

/** Of a union's alternatives the one that the value got furthest with: the deepest, then the fewest, complaints. */
function nearestMiss(alternatives: readonly Issue[][]): Issue[] {
  const depth = (issues: Issue[]): number => Math.max(0, ...issues.map((i) => i.path.length));
  const ranked = [...alternatives].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  return ranked[0] ?? [];
}

function dotted(path: Path): string {
  return path.map(String).join('.');
}

/** Text that cannot be stored or sent, names that reach an object's prototype, and nesting without an end. */
function findHostileText(value: unknown, path: Path): FieldError[] {
  if (typeof value === 'string') {
    if (isCleanText(value)) return [];
    return [{ path: dotted(path), message: 'contains NUL or a lone surrogate' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (path.length >= MAX_DEPTH) return [{ path: dotted(path), message: 'nested too deeply' }];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => findHostileText(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) => {
    if (PROTOTYPE_KEYS.has(key))
      return [{ path: dotted([...path, key]), message: 'unrecognized field' }];
    if (!isCleanText(key))
      return [{ path: dotted(path), message: 'has a field name with NUL or a lone surrogate' }];
    return findHostileText(item, [...path, key]);
  });
}
