import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

import {
  createFakeMailServer,
  type FakeMailServer,
  LINK_SECRET,
  type PlacedOrder,
  placeOrderRow,
  setPolicy,
} from '../helpers/crm-fixtures';
import { waitFor } from '../helpers/wait-for';
import { testContext } from '../helpers/context';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { sendDueMessages } from '../../src/activities/message-sending';
import { createSurveyActivities } from '../../src/activities/survey-activities';
import type { SurveyStep } from '../../src/contracts/survey-process';
import { answerSurvey } from '../../src/db/crm/survey-answers';
import { listSurveys } from '../../src/db/crm/survey-reads';
import { seedTemplates } from '../../src/db/crm/seed-templates';
import { hashAddress, hashToken, linkToken } from '../../src/platform/secret-links';

let db: TestDatabase;
let server: FakeMailServer;
let connection: Connection;
let native: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  db = await createTestDatabase();
  await seedTemplates(db.crm);
  const { temporalAddress: address, temporalNamespace: namespace } = testContext();
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: `${db.name}-crm`,
    workflowsPath: require.resolve('../../src/workflows/survey'),
    activities: createSurveyActivities({ oms: db.oms, crm: db.crm, linkSecret: LINK_SECRET }),
  });
  running = worker.run();
}, 60_000);
beforeEach(async () => {
  server = createFakeMailServer();
  await setPolicy(db.oms, 'surveyDelay', 'PT0S');
  await setPolicy(db.oms, 'surveyReminder', 'P4D');
  await setPolicy(db.oms, 'surveyExpiry', 'P14D');
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await native.close();
  await connection.close();
  await db.close();
});

async function startSurvey(order: PlacedOrder) {
  return await client.workflow.start('surveyWorkflow', {
    workflowId: `survey/order/${order.orderId}`,
    taskQueue: `${db.name}-crm`,
    args: [{ orderId: order.orderId, customerId: order.customerId }],
  });
}

async function surveyOf(order: PlacedOrder) {
  const [survey] = await listSurveys(
    db.crm,
    { subjectId: order.orderId },
    { limit: 1, after: null },
  );
  return survey;
}

async function sendMails(): Promise<void> {
  const deps = { oms: db.oms, crm: db.crm, mailer: server, mailFrom: 'shop@example.com' };
  while (
    (await sendDueMessages({
      ...deps,
      publicUrl: 'https://shop.example',
      linkSecret: LINK_SECRET,
    })) > 0
  );
}

function mailsTo(order: PlacedOrder): string[] {
  return server.taken.filter((mail) => mail.to === order.email).map((mail) => mail.template);
}

/** Answers as the page does, and tells the workflow as the wake lane does. */
async function answer(order: PlacedOrder, score: number): Promise<boolean> {
  const survey = await surveyOf(order);
  const tokenHash = hashToken(linkToken(LINK_SECRET, 'survey', survey?.id ?? ''));
  const isTaken = await answerSurvey(db.crm, { tokenHash, score, comment: null, requestId: 'r1' });
  const { rows } = await db.crm.query<{
    id: string;
    workflow_id: string;
    kind: string;
    ref: string;
  }>(`select id, workflow_id, kind, ref from crm.wakes where ref = $1`, [survey?.id]);
  for (const { id, workflow_id: workflowId, kind, ref } of rows)
    await client.workflow.getHandle(workflowId).signal('factRecorded', { id, kind, ref });
  return isTaken;
}

