import { createHmac, timingSafeEqual } from 'node:crypto';

/** The value of `X-Shopify-Hmac-Sha256`: base64 of HMAC-SHA256 over the raw body. Pure. */
export function signShopifyBody(secret: string, rawBody: string | Buffer): string {
  return createHmac('sha256', secret).update(rawBody).digest('base64');
}

/** Whether the header was made with one of the live secrets, compared in constant time. Pure. */
export function isShopifySignatureValid(
  rawBody: Buffer,
  header: string | undefined,
  secrets: readonly string[],
): boolean {
  if (!header) return false;
  const given = Buffer.from(header, 'base64');
  let isValid = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    if (given.length === expected.length && timingSafeEqual(given, expected)) isValid = true;
  }
  return isValid;
}
