import type { Response } from 'express';

import type { RouteResult } from '../route';

const PAGE_POLICY =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Writes an answer: a file as it is, text as HTML on a page, anything else as JSON; nothing when the caller is gone. */
export function send(res: Response, result: RouteResult, options: { page?: boolean } = {}): void {
  if (res.headersSent || res.destroyed) return;
  if (options.page === true) res.set('content-security-policy', PAGE_POLICY);
  res.status(result.status).set({ 'cache-control': 'no-store', ...result.headers });
  if (result.file !== undefined) {
    const { type, name, bytes } = result.file;
    res.set({ 'content-type': type, 'content-disposition': `inline; filename="${name}"` });
    res.send(bytes);
    return;
  }
  if (result.body === undefined || result.status === 204) {
    res.end();
    return;
  }
  const isText = typeof result.body === 'string';
  if (res.get('content-type') === undefined) res.type(isText ? 'html' : 'json');
  res.send(isText ? result.body : JSON.stringify(result.body));
}
