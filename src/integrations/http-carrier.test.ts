import {
  callSandbox,
  SANDBOX_SECRETS,
  startTestSandbox,
  type ReceivedRequest,
  type TestSandbox,
} from '../../test/helpers/sandbox';
import { waitFor } from '../../test/helpers/wait-for';
import { verifyWebhook } from '../platform/standard-webhooks';
import { HttpCarrier } from './http-carrier';

const FROM = { name: 'Warehouse', line1: '1 Dock Rd', city: 'Reno', country: 'US' };
const TO = { name: '王小明 <b>', line1: '中山路 1 号', city: '上海', country: 'CN' };

let world: TestSandbox;
let carrier: HttpCarrier;

function connect(timeoutMs = 5_000): HttpCarrier {
  return new HttpCarrier({ baseUrl: `${world.current().url}/carrier`, timeoutMs });
}

function aBooking(key = 'book-1', reference = 'shipment-1') {
  const parcel = { service: 'standard', from: FROM, to: TO, weightGrams: 900 };
  return { idempotencyKey: key, reference, ...parcel };
}

async function book(key = 'book-1'): Promise<string> {
  const result = await carrier.book(aBooking(key));
  if (result.kind !== 'booked') throw new Error(`not booked: ${result.code}`);
  return result.booking.trackingNo;
}

function at(path: string): string {
  return `${world.current().url}${path}`;
}

interface SentScan {
  readonly trackingNo: string;
  readonly id: string;
  readonly code: string;
}

function readScan(request: ReceivedRequest): SentScan {
  const body: { data: { trackingNo: string; scans: { id: string; code: string }[] } } = JSON.parse(
    request.rawBody.toString(),
  );
  const scan = body.data.scans[0];
  if (!scan || body.data.scans.length > 1) throw new Error('not one scan');
  return { trackingNo: body.data.trackingNo, id: scan.id, code: scan.code };
}

async function receivedScans(count: number): Promise<SentScan[]> {
  const { requests } = world.receiver;
  await waitFor(`${count} scans`, () => (requests.length >= count ? true : null));
  return requests.map(readScan);
}

beforeEach(async () => {
  world = await startTestSandbox();
  carrier = connect();
});

afterEach(async () => {
  await world.close();
});

describe('book', () => {
  it('books once for one key and prints a label', async () => {
    const first = await carrier.book(aBooking());
    const again = await carrier.book(aBooking());

    expect(again).toEqual(first);
    if (first.kind !== 'booked') throw new Error('not booked');
    expect(first.booking).toMatchObject({ carrier: 'sandbox', service: 'standard' });
    const label = await (await fetch(first.booking.labelUrl)).text();
    expect(label).toContain(first.booking.trackingNo);
    expect(label).toContain('王小明 &lt;b&gt;');
  });

  it('finds a booking whose answer was lost', async () => {
    await callSandbox('PUT', at('/faults/carrier'), { mode: 'timeout_after_effect', times: 1 });

    await expect(connect(1_000).book(aBooking())).rejects.toThrow('no answer in time');

    expect(await carrier.find('book-1')).toMatchObject({ kind: 'found', status: 'pending' });
    const { body } = await callSandbox('GET', at('/carrier/shipments'));
    expect(body).toMatchObject({ items: [{ reference: 'shipment-1' }] });
  });

  it('shows a slow booking as pending', async () => {
    await callSandbox('PUT', at('/faults/carrier'), { mode: 'slow', ms: 1_000 });
    const running = carrier.book(aBooking());

    await waitFor('the pending booking', async () =>
      (await carrier.find('book-1')).kind === 'pending' ? true : null,
    );

    expect((await running).kind).toBe('booked');
  });

  it('is unreachable while down, and books nothing', async () => {
    await callSandbox('PUT', at('/faults/carrier'), { mode: 'down' });

    await expect(carrier.book(aBooking())).rejects.toThrow('carrier: unreachable');
    await callSandbox('PUT', at('/faults/carrier'), { mode: 'none' });

    expect(await carrier.find('book-1')).toEqual({ kind: 'not_found' });
  });

  it('refuses what is too heavy', async () => {
    const result = await carrier.book({ ...aBooking(), weightGrams: 70_001 });

    expect(result).toEqual({ kind: 'refused', code: 'too_heavy' });
  });
});

describe('void', () => {
  it('takes a booking back, again without effect', async () => {
    const trackingNo = await book();

    const results = [
      await carrier.void({ idempotencyKey: 'void-1', trackingNo }),
      await carrier.void({ idempotencyKey: 'void-1', trackingNo }),
    ];

    expect(results).toEqual([{ kind: 'voided' }, { kind: 'voided' }]);
    expect(await carrier.find('book-1')).toMatchObject({ status: 'canceled' });
  });

  it('is refused once the carrier has the parcel', async () => {
    const trackingNo = await book();
    await carrier.handedOver(trackingNo);

    const result = await carrier.void({ idempotencyKey: 'void-1', trackingNo });

    expect(result).toEqual({ kind: 'refused', code: 'already_picked_up' });
  });
});

