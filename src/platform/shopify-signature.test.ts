import { isShopifySignatureValid, signShopifyBody } from './shopify-signature';

const BODY = Buffer.from('{"id":1,"total_price":"10.00"}');
// openssl dgst -sha256 -hmac hush -binary | base64
const SIGNATURE = '3ExhP4awn0YdYCYBfHaJzuf4Scd3dWGj2Va0su1GZEc=';

describe('signShopifyBody', () => {
  it('gives the fixed vector', () => {
    expect(signShopifyBody('hush', BODY)).toBe(SIGNATURE);
  });
});

describe('isShopifySignatureValid', () => {
  it('accepts any of the live secrets', () => {
    expect(isShopifySignatureValid(BODY, SIGNATURE, ['other', 'hush'])).toBe(true);
  });

  it.each([
    ['an other secret', BODY, SIGNATURE, ['other']],
    ['an other body', Buffer.from('{}'), SIGNATURE, ['hush']],
    ['no header', BODY, undefined, ['hush']],
    ['a header that is no base64', BODY, '***', ['hush']],
    ['no secret', BODY, SIGNATURE, []],
  ])('refuses %s', (_, body, header, secrets) => {
    expect(isShopifySignatureValid(body, header, secrets)).toBe(false);
  });
});
