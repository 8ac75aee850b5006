import { deliverAll, expectStatus, post, shipAll, untilStage } from '../helpers/orders';
import { readFigures } from '../helpers/history';
import { type Answer, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

const LONG = { surveyDelay: 'PT0.2S', surveyReminder: 'PT1H', surveyExpiry: 'PT2H' };

let system: System;
beforeAll(async () => {
  system = await startSystem({ policies: LONG });
});
afterAll(async () => {
  await system.stop();
});

async function setPolicies(policies: Record<string, unknown>): Promise<void> {
  for (const [key, value] of Object.entries(policies))
    expectStatus(await system.api('PUT', `/v1/policies/${key}`, { value }), 200);
}

let counter = 0;

async function completeOne(locale = 'en'): Promise<Document> {
  counter += 1;
  const email = `asked-${String(Date.now())}-${String(counter)}@example.com`;
  const { id } = await post(system, { customer: { email, name: 'Ada Park', locale } });
  await shipAll(system, id);
  await deliverAll(system, id);
  return untilStage(system, id, 'completed');
}

async function mailsOf(order: Document, template: string): Promise<Document[]> {
  const { body } = await system.sandbox('GET', `/mail?to=${order.customer.email as string}`);
  return body.items.filter(
    ({ headers }: Document) => headers['x-throughline-template'] === template,
  );
}

/** The path behind the link of the survey's mail. */
async function linkOf(order: Document): Promise<string> {
  const [mail] = await waitFor('the survey’s mail', async () => {
    const mails = await mailsOf(order, 'survey_order');
    return mails.length > 0 && mails;
  });
  const url = /https?:\/\/\S+\/s\/[\w-]+/.exec(mail.text)?.[0] ?? '';
  expect(url.startsWith(`${system.apiUrl}/s/`)).toBe(true);
  expect(mail.html).toContain(url);
  return new URL(url).pathname;
}

function answerForm(path: string, rawBody: string): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: '' };
  return system.api('POST', path, undefined, { rawBody, headers });
}

async function endOf(order: Document): Promise<unknown> {
  const handle = system.client.workflow.getHandle(`survey/order/${order.id as string}`);
  const { state } = (await handle.result()) as { state: string };
  return { state, workflow: (await handle.describe()).status.name };
}

async function countInvites(order: Document, state: string): Promise<number> {
  const { rowCount } = await system.db.admin.query(
    'select from crm.survey_invites where subject_id = $1 and state = $2',
    [order.id, state],
  );
  return rowCount ?? 0;
}

describe('the survey of a completed order', () => {
  it('is asked by mail, answered once as a form, and stands on the customer’s timeline', async () => {
    const order = await completeOne();
    const path = await linkOf(order);

    const page = await system.api('GET', path, undefined, { headers: { authorization: '' } });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    expectAccessible(page.body, 'en');
    const empty = await answerForm(path, 'comment=no+number');
    expect(empty.status).toBe(422);
    expect(empty.body).toMatch(/role="alert"/);
    const thanks = await answerForm(path, 'score=9&comment=Quick+%26+kind+%F0%9F%99%82');
    expect([thanks.status, /Thank you/.test(thanks.body)]).toEqual([200, true]);
    expect((await answerForm(path, 'score=1&comment=')).status).toBe(409);
    expect((await system.api('GET', path)).status).toBe(409);

    expect(await endOf(order)).toEqual({ state: 'answered', workflow: 'COMPLETED' });
    expect(await mailsOf(order, 'survey_reminder')).toEqual([]);
    const { body } = await system.api(
      'GET',
      `/v1/customers/${order.customerId as string}/timeline?limit=100`,
    );
    const kinds = body.items.map(({ kind }: Document) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['survey_sent', 'survey_answered']));
    const surveys = await system.api('GET', `/v1/surveys?customerId=${order.customerId as string}`);
    expect(surveys.body.items).toMatchObject([
      { state: 'answered', score: 9, comment: 'Quick & kind 🙂', subjectId: order.id },
    ]);
    const { types, ...figures } = await readFigures(system, `survey/order/${order.id as string}`);
    process.stdout.write(`the survey's figures: ${JSON.stringify(figures)}\n`);
    expect(figures.events).toBeLessThanOrEqual(30);
    expect(types).not.toContain('EVENT_TYPE_WORKFLOW_TASK_FAILED');
  });

  it('speaks Chinese to a Chinese customer, and JSON to a program', async () => {
    const order = await completeOne('zh-CN');
    const path = await linkOf(order);

    const page = await system.api('GET', path);
    expectAccessible(page.body, 'zh-CN');
    expect(page.body).toMatch(/提交/);
    const bad = await system.api('POST', path, { score: 11 });
    expect([bad.status, bad.body.code]).toEqual([422, 'validation_failed']);
    expect((await system.api('POST', path, { score: 10, comment: null })).status).toBe(200);
    const again = await system.api('POST', path, { score: 10 });
    expect([again.status, again.body.code]).toEqual([409, 'survey_answered']);
    expect(await endOf(order)).toEqual({ state: 'answered', workflow: 'COMPLETED' });
  });

  it('that nobody answers is reminded of once, and ends', async () => {
    await setPolicies({ surveyReminder: 'PT0.5S', surveyExpiry: 'PT1.5S' });
    const order = await completeOne();
    const path = await linkOf(order);

    expect(await endOf(order)).toEqual({ state: 'expired', workflow: 'COMPLETED' });
    expect((await system.api('GET', path)).status).toBe(410);
    expect((await answerForm(path, 'score=5')).status).toBe(410);
    const late = await system.api('POST', path, { score: 5 });
    expect([late.status, late.body.code]).toEqual([410, 'gone']);
    await waitFor('the reminder', async () => (await mailsOf(order, 'survey_reminder')).length > 0);
    expect(await mailsOf(order, 'survey_reminder')).toHaveLength(1);
    expect(await mailsOf(order, 'survey_order')).toHaveLength(1);
    await setPolicies(LONG);
  });

  it('outlives its workers, stopped while it waits to ask and while it waits for the answer', async () => {
    await setPolicies({ surveyDelay: 'PT1.5S' });
    const order = await completeOne();
    await waitFor('the invitation', async () => (await countInvites(order, 'waiting')) === 1);

    await system.stopWorkers();
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await countInvites(order, 'sent')).toBe(0);
    await system.startWorkers();
    const path = await linkOf(order);
    await system.stopWorkers();
    expect((await answerForm(path, 'score=7')).status).toBe(200);
    await system.startWorkers();

    expect(await endOf(order)).toEqual({ state: 'answered', workflow: 'COMPLETED' });
    expect(await mailsOf(order, 'survey_order')).toHaveLength(1);
  });
});

/** No script, a language, one main heading, and every field in or with a label. */
function expectAccessible(html: string, lang: string): void {
  expect(html).toContain(`<html lang="${lang}">`);
  expect(html).not.toMatch(/<script|\son\w+=|javascript:/i);
  expect(html.match(/<h1>/g)).toHaveLength(1);
  const inputs = html.match(/<input [^>]*>/g) ?? [];
  expect(inputs).toHaveLength(11);
  expect(html.match(/<label><input [^>]*> \d+<\/label>/g)).toHaveLength(11);
  for (const [, id] of html.matchAll(/<textarea id="([^"]+)"/g))
    expect(html).toContain(`<label for="${id ?? ''}">`);
  expect(html).toMatch(/<fieldset>\s*<legend>[^<]+<\/legend>/);
}
