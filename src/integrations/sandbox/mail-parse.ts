import PostalMime from 'postal-mime';
import { newId, nowIso } from './ids';
import type { Mail } from './records';

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** Header names as sent and in lower case, so that a reader need not care which. */
function toHeaders(headers: readonly { key: string; originalKey: string; value: string }[]) {
  const shown: Record<string, string> = {};
  for (const { key, originalKey, value } of headers) {
    shown[key] = value;
    shown[originalKey] = value;
  }
  return shown;
}

/** Every part ends in a line break on the wire, whether or not it was written with one. */
function withoutLastBreak(text = ''): string {
  return text.replace(/\r?\n$/, '');
}

/** Reads a received message into one item per recipient. A body part that is missing is empty text. */
export async function parseMail(raw: Buffer, envelope: Envelope): Promise<Mail[]> {
  const parsed = await PostalMime.parse(raw);
  const content = {
    from: parsed.from?.address ?? envelope.from,
    subject: parsed.subject ?? '',
    text: withoutLastBreak(parsed.text),
    html: withoutLastBreak(parsed.html),
    headers: toHeaders(parsed.headers),
    at: nowIso(),
  };
  return envelope.to.map((to) => ({ id: newId('mail'), to, ...content }));
}