describe('surveyWorkflow', () => {
  it('asks once, takes the answer and ends', async () => {
    const order = await placeOrderRow(db);
    const handle = await startSurvey(order);
    await waitFor('the survey to be sent', async () => (await surveyOf(order))?.state === 'sent');
    await sendMails();

    const isTaken = await answer(order, 9);
    const result = (await handle.result()) as SurveyStep;

    expect(isTaken).toBe(true);
    expect(result).toMatchObject({ state: 'answered' });
    expect(await surveyOf(order)).toMatchObject({
      state: 'answered',
      score: 9,
      definition: 'order',
      kind: 'nps',
    });
    const link = `https://shop.example/s/${linkToken(LINK_SECRET, 'survey', result.inviteId)}`;
    expect(server.taken).toEqual([
      expect.objectContaining({ template: 'survey_order', to: order.email }),
    ]);
    expect(server.taken[0]?.text).toContain(link);
    const { rows } = await db.crm.query<{ kind: string }>(
      `select kind from crm.interactions where customer_id = $1 order by id`,
      [order.customerId],
    );
    expect(rows.map((row) => row.kind)).toEqual(['survey_sent', 'message_sent', 'survey_answered']);
  });

  it('keeps personal data and the link out of its history', async () => {
    const order = await placeOrderRow(db, {
      email: 'canary-person@example.com',
      name: 'Canary Name',
    });
    const handle = await startSurvey(order);
    await waitFor('the survey to be sent', async () => (await surveyOf(order))?.state === 'sent');
    await answer(order, 5);
    await handle.result();

    const history = Buffer.from(JSON.stringify(await handle.fetchHistory())).toString();
    const decoded = history.replace(/"data":"([^"]*)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    );

    const token = linkToken(LINK_SECRET, 'survey', (await surveyOf(order))?.id ?? '');
    for (const canary of ['canary-person', 'Canary Name', token])
      expect(decoded).not.toContain(canary);
  });

  it('reminds once and expires', async () => {
    await setPolicy(db.oms, 'surveyReminder', 'PT0.2S');
    await setPolicy(db.oms, 'surveyExpiry', 'PT2S');
    const order = await placeOrderRow(db, { locale: 'zh' });

    const result = (await (await startSurvey(order)).result()) as SurveyStep;
    await sendMails();

    expect(result.state).toBe('expired');
    // Its days are fractions of a second here: the lane may send both at once.
    expect(mailsTo(order).toSorted()).toEqual(['survey_order', 'survey_reminder']);
    const subjects = server.taken
      .filter(({ to }) => to === order.email)
      .map((mail) => mail.subject);
    expect(subjects).toContainEqual(expect.stringContaining('满意'));
    expect(await answer(order, 9)).toBe(false);
    expect(await surveyOf(order)).toMatchObject({ state: 'expired', score: null });
  });

  it('does not remind when the reminder is switched off', async () => {
    await setPolicy(db.oms, 'surveyReminder', null);
    await setPolicy(db.oms, 'surveyExpiry', 'PT0.1S');
    const order = await placeOrderRow(db);

    const result = (await (await startSurvey(order)).result()) as SurveyStep;
    await sendMails();

    expect(result.state).toBe('expired');
    expect(mailsTo(order)).toEqual(['survey_order']);
  });

  it('waits for the delay before it asks', async () => {
    await setPolicy(db.oms, 'surveyDelay', 'P3D');
    const order = await placeOrderRow(db);
    const handle = await startSurvey(order);
    await waitFor('the survey', async () => (await surveyOf(order)) !== undefined);

    expect(await surveyOf(order)).toMatchObject({ state: 'waiting', sentAt: null });
    await handle.terminate();
  });

  it('a fresh run goes on where the tables say it is', async () => {
    const order = await placeOrderRow(db);
    const first = await startSurvey(order);
    await waitFor('the survey to be sent', async () => (await surveyOf(order))?.state === 'sent');
    await first.terminate();

    const second = await startSurvey(order);
    await waitFor(
      'the second run to go on',
      async () => (await second.describe()).historyLength > 5,
    );
    await answer(order, 7);

    expect(await second.result()).toMatchObject({ state: 'answered' });
    await sendMails();
    expect(mailsTo(order)).toEqual(['survey_order']);
  });

  it.each([
    [
      'there is no address',
      async (order: PlacedOrder) => {
        await db.oms.query(`update oms.orders set email = null where id = $1`, [order.orderId]);
      },
      'no_address',
    ],
    [
      'the person does not want surveys',
      async (order: PlacedOrder) => {
        await db.crm.query(
          `insert into crm.consent_current (address_hash, channel, topic, state) values ($1, 'email', 'surveys', 'out')`,
          [hashAddress(LINK_SECRET, 'email', order.email)],
        );
      },
      'no_consent',
    ],
    [
      'mail to the address bounced',
      async (order: PlacedOrder) => {
        await db.crm.query(
          `insert into crm.suppressions (address_hash, channel, reason) values ($1, 'email', 'hard_bounce')`,
          [hashAddress(LINK_SECRET, 'email', order.email)],
        );
      },
      'suppressed',
    ],
  ])('does not ask when %s', async (_, arrange, skipReason) => {
    const order = await placeOrderRow(db);
    await arrange(order);

    const result = (await (await startSurvey(order)).result()) as SurveyStep;
    await sendMails();

    expect(result.state).toBe('skipped');
    expect(await surveyOf(order)).toMatchObject({ state: 'skipped', skipReason });
    expect(mailsTo(order)).toEqual([]);
  });
});

describe('survey steps', () => {
  it('answer the same when they run again, and queue each mail once', async () => {
    const order = await placeOrderRow(db);
    const steps = createSurveyActivities({ oms: db.oms, crm: db.crm, linkSecret: LINK_SECRET });
    const input = { orderId: order.orderId, customerId: order.customerId };

    const opened = await Promise.all([steps.openSurvey(input), steps.openSurvey(input)]);
    const ref = { orderId: order.orderId, inviteId: opened[0].inviteId };
    const invited = await Promise.all([steps.inviteToSurvey(ref), steps.inviteToSurvey(ref)]);
    const reminded = await Promise.all([steps.remindOfSurvey(ref), steps.remindOfSurvey(ref)]);
    const closed = [await steps.closeSurvey(ref), await steps.closeSurvey(ref)];

    for (const [one, other] of [opened, invited, reminded, closed]) expect(one).toEqual(other);
    const { rows } = await db.crm.query<{ n: number }>(
      `select count(*)::integer as n from crm.messages where source_id = $1`,
      [ref.inviteId],
    );
    expect(rows[0]?.n).toBe(2);
  });

  it('of twenty answers at once exactly one is taken', async () => {
    const order = await placeOrderRow(db);
    const steps = createSurveyActivities({ oms: db.oms, crm: db.crm, linkSecret: LINK_SECRET });
    const { inviteId } = await steps.openSurvey({
      orderId: order.orderId,
      customerId: order.customerId,
    });
    await steps.inviteToSurvey({ orderId: order.orderId, inviteId });
    const tokenHash = hashToken(linkToken(LINK_SECRET, 'survey', inviteId));

    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        answerSurvey(db.crm, {
          tokenHash,
          score: n % 11,
          comment: `c${String(n)}`,
          requestId: 'r',
        }),
      ),
    );

    expect(taken.filter(Boolean)).toHaveLength(1);
    const score = taken.indexOf(true) % 11;
    expect(await surveyOf(order)).toMatchObject({ state: 'answered', score });
  });
});
