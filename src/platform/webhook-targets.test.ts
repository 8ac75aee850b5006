import { type Address, isAddressRange, parseTarget, WebhookTargets } from './webhook-targets';

/** What names mean in these tests; any other has no address. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'hooks.example.com': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  localhost: ['127.0.0.1', '::1'],
  'inside.example.com': ['10.1.2.3'],
  'mixed.example.com': ['93.184.215.14', '192.168.0.9'],
  'mapped.example.com': ['::ffff:169.254.169.254'],
  'receiver.internal': ['10.20.0.7'],
};

function resolve(hostname: string): Promise<readonly Address[]> {
  const found = NAMES[hostname];
  if (found === undefined) return Promise.reject(new Error('ENOTFOUND'));
  return Promise.resolve(
    found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
}

async function judge(text: string, privateTargets: readonly string[] = []): Promise<string> {
  const url = parseTarget(text);
  if (url === null) return 'no target';
  const verdict = await new WebhookTargets(privateTargets, resolve).check(url);
  if (verdict.kind !== 'unresolved') return verdict.kind;
  return verdict.isPublicName ? 'unresolved' : 'no public name';
}

describe('webhook targets', () => {
  it.each([
    // Loopback, in every spelling.
    'https://127.0.0.1/hook',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1/',
    'https://017700000001/',
    'https://0177.0.0.01/',
    'https://127.0.0.1./',
    'https://①②⑦.⓪.⓪.①/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://localhost/',
    'https://LOCALHOST:8443/hook',
    // IPv4 inside IPv6.
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[0:0:0:0:0:ffff:10.0.0.1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
    // Metadata and link-local.
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/latest/meta-data/',
    'https://mapped.example.com/',
    // Private, shared, reserved, multicast, documentation.
    'https://0.0.0.0/',
    'https://0/',
    'https://[::]/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://192.0.0.192/',
    'https://192.0.2.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[fc00::1]/',
    'https://[ff02::1]/',
    'https://[2001:db8::1]/',
    'https://[fec0::1]/',
    // Names that lead inside, wholly or in part.
    'https://inside.example.com/',
    'https://mixed.example.com/',
    'https://receiver.internal/',
    // Not over TLS.
    'http://hooks.example.com/',
    'http://93.184.215.14/',
    'http://127.0.0.1/',
  ])('refuses %s', async (text) => {
    expect(await judge(text)).toBe('refused');
  });

  it.each([
    'ftp://hooks.example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_',
    'javascript:alert(1)',
    'https://',
    'https://user:password@hooks.example.com/',
    'https://hooks.example.com@127.0.0.1/',
    'https://[fe80::1%25eth0]/',
    'https://999.1.1.1/',
    '//hooks.example.com/',
    'hooks.example.com',
    '',
  ])('%p is no target', async (text) => {
    expect(await judge(text)).toBe('no target');
  });

  it.each([
    'https://metadata.google.internal/computeMetadata/v1/',
    'https://printer.local/',
    'https://intranet/',
    'https://x.localhost/',
    'https://localhost./',
    'https://router.home.arpa/',
    'http://unknown.example.com/',
  ])('%s has no address, and can have no public one', async (text) => {
    expect(await judge(text)).toBe('no public name');
  });

  it.each([
    'https://hooks.example.com/orders?x=1',
    'https://93.184.215.14:8443/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
  ])('allows %s', async (text) => {
    expect(await judge(text)).toBe('allowed');
  });

  it('a public name without an address now may have one later', async () => {
    expect(await judge('https://unknown.example.com/')).toBe('unresolved');
  });

  it.each([
    ['http://127.0.0.1:9000/', ['127.0.0.1'], 'allowed'],
    ['http://[::ffff:127.0.0.1]:9000/', ['127.0.0.1'], 'allowed'],
    ['https://127.0.0.2/', ['127.0.0.1'], 'refused'],
    ['http://receiver.internal/', ['10.20.0.0/16'], 'allowed'],
    ['http://receiver.internal/', ['10.21.0.0/16'], 'refused'],
    ['http://localhost:9000/', ['127.0.0.0/8'], 'refused'],
    ['http://localhost:9000/', ['127.0.0.0/8', '::1'], 'allowed'],
    ['http://[fd00::7]/', ['fd00::/8'], 'allowed'],
    ['http://hooks.example.com/', ['10.0.0.0/8'], 'refused'],
  ])('%s with private targets %j is %s', async (text, privateTargets, verdict) => {
    expect(await judge(text, privateTargets)).toBe(verdict);
  });
});

describe('isAddressRange', () => {
  it.each(['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'])('takes %s', (text) => {
    expect(isAddressRange(text)).toBe(true);
  });

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.0/8/8', '10.0.0/8'])(
    'refuses %p',
    (text) => {
      expect(isAddressRange(text)).toBe(false);
    },
  );
});
