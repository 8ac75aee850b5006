import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a name; throws where there are none. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

export type TargetVerdict =
  | { readonly kind: 'allowed'; readonly addresses: readonly [Address, ...Address[]] }
  | { readonly kind: 'refused' }
  /** The name has no address now; `isPublicName` tells whether it may have a public one another time. */
  | { readonly kind: 'unresolved'; readonly isPublicName: boolean };

/** Not public (IANA's special registries), although some of it is routed: a target here is our own or nobody's. */
const NOT_PUBLIC_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** All that is public in IPv6 … */
const GLOBAL_V6 = ['2000::/3'];
/** … but for these: protocol assignments with Teredo, documentation, and 6to4, which holds an IPv4 address. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** Names that only a private network knows. */
const PRIVATE_NAME = /(?:^[^.]+|\.(?:localhost|local|internal|intranet|lan|home\.arpa))$/;

const notPublicV4 = toBlockList(NOT_PUBLIC_V4);
const globalV6 = toBlockList(GLOBAL_V6);
const notPublicV6 = toBlockList(NOT_PUBLIC_V6);

/** True for an address or a CIDR, of either family. */
export function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bitsOf(family));
}

function bitsOf(family: number): number {
  return family === 4 ? 32 : 128;
}

function toBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? bitsOf(family) : Number(prefix);
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** A URL that could be a target at all: http or https, with a host, and without credentials. Null for any other text. */
export function parseTarget(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.hostname !== '' && url.username === '' && url.password === '' ? url : null;
}

/**
 * Decides where webhooks may go: https to public addresses, and to `privateTargets` by http too. Names are resolved at
 * each check, and one forbidden address refuses them all; who then sends must connect to the addresses of the verdict.
 * The URL parser has turned decimal, octal and hexadecimal IPv4 addresses into plain ones before they come here.
 */
export class WebhookTargets {
  readonly #private: BlockList;
  readonly #resolve: Resolve;

  constructor(privateTargets: readonly string[], resolve: Resolve = resolveName) {
    this.#private = toBlockList(privateTargets);
    this.#resolve = resolve;
  }

  async check(url: URL): Promise<TargetVerdict> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const found = await this.#addressesOf(host);
    const [first, ...others] = found;
    if (first === undefined) {
      const isPublicName = url.protocol === 'https:' && !PRIVATE_NAME.test(host.replace(/\.$/, ''));
      return { kind: 'unresolved', isPublicName };
    }
    const isAllowed = found.every((address) => this.#isAllowed(url, address));
    return isAllowed ? { kind: 'allowed', addresses: [first, ...others] } : { kind: 'refused' };
  }

  async #addressesOf(host: string): Promise<readonly Address[]> {
    const family = isIP(host);
    if (family === 4 || family === 6) return [{ address: host, family }];
    try {
      return await this.#resolve(host);
    } catch {
      return [];
    }
  }

  #isAllowed(url: URL, { address }: Address): boolean {
    const plain = unmap(address);
    if (this.#private.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6')) return true;
    return url.protocol === 'https:' && isPublic(plain);
  }
}

function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicV4.check(address, 'ipv4');
    case 6:
      return globalV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
    default:
      return false;
  }
}

const MAPPED = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;

/** `::ffff:10.0.0.1`, however it is written, as the IPv4 address that a connection to it reaches. */
function unmap(address: string): string {
  const literal = `http://[${address}]/`;
  if (isIP(address) !== 6 || !URL.canParse(literal)) return address;
  const [, high, low] = MAPPED.exec(new URL(literal).hostname) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = [high, low].map((part) => Number.parseInt(part, 16));
  return bits.flatMap((part) => [part >> 8, part & 0xff]).join('.');
}

const asking = new Map<string, Promise<readonly Address[]>>();

/** The system's own resolver. It has few threads: questions for one name at a time share one, so a slow one holds one. */
export function resolveName(hostname: string): Promise<readonly Address[]> {
  const running = asking.get(hostname);
  if (running !== undefined) return running;
  const asked = lookup(hostname, { all: true, verbatim: true })
    .then((found) =>
      found.map(({ address, family }): Address => ({ address, family: family === 6 ? 6 : 4 })),
    )
    .finally(() => asking.delete(hostname));
  asking.set(hostname, asked);
  return asked;
}
