import { audit } from '../helpers/audit';
import { expectCleanBooks } from '../helpers/books';
import { drive } from '../helpers/driver';
import { expectStatus, pick, post, readOrder, untilStage } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

/** The gateway's and carrier's ports give up after 5 s here. */
const LONGER_THAN_THE_PORT_WAITS = 6500;

describe('an outside world that fails', () => {
  it.concurrent(
    'gateway: declined until the deadline, declined once, 500 twice, no answer after the charge',
    async () => {
      await inSystem(async (system) => {
        const [declined, once, errors, unanswered] = await Promise.all([
          buy(system, 'tok_declined'),
          buy(system, 'tok_insufficient_then_ok'),
          buy(system, 'tok_error_then_ok'),
          buy(system, 'tok_timeout_after_charge'),
        ]);
        await untilStage(system, once, 'payment');
        const retried = await system.api('POST', `/v1/orders/${once}/retry-payment`, {
          token: 'tok_insufficient_then_ok',
        });
        expect(expectStatus(retried, 200).order.paymentStatus).toBe('authorized');

        const ends = await Promise.all(
          [declined, once, errors, unanswered].map((id) => endOf(system, id)),
        );
        expect(ends).toEqual([
          'canceled, not_required',
          'completed, paid',
          'completed, paid',
          'completed, paid',
        ]);
        expect(await readOrder(system, declined)).toMatchObject({ allocationStatus: 'released' });
        await expectCleanEnd(system);
      });
    },
  );

  it.concurrent(
    'gateway: slow beyond the limit of a call, and captures that are never answered',
    async () => {
      await inSystem(async (system) => {
        await setFault(system, 'gateway', {
          mode: 'slow',
          ms: LONGER_THAN_THE_PORT_WAITS,
          times: 1,
        });
        const slow = await buy(system, 'tok_ok');
        await untilStage(system, slow, 'warehouse');
        await setFault(system, 'gateway', {
          mode: 'timeout_after_effect',
          only: ['capture'],
          times: 1,
        });

        expect(await endOf(system, slow)).toBe('completed, paid');
        await expectCleanEnd(system);
      });
    },
  );

  it.concurrent('carrier: down for a while, then books and never answers', async () => {
    await inSystem(async (system) => {
      const orderId = await buy(system, 'tok_ok');
      const { fulfillmentOrders } = await untilStage(system, orderId, 'warehouse');
      const [{ id }] = fulfillmentOrders;
      const lines = await pick(system, id);
      await setFault(system, 'carrier', { mode: 'down' });
      const body = { packages: [{ weightGrams: 700, lines }] };
      const packed = await system.api('POST', `/v1/fulfillment-orders/${String(id)}/pack`, body);
      const { operationId } = expectStatus(packed, 202);
      const isOpen = await system.api('GET', `/v1/operations/${String(operationId)}`);
      expect(isOpen.body.operation.status).toBe('running');

      await setFault(system, 'carrier', { mode: 'timeout_after_effect', only: ['book'], times: 1 });
      await waitFor('the operation to be done', async () => {
        const { body: answer } = await system.api('GET', `/v1/operations/${String(operationId)}`);
        return answer.operation.status === 'done';
      });
      expect(await endOf(system, orderId)).toBe('completed, paid');
      await expectCleanEnd(system);
    });
  });

  it.concurrent(
    'mail: refused is failed, and taken without an answer is unknown, each written once',
    async () => {
      await inSystem(async (system) => {
        await setFault(system, 'mail', { mode: 'error', times: 1 });
        const refused = await buy(system, 'tok_ok');
        await untilMessage(system, refused, 'order_confirmed', 'failed');
        await setFault(system, 'mail', { mode: 'timeout_after_effect', times: 1 });
        const dropped = await buy(system, 'tok_ok');
        await untilMessage(system, dropped, 'order_confirmed', 'unknown');

        expect(await Promise.all([refused, dropped].map((id) => endOf(system, id)))).toEqual([
          'completed, paid',
          'completed, paid',
        ]);
        for (const orderId of [refused, dropped]) {
          await untilMessage(system, orderId, 'order_shipped', 'sent');
          await untilMessage(system, orderId, 'order_delivered', 'sent');
        }
        const { body } = await system.sandbox('GET', '/mail');
        expect(body.items).toHaveLength(5);
        await expectCleanEnd(system);
      });
    },
  );
});

/** Each story in an installation of its own, so that all may run at once. */
async function inSystem(tell: (system: System) => Promise<void>): Promise<void> {
  const system = await startSystem({ policies: { paymentDeadline: 'PT8S' } });
  try {
    await tell(system);
  } finally {
    await system.stop();
  }
}

async function setFault(system: System, service: string, fault: object): Promise<void> {
  expectStatus(await system.sandbox('PUT', `/faults/${service}`, fault), 200);
}

async function buy(system: System, token: string): Promise<string> {
  const { id } = await post(system, { payment: { method: 'card', token } });
  return id;
}

async function endOf(system: System, orderId: string): Promise<string> {
  const { status, paymentStatus } = await drive(system, orderId);
  return `${String(status)}, ${String(paymentStatus)}`;
}

async function untilMessage(
  system: System,
  orderId: string,
  template: string,
  state: string,
): Promise<void> {
  await waitFor(`${template} to be ${state}`, async () => {
    const { rowCount } = await system.db.admin.query(
      `select from crm.messages where source_id = $1 and template_key = $2 and state = $3`,
      [orderId, template, state],
    );
    return rowCount === 1;
  });
}

async function expectCleanEnd(system: System): Promise<void> {
  await expectCleanBooks(system);
  const { broken, lines } = await audit(system);
  if (broken.length > 0) throw new Error(lines.join('\n'));
}
