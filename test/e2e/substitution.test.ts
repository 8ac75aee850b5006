import { assertCleanAudit } from '../helpers/audit';
import { deliverAll, expectStatus, post, readOrder, shipAll, untilStage } from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { request, setPolicies, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { adjust, stock } from '../helpers/warehouse';

describe('substitutes', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
    await stock(system, 'SUB-OLD', {});
    await stock(system, 'SUB-NEW', { BOS: 50 });
  });
  afterAll(async () => {
    await system.stop();
  });
  afterEach(async () => {
    await assertCleanAudit(system);
  });

  async function shortOrder(overrides: Record<string, unknown> = {}) {
    const order = await post(system, { lines: [{ sku: 'SUB-OLD', quantity: 2 }], ...overrides });
    return untilStage(system, order.id, 'shortage');
  }

  async function substitute(order: any, extra: Record<string, unknown> = {}) {
    const substitutions = [{ lineId: order.lines[0].id, sku: 'SUB-NEW', unitPriceMinor: 1500 }];
    const body = { choice: 'substitute', substitutions, ...extra };
    return system.api('POST', `/v1/orders/${order.id}/resolve-shortage`, body);
  }

  async function linkOf(order: any): Promise<string> {
    const email = encodeURIComponent(order.customer.email);
    const mail = await waitFor('the offer', async () => {
      const { body } = await system.sandbox('GET', `/mail?to=${email}`);
      return body.items.find(
        ({ headers }: any) => headers['x-throughline-template'] === 'substitution_offer',
      );
    });
    return /\/s\/[\w-]+/.exec(mail.text)?.[0] ?? '';
  }

  function answer(link: string, decision: string) {
    return request(system.apiUrl, 'POST', link, undefined, {
      rawBody: `decision=${decision}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  }

  it('by staff: the old line is canceled, the new one is sent and charged', async () => {
    const order = await shortOrder();
    const done = expectStatus(await substitute(order, { accept: 'staff' }), 200).order;
    expect(done.lines).toMatchObject([
      { sku: 'SUB-OLD', quantity: 2, canceled: 2 },
      { sku: 'SUB-NEW', quantity: 2, unitPriceMinor: 1500, substituteFor: order.lines[0].id },
    ]);
    expect(done.version).toBe(order.version + 1);
    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready.amounts.authorizedMinor).toBe(ready.currentTotalMinor);
    expect(ready.totalMinor).toBeGreaterThan(ready.currentTotalMinor);
    await shipAll(system, order.id);
    await deliverAll(system, order.id);
    const completed = await untilStage(system, order.id, 'completed');
    expect(completed.amounts.capturedMinor).toBe(completed.currentTotalMinor);
    await recordHistory(system, order.id, 'substituted-by-staff');
  });

  it('names what cannot be a substitute', async () => {
    const order = await shortOrder();
    const [{ id: lineId }] = order.lines;
    const resolve = (substitutions?: object[]) =>
      system.api('POST', `/v1/orders/${order.id}/resolve-shortage`, {
        choice: 'substitute',
        ...(substitutions === undefined ? {} : { substitutions }),
      });
    expect((await resolve()).body).toMatchObject({ errors: [{ path: 'substitutions' }] });
    expect((await resolve([{ lineId, sku: 'NO-SUCH' }])).body).toMatchObject({
      status: 422,
      errors: [{ path: 'substitutions.0.sku' }],
    });
    expect((await resolve([{ lineId: order.id, sku: 'SUB-NEW' }])).body).toMatchObject({
      errors: [{ path: 'substitutions.0.lineId' }],
    });
    expect((await readOrder(system, order.id)).stage).toBe('shortage');
  });

  it('by the customer: a mail with a link, the answer taken once', async () => {
    const order = await shortOrder();
    const offered = expectStatus(await substitute(order), 200).order;
    expect(offered).toMatchObject({ stage: 'substitution', waitingFor: { code: 'substitution' } });
    expect(offered.waitingFor.until).not.toBeNull();
    const link = await linkOf(order);
    const page = await request(system.apiUrl, 'GET', link, undefined, {});
    expect([page.status, String(page.body)]).toEqual([200, expect.stringContaining('SUB-NEW')]);
    expect((await answer(link, 'perhaps')).status).toBe(422);
    const [first, second] = await Promise.all([answer(link, 'accept'), answer(link, 'accept')]);
    expect([first.status, second.status].toSorted()).toEqual([200, 409]);
    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready.lines).toMatchObject([{ canceled: 2 }, { sku: 'SUB-NEW', allocated: 2 }]);
    expect((await request(system.apiUrl, 'GET', link, undefined, {})).status).toBe(409);
    await recordHistory(system, order.id, 'substitution-accepted');
  });

  it('declined, in Chinese: the order waits for stock again', async () => {
    const customer = { email: `wen-${String(Date.now())}@example.com`, name: '文', locale: 'zh' };
    const order = await shortOrder({ customer });
    expectStatus(await substitute(order), 200);
    const link = await linkOf(order);
    const page = await request(system.apiUrl, 'GET', link, undefined, {});
    expect(String(page.body)).toContain('替代');
    expect((await answer(link, 'decline')).status).toBe(200);
    const short = await untilStage(system, order.id, 'shortage');
    expect(short.lines).toMatchObject([{ canceled: 0 }]);
    await recordHistory(system, order.id, 'substitution-declined');
  });

  it('without an answer it waits for stock again; stock that comes first ends the offer', async () => {
    await setPolicies(system.db, { substitutionDeadline: 'PT1S' });
    const late = await shortOrder();
    expectStatus(await substitute(late), 200);
    const link = await linkOf(late);
    await untilStage(system, late.id, 'shortage');
    expect((await request(system.apiUrl, 'GET', link, undefined, {})).status).toBe(410);
    await recordHistory(system, late.id, 'substitution-expired');

    await setPolicies(system.db, { substitutionDeadline: 'P2D' });
    const urgent = await shortOrder({ priority: 'urgent' });
    expectStatus(await substitute(urgent), 200);
    const other = await linkOf(urgent);
    await adjust(system, { sku: 'SUB-OLD', location: 'BOS', delta: 2 });
    const served = await untilStage(system, urgent.id, 'warehouse');
    expect(served.lines).toMatchObject([{ canceled: 0, allocated: 2 }]);
    expect((await answer(other, 'accept')).status).toBe(410);
    await recordHistory(system, urgent.id, 'substitution-overtaken');
  });

  it('a cancel of units ends the offer; another may follow', async () => {
    const order = await shortOrder();
    expectStatus(await substitute(order), 200);
    const link = await linkOf(order);
    const lines = [{ lineId: order.lines[0].id, quantity: 1 }];
    const cancel = { reason: 'one is enough', lines };
    expectStatus(await system.api('POST', `/v1/orders/${order.id}/cancel`, cancel), 200);
    const short = await untilStage(system, order.id, 'shortage');
    expect(short.lines).toMatchObject([{ canceled: 1 }]);
    expect((await answer(link, 'accept')).status).toBe(410);
    const done = expectStatus(await substitute(order, { accept: 'staff' }), 200).order;
    expect(done.lines).toMatchObject([{ canceled: 2 }, { sku: 'SUB-NEW', quantity: 1 }]);
    await untilStage(system, order.id, 'warehouse');
  });
});