describe('a parcel that is called back', () => {
  it('returns with its next scan, once, however often it is called', async () => {
    const trackingNo = await book();
    const results = [await carrier.intercept(trackingNo), await carrier.intercept(trackingNo)];
    expect(results).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }]);

    const scans = ['out_for_delivery', 'in_transit'].map((code, hour) => ({
      code,
      occurredAt: `2026-11-22T0${hour}:00:00Z`,
    }));
    const path = `${world.current().url}/carrier/shipments/${trackingNo}/scans`;
    await callSandbox('POST', path, { scans });

    const sent = await receivedScans(2);
    expect(sent.map(({ code }) => code)).toEqual(['return_to_sender', 'in_transit']);
  });

  it('is refused once it has arrived', async () => {
    const trackingNo = await book();
    await callSandbox('POST', `${world.current().url}/carrier/shipments/${trackingNo}/deliver`, {});

    expect(await carrier.intercept(trackingNo)).toEqual({
      kind: 'refused',
      code: 'not_under_way',
    });
  });
});

describe('scans', () => {
  const scans = ['picked_up', 'in_transit', 'out_for_delivery', 'delivered'].map((code, hour) => ({
    code,
    occurredAt: `2026-11-22T0${hour}:00:00Z`,
    location: 'Boston',
  }));

  it('are sent one by one, in order, signed', async () => {
    const trackingNo = await book();

    await callSandbox('POST', at(`/carrier/shipments/${trackingNo}/scans`), { scans });

    const sent = await receivedScans(4);
    expect(sent.map((scan) => scan.code)).toEqual(scans.map((scan) => scan.code));
    const first = world.receiver.requests[0];
    expect(first?.path).toBe('/v1/webhooks/carriers/sandbox');
    const verdict = verifyWebhook({
      id: String(first?.headers['webhook-id']),
      timestamp: String(first?.headers['webhook-timestamp']),
      signature: String(first?.headers['webhook-signature']),
      rawBody: first?.rawBody ?? Buffer.alloc(0),
      secrets: SANDBOX_SECRETS.carrier,
      nowMs: Date.now(),
    });
    expect(verdict.kind).toBe('valid');
  });

  it('are sent twice when duplicated, with the same ids', async () => {
    const trackingNo = await book();

    const body = { scans, deliver: 'duplicated' };
    await callSandbox('POST', at(`/carrier/shipments/${trackingNo}/scans`), body);

    const sent = await receivedScans(8);
    expect(new Set(sent.map((scan) => scan.id)).size).toBe(4);
  });

  it('are all sent when shuffled', async () => {
    const trackingNo = await book();

    const body = { scans, deliver: 'shuffled' };
    await callSandbox('POST', at(`/carrier/shipments/${trackingNo}/scans`), body);

    const sent = await receivedScans(4);
    expect(sent.map((scan) => scan.code).toSorted()).toEqual(scans.map((s) => s.code).toSorted());
  });

  it('are sent until they are taken, across a restart', async () => {
    world.receiver.answerWith(503);
    const trackingNo = await book();
    await callSandbox('POST', at(`/carrier/shipments/${trackingNo}/deliver`), {});
    await receivedScans(1);

    await world.restart();
    world.receiver.answerWith(200);

    const sent = await waitFor('delivered', () => {
      const codes = world.receiver.requests.map((request) => readScan(request).code);
      return codes.includes('delivered') ? codes : null;
    });
    expect(sent.slice(-4)).toEqual(scans.map((scan) => scan.code));
  });

  it('are dropped when they are refused', async () => {
    world.receiver.answerWith(401);
    const trackingNo = await book();

    await callSandbox('POST', at(`/carrier/shipments/${trackingNo}/deliver`), {});

    await receivedScans(4);
    const dropped = { status: 'dropped', httpStatus: 401 };
    const books = await waitFor('the dropped webhooks', async () => {
      const { body } = await callSandbox('GET', at('/books'));
      return JSON.stringify(body).includes('"pending"') ? null : body;
    });
    expect(books).toMatchObject({ webhooks: { items: Array(4).fill(dropped) } });
  });
});

describe('auto', () => {
  it('moves a parcel to the door after hand-over, across a restart', async () => {
    await callSandbox('PUT', at('/carrier/auto'), { enabled: true, stepMs: 20 });
    const trackingNo = await book();
    await book('book-2');

    await carrier.handedOver(trackingNo);
    await carrier.handedOver(trackingNo);
    await receivedScans(1);
    await world.restart();

    const sent = await waitFor('delivered', () => {
      const all = world.receiver.requests.map(readScan);
      return all.some(({ code }) => code === 'delivered') ? all : null;
    });
    expect(new Set(sent.map((scan) => scan.id)).size).toBe(4);
    expect(sent.every((scan) => scan.trackingNo === trackingNo)).toBe(true);
  });
});
