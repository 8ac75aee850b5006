import { audit } from '../helpers/audit';
import {
  anOrder,
  deliverAll,
  expectStatus,
  post,
  readOrder,
  ship,
  shipAll,
  untilStage,
} from '../helpers/orders';
import {
  disputeEvent,
  intentEvent,
  refundedEvent,
  refundEvent,
  sendStripe,
  stripeEvent,
  type StripeEventBody,
  stripeId,
} from '../helpers/stripe-events';
import { recordHistory } from '../helpers/record-history';
import { startSystem, STRIPE_NEXT_SECRET, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
});

/** An order that waits for an intent which the storefront has made. */
async function orderByIntent(
  intent = stripeId('pi'),
): Promise<{ order: Document; intent: string }> {
  const payment = { method: 'card', provider: 'stripe', reference: intent };
  return { order: await post(system, { payment }), intent };
}

async function send(...events: readonly StripeEventBody[]): Promise<void> {
  for (const event of events)
    expect((await sendStripe(system, event)).body).toEqual({ status: 'accepted' });
}

/** An order that was paid at Stripe, shipped and delivered. */
async function completed(
  charge: string,
): Promise<{ order: Document; intent: string; amount: number }> {
  const { order, intent } = await orderByIntent();
  const amount = order.totalMinor as number;
  await send(intentEvent('amount_capturable_updated', { id: intent, amount, capturable: amount }));
  await shipAll(system, order.id);
  await send(intentEvent('succeeded', { id: intent, amount, received: amount, charge }));
  await deliverAll(system, order.id);
  return { order: await untilStage(system, order.id, 'completed'), intent, amount };
}

async function untilRefunded(orderId: string, refundedMinor: number): Promise<Document> {
  return waitFor(`${String(refundedMinor)} to be refunded`, async () => {
    const order = await readOrder(system, orderId);
    return order.amounts.refundedMinor === refundedMinor ? order : null;
  });
}

async function inboxIsDone(): Promise<void> {
  await waitFor('the inbox and its wakes', async () => {
    const { rowCount } = await system.db.admin.query(
      `select from oms.inbox where processed_at is null and source = 'stripe'
       union all select from oms.wakes where signaled_at is null`,
    );
    return rowCount === 0;
  });
}

async function incidents(): Promise<Document[]> {
  const { body } = await system.api('GET', '/v1/incidents?kind=webhook_unmatched&limit=100');
  return body.items;
}

async function expectCleanAudit(): Promise<void> {
  const { broken, lines } = await audit(system);
  if (broken.length > 0) throw new Error(lines.join('\n'));
}

describe('Stripe’s webhooks', () => {
  const event = stripeEvent('customer.created', { id: 'cus_1' });
  const body = JSON.stringify(event);

  it.each<[string, object]>([
    ['another secret', { secrets: ['whsec_of_somebody_else'] }],
    ['six minutes ago', { ageSeconds: 360 }],
    ['six minutes ahead', { ageSeconds: -360 }],
    ['another body', { tampered: body.replace('cus_1', 'cus_2') }],
  ])('refuses a signature of %s', async (_what, sending) => {
    const answer = await sendStripe(system, body, sending);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
  });

  it('takes either secret while one is rotated, what it does not handle, and a repeat as one', async () => {
    const rotated = { secrets: ['whsec_of_somebody_else', STRIPE_NEXT_SECRET] };
    expect((await sendStripe(system, event, rotated)).body).toEqual({ status: 'ignored' });
    const again = { ...event, pending_webhooks: 3 };
    expect((await sendStripe(system, again)).body).toEqual({ status: 'duplicate' });
    expect((await sendStripe(system, '[]')).body).toEqual({ status: 'ignored' });
    expect((await sendStripe(system, '{"id":7}')).body).toEqual({ status: 'ignored' });
    expect((await sendStripe(system, '{')).status).toBe(400);
    expect((await incidents()).map(({ docId }) => docId)).not.toContain(event.id);
  });

  it('calls a person for the same id with another body', async () => {
    const first = stripeEvent('customer.updated', { id: 'cus_2' });
    await sendStripe(system, first);
    const other = { ...first, data: { object: { id: 'cus_3' } } };
    expect((await sendStripe(system, other)).body).toEqual({ status: 'duplicate' });
    expect(await incidents()).toContainEqual(
      expect.objectContaining({ docId: first.id, status: 'open' }),
    );
  });

  it('keeps an event of no payment for three days, then a person is called', async () => {
    const stray = intentEvent('succeeded', { id: stripeId('pi'), amount: 100, received: 100 });
    await send(stray);
    const where = `where source = 'stripe' and event_id = '${stray.id}'`;
    await waitFor('a try', async () => {
      const { rowCount } = await system.db.admin.query(
        `select from oms.inbox ${where} and attempts > 0 and processed_at is null`,
      );
      return rowCount === 1;
    });
    await system.db.admin.query(
      `update oms.inbox set received_at = now() - interval '73 hours', next_attempt_at = now() ${where}`,
    );
    await waitFor('the incident', async () =>
      (await incidents()).some(({ docId }) => docId === stray.id),
    );
    const { rows } = await system.db.admin.query(`select result from oms.inbox ${where}`);
    expect(rows).toEqual([{ result: 'parked' }]);
  });
});

