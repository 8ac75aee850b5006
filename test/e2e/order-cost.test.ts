import { Context } from '@temporalio/activity';

import { printFigures, readEndedFigures } from '../helpers/history';
import {
  expectStatus,
  packAndHandOver,
  pick,
  post,
  readOrder,
  untilStage,
} from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

interface Statement {
  /** The activity that ran it; `api` outside of any. */
  readonly by: string;
  readonly text: string;
}

/** PROOF's count leaves out brackets, sessions, authentication, idempotency, and documents read to answer with. */
const LEFT_OUT = [
  /^(begin|commit|rollback|listen|unlisten|set )/i,
  /idempotency_keys|api_keys/,
  /^select jsonb_build_object\(\s*'id', [osf]\.id/,
];

describe('the cost of the reference order H1', () => {
  const statements: Statement[] = [];
  let isCounting = false;
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      onStatement: (text) => {
        if (isCounting) statements.push({ by: currentActivity(), text: text.trim() });
      },
    });
  });
  afterAll(async () => {
    await system.stop();
  });

  it('stays within the budget of events, tasks, actions, bytes and statements', async () => {
    isCounting = true;
    const { id } = await post(system, { lines: [{ sku: 'MUG-RED', quantity: 1 }] });
    const order = await untilStage(system, id, 'warehouse');
    const [fulfillment] = order.fulfillmentOrders;
    const lines = await pick(system, fulfillment.id);
    await packAndHandOver(system, fulfillment.id, lines);
    await waitFor(
      'the capture',
      async () => (await readOrder(system, id)).paymentStatus === 'paid',
    );
    const [shipment] = (await readOrder(system, id)).shipments;
    await scan(system, shipment.trackingNo, 'picked_up', 1);
    await scan(system, shipment.trackingNo, 'in_transit', 2);
    await scan(system, shipment.trackingNo, 'delivered', 0);
    await untilStage(system, id, 'completed');
    isCounting = false;

    const figures = await readEndedFigures(system, `order/${id}`);
    const counted = statements.filter(isCounted);
    const { events, workflowTasks, actions, bytes } = figures;
    printFigures('H1', { events, workflowTasks, actions, bytes, statements: counted.length });
    if (process.env['SHOW_COST'] !== undefined) show(figures.types, counted);
    expect(events).toBeLessThanOrEqual(52);
    expect(workflowTasks).toBeLessThanOrEqual(8);
    expect(actions).toBeLessThanOrEqual(16);
    expect(bytes).toBeLessThanOrEqual(12_288);
    expect(counted.length).toBeLessThanOrEqual(20);
  });
});

async function scan(
  system: System,
  trackingNo: string,
  code: string,
  minutesAgo: number,
): Promise<void> {
  const occurredAt = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const body = { scans: [{ code, occurredAt }], deliver: 'in_order' };
  expectStatus(await system.sandbox('POST', `/carrier/shipments/${trackingNo}/scans`, body), 200);
}

function currentActivity(): string {
  try {
    return Context.current().info.activityType;
  } catch {
    return 'api';
  }
}

function isCounted({ by, text }: Statement): boolean {
  return !/^run.*Lane$/.test(by) && !LEFT_OUT.some((pattern) => pattern.test(text));
}

function show(types: readonly string[], counted: readonly Statement[]): void {
  const lines = counted.map(({ by, text }) => `${by}: ${text.replace(/\s+/g, ' ').slice(0, 140)}`);
  process.stdout.write(`${[...types, ...lines].join('\n')}\n`);
}
