import { DomainError } from '../domain/errors';
import { isCleanText } from '../domain/text';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const INTEGER = /^\d{1,15}$/;

export interface PageOf<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** Where to go on: the sort key of the last item sent. Opaque to callers. */
function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor that this API gave out; null without one. Throws 422 for anything else. */
export function decodeCursor(cursor: string | undefined, length: number): string[] | null {
  if (cursor === undefined) return null;
  const parts = parseParts(cursor);
  if (parts?.length === length) return parts;
  throw invalidCursor();
}

function parseParts(cursor: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parsed) ? parsed.map(String) : null;
  } catch {
    return null;
  }
}

function invalidCursor(): DomainError {
  return new DomainError('validation_failed', 'The cursor is not one of this list.', {
    errors: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
}

/** The one-id cursor of a list sorted by UUID, newest first. */
export function idAfter(cursor: string | undefined): string | null {
  const id = decodeCursor(cursor, 1)?.[0] ?? null;
  if (id !== null && !UUID.test(id)) throw invalidCursor();
  return id;
}

/** The one-number cursor of a list sorted by a counter, newest first. */
export function numberAfter(cursor: string | undefined): number | null {
  const text = decodeCursor(cursor, 1)?.[0] ?? null;
  if (text !== null && !INTEGER.test(text)) throw invalidCursor();
  return text === null ? null : Number(text);
}

/** The cursor of a list sorted by creation time and a key of the caller's. */
export function timeAndKeyAfter(cursor: string | undefined): { at: string; key: string } | null {
  const parts = decodeCursor(cursor, 2);
  if (parts === null) return null;
  const [at = '', key = ''] = parts;
  if (!MICROSECONDS.test(at) || Number.isNaN(Date.parse(at)) || !isCleanText(key))
    throw invalidCursor();
  return { at, key };
}

/** The cursor of a list sorted by `length` texts. */
export function keysAfter(cursor: string | undefined, length: number): string[] | null {
  const parts = decodeCursor(cursor, length);
  if (parts !== null && !parts.every(isCleanText)) throw invalidCursor();
  return parts;
}

/** Cuts `limit + 1` fetched rows to a page; the extra row only tells that there is more. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  keyOf: (row: Row) => readonly (string | number)[],
): PageOf<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null;
  return { items: shown.map(toItem), nextCursor };
}

/** One page of a list sorted by id, newest first: what `fetch` finds after the cursor, as it is. */
export async function pageById<Item extends { readonly id: string }>(
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  fetch: (page: { readonly limit: number; readonly after: string | null }) => Promise<Item[]>,
): Promise<PageOf<Item>> {
  const rows = await fetch({ limit: limit + 1, after: idAfter(cursor) });
  return toPage(
    rows,
    limit,
    (row) => row,
    (row) => [row.id],
  );
}