describe('an order paid at Stripe', () => {
  it('waits for the intent, ships, and completes with the capture that Stripe tells of', async () => {
    const { order, intent } = await orderByIntent();
    const waiting = await untilStage(system, order.id, 'payment');
    expect(waiting.payments).toMatchObject([
      { method: 'card', provider: 'stripe', reference: intent, status: 'action_required' },
    ]);
    const amount = order.totalMinor as number;
    await send(
      intentEvent('payment_failed', { id: intent, amount, declineCode: 'insufficient_funds' }),
    );
    const declined = await waitFor('the failed try', async () => {
      const seen = await readOrder(system, order.id);
      return seen.payments[0].failureCode === 'insufficient_funds' ? seen : null;
    });
    expect(declined).toMatchObject({ stage: 'payment', status: 'confirmed' });

    await send(
      intentEvent('amount_capturable_updated', { id: intent, amount, capturable: amount }),
    );
    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready).toMatchObject({ paymentStatus: 'authorized', amounts: { capturedMinor: 0 } });
    await shipAll(system, order.id);
    const charge = stripeId('ch');
    await send(intentEvent('succeeded', { id: intent, amount, received: amount, charge }));
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done).toMatchObject({ paymentStatus: 'paid', amounts: { capturedMinor: amount } });
    await recordHistory(system, order.id, 'stripe-paid');
    await expectCleanAudit();

    const dispute = { id: stripeId('dp'), intent: null, charge, amount };
    const lost = disputeEvent('closed', { ...dispute, status: 'lost', fee: 1500 });
    const opened = { ...dispute, status: 'needs_response' };
    await send(lost, disputeEvent('created', opened), disputeEvent('updated', opened));
    const disputed = await waitFor('the dispute', async () => {
      const seen = await readOrder(system, order.id);
      return seen.amounts.disputedMinor === amount ? seen : null;
    });
    expect(disputed.disputes).toMatchObject([{ status: 'lost', amountMinor: amount }]);
    const { body } = await system.api('GET', `/v1/disputes?orderId=${String(order.id)}`);
    expect(body.items).toMatchObject([{ feeMinor: 1500, reference: dispute.id }]);
    await inboxIsDone();
    await expectCleanAudit();
  });

  it('goes on with events that came before the order', async () => {
    const intent = stripeId('pi');
    const { payment: _payment, ...basket } = anOrder();
    const { quote } = expectStatus(await system.api('POST', '/v1/quotes', basket), 200);
    const amount = quote.totalMinor as number;
    await send(
      intentEvent('amount_capturable_updated', { id: intent, amount, capturable: amount }),
    );
    const { order } = await orderByIntent(intent);
    expect(order.totalMinor).toBe(amount);
    await untilStage(system, order.id, 'warehouse');
  });

  it('that is canceled gives the authorisation back when Stripe says so', async () => {
    const { order, intent } = await orderByIntent();
    const amount = order.totalMinor as number;
    await send(
      intentEvent('amount_capturable_updated', { id: intent, amount, capturable: amount }),
    );
    await untilStage(system, order.id, 'warehouse');
    const cancel = system.api('POST', `/v1/orders/${String(order.id)}/cancel`, { reason: 'no' });
    await untilStage(system, order.id, 'void');
    await send(intentEvent('canceled', { id: intent, amount }));
    expect([200, 202]).toContain((await cancel).status);
    const canceled = await untilStage(system, order.id, 'canceled', 60_000);
    expect(canceled).toMatchObject({
      ...{ paymentStatus: 'voided', amounts: { authorizedMinor: amount, voidedMinor: amount } },
    });
    await recordHistory(system, order.id, 'stripe-canceled');
  });

  it('shows the same amounts for every order of its events', async () => {
    const orders = [
      [0, 1],
      [1, 0],
    ];
    const seen = [];
    for (const sequence of orders) {
      const { order, intent } = await orderByIntent();
      const amount = order.totalMinor as number;
      await untilStage(system, order.id, 'payment');
      const events = [
        intentEvent('amount_capturable_updated', { id: intent, amount, capturable: amount }),
        intentEvent('canceled', { id: intent, amount }),
      ];
      for (const n of sequence) {
        await send(...events.slice(n, n + 1));
        await inboxIsDone();
      }
      seen.push(
        await waitFor('both events to be recorded', async () => {
          const { amounts } = await readOrder(system, order.id);
          return amounts.voidedMinor === amount ? amounts : null;
        }),
      );
    }
    expect(seen[0]).toEqual(seen[1]);
  });

  it('shows refunds that were made at Stripe, whichever of their events comes first', async () => {
    const charge = stripeId('ch');
    const { order, intent, amount } = await completed(charge);
    const first = { id: stripeId('re'), intent, amount: 500, status: 'succeeded' };
    const sum = refundedEvent({ id: charge, intent, amount, refunded: 500 });
    await send(sum, refundEvent('refund.created', first), refundEvent('refund.updated', first));
    const refunded = await untilRefunded(order.id, 500);
    await inboxIsDone();
    expect(refunded.refunds).toMatchObject([{ status: 'succeeded', amountMinor: 500 }]);
    const { body } = await system.api('GET', `/v1/refunds?orderId=${String(order.id)}`);
    expect(body.items).toMatchObject([
      { requestedBy: 'provider', status: 'succeeded', to: 'original', adjustmentMinor: 500 },
    ]);

    const second = { id: stripeId('re'), intent, amount: 300, status: 'succeeded' };
    await send(refundEvent('refund.created', second));
    await untilRefunded(order.id, 800);
    await send(refundedEvent({ id: charge, intent, amount, refunded: 800 }));
    await send(refundEvent('refund.failed', { ...second, status: 'failed' }));
    const reversed = await untilRefunded(order.id, 500);
    await inboxIsDone();
    expect(reversed.amounts).toMatchObject({ refundedMinor: 500, refundableMinor: amount - 500 });
    await expectCleanAudit();
  });

  it('takes money that Stripe captured at once, and captures nothing at the hand-over', async () => {
    const { order, intent } = await orderByIntent();
    const amount = order.totalMinor as number;
    await untilStage(system, order.id, 'payment');
    await send(intentEvent('succeeded', { id: intent, amount, received: amount }));
    const paid = await untilStage(system, order.id, 'warehouse');
    expect(paid.amounts.capturedMinor).toBe(amount);
    await shipAll(system, order.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done).toMatchObject({ paymentStatus: 'paid', amounts: { capturedMinor: amount } });
    await recordHistory(system, order.id, 'stripe-captured-at-once');
    await expectCleanAudit();
  });

  it('is captured once for all that is wanted, at the first of two hand-overs', async () => {
    const sku = 'STRIPE-SPLIT';
    const prices = [{ currency: 'USD', priceMinor: 2500 }];
    const product = { title: 'Lamp', prices, weightGrams: 300 };
    expectStatus(await system.api('PUT', `/v1/products/${sku}`, product), 200);
    for (const location of ['BOS', 'LON']) {
      const receipt = { sku, location, delta: 1, reason: 'receipt' };
      expectStatus(await system.api('POST', '/v1/inventory/adjustments', receipt), 200);
    }
    const intent = stripeId('pi');
    const payment = { method: 'card', provider: 'stripe', reference: intent };
    const order = await post(system, { payment, lines: [{ sku, quantity: 2 }] });
    const amount = order.totalMinor as number;
    await send(
      intentEvent('amount_capturable_updated', { id: intent, amount, capturable: amount }),
    );
    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready.payments).toMatchObject([{ multicapture: false }]);
    const [first, second] = ready.fulfillmentOrders;
    await ship(system, first.id);
    await send(intentEvent('succeeded', { id: intent, amount, received: amount }));
    await waitFor('the capture', async () => {
      const { amounts } = await readOrder(system, order.id);
      return amounts.capturedMinor === amount;
    });
    await ship(system, second.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done).toMatchObject({ paymentStatus: 'paid', amounts: { capturedMinor: amount } });
    await recordHistory(system, order.id, 'stripe-captured-once');
    await expectCleanAudit();
  });

  it('that was canceled gives back what is paid after all', async () => {
    const { order, intent } = await orderByIntent();
    const amount = order.totalMinor as number;
    await untilStage(system, order.id, 'payment');
    const cancel = await system.api('POST', `/v1/orders/${String(order.id)}/cancel`, {
      reason: 'changed mind',
    });
    expect(expectStatus(cancel, 200).order.payments).toMatchObject([{ status: 'voided' }]);
    await send(intentEvent('succeeded', { id: intent, amount, received: amount }));
    await waitFor('the money', async () => {
      const { amounts } = await readOrder(system, order.id);
      return amounts.capturedMinor === amount && amounts.pendingRefundMinor === amount;
    });
    const { body } = await system.api('GET', `/v1/orders/${String(order.id)}/events?limit=100`);
    expect(body.items.map(({ type }: Document) => type as string)).toContain('refund_due');
  });

  it('shows the same for capture, refund and dispute in every order', async () => {
    const sequences = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const seen = await Promise.all(
      sequences.map(async (sequence) => {
        const { order, intent } = await orderByIntent();
        const amount = order.totalMinor as number;
        await untilStage(system, order.id, 'payment');
        const charge = stripeId('ch');
        const opened = { id: stripeId('dp'), intent, charge, amount, status: 'needs_response' };
        const events = [
          intentEvent('succeeded', { id: intent, amount, received: amount, charge }),
          refundedEvent({ id: charge, intent, amount, refunded: 500 }),
          disputeEvent('created', opened),
        ];
        for (const n of sequence) {
          await send(...events.slice(n, n + 1));
          await inboxIsDone();
        }
        return waitFor(`${sequence.join(', ')} to be recorded`, async () => {
          const { amounts } = await readOrder(system, order.id);
          return amounts.refundedMinor === 500 && amounts.disputedMinor === amount - 500
            ? { ...amounts, of: amount }
            : null;
        });
      }),
    );
    for (const amounts of seen) expect(amounts).toEqual(seen[0]);
    await expectCleanAudit();
  });

  it('refuses what is not one intent of its own', async () => {
    const { intent } = await orderByIntent();
    const refused = async (payment: object): Promise<string> => {
      const { status, body } = await system.api('POST', '/v1/orders', anOrder({ payment }));
      expect(status).toBe(422);
      return body.errors[0].path;
    };
    const card = { method: 'card', provider: 'stripe' };
    expect(await refused({ ...card, reference: intent })).toBe('payment.reference');
    expect(await refused({ ...card, reference: 'ch_1' })).toBe('payment.reference');
    expect(await refused(card)).toBe('payment.reference');
    expect(await refused({ method: 'card' })).toBe('payment.token');
    expect(await refused({ ...card, reference: stripeId('pi'), token: 'tok_ok' })).toBe(
      'payment.token',
    );
  });
});
