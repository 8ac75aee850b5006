import { isUtf8 } from 'node:buffer';
import { parse as parseForm } from 'node:querystring';

import express, { type Request, type RequestHandler, type Response } from 'express';

import { DomainError } from '../../domain/errors';

const JSON_LIMIT = 64 * 1024;
const RAW_LIMIT = 1024 * 1024;
/** Two for each line of an order, and some. */
const MAX_FIELDS = 1100;

const MALFORMED = new DomainError('malformed_json', 'The body is not JSON.');
const TOO_LARGE = new DomainError('payload_too_large', 'The body is too large.');
const WRONG_TYPE = new DomainError(
  'unsupported_media_type',
  'The body must be application/json in UTF-8, not compressed.',
);

const read: RequestHandler = express.raw({ type: () => true, limit: JSON_LIMIT, inflate: false });
const readRaw: RequestHandler = express.raw({ type: () => true, limit: RAW_LIMIT, inflate: false });

export interface BodyOptions {
  readonly rawBody?: boolean;
  readonly page?: boolean;
}

export interface Body {
  readonly body: unknown;
  readonly rawBody: Buffer;
}

/**
 * Reads a body of at most 64 KB as JSON (on pages a form too), or of at most 1 MB as bytes for a raw route. No body
 * at all counts as `{}`.
 */
export async function readBody(req: Request, res: Response, options: BodyOptions): Promise<Body> {
  const isRaw = options.rawBody === true;
  if (!isRaw) checkContentType(req, options.page === true);
  const bytes = await readBytes(req, res, isRaw);
  if (isRaw) return { body: {}, rawBody: bytes };
  return { body: parseBody(req, bytes), rawBody: Buffer.alloc(0) };
}

function hasBody(req: Request): boolean {
  return req.get('transfer-encoding') !== undefined || Number(req.get('content-length') ?? 0) > 0;
}

function checkContentType(req: Request, isPage: boolean): void {
  if (!hasBody(req)) return;
  const accepted = isPage ? ['json', '+json', 'urlencoded'] : ['json', '+json'];
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(req.get('content-type') ?? '')?.[1];
  const isUtf8Charset = charset === undefined || /^utf-?8$/i.test(charset);
  if (typeof req.is(accepted) !== 'string' || !isUtf8Charset) throw WRONG_TYPE;
}

async function readBytes(req: Request, res: Response, isRaw: boolean): Promise<Buffer> {
  if (!hasBody(req)) return Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    (isRaw ? readRaw : read)(req, res, (err?: unknown) => {
      if (err === undefined) resolve();
      else reject(toRefusal(err));
    });
  });
  const body: unknown = req.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function toRefusal(err: unknown): Error {
  const type: unknown = typeof err === 'object' && err !== null && 'type' in err ? err.type : '';
  if (type === 'entity.too.large') return TOO_LARGE;
  if (type === 'encoding.unsupported') return WRONG_TYPE;
  return MALFORMED;
}

function parseBody(req: Request, bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  if (!isUtf8(bytes)) throw MALFORMED;
  const text = bytes.toString('utf8');
  if (req.is('urlencoded') === 'urlencoded')
    return { ...parseForm(text, '&', '=', { maxKeys: MAX_FIELDS }) };
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw MALFORMED;
  }
}
