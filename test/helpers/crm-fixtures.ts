import { randomUUID } from 'node:crypto';

import type { LaneContext } from '../../src/activities/lane';
import { resolveCustomer } from '../../src/db/crm/customers';
import type { Pool } from '../../src/db/pool';
import type { Mailer, MailResult, OutgoingMail } from '../../src/integrations/mailer';
import { createLogger } from '../../src/platform/logger';

export const LINK_SECRET = 'test-link-secret-0000000000';
export const silent = createLogger({ service: 'test', level: 'silent' });

export interface PlacedOrder {
  readonly orderId: string;
  readonly orderNo: string;
  readonly customerId: string;
  readonly email: string;
}

interface OrderOverrides {
  readonly email?: string | null;
  readonly locale?: string;
  readonly currency?: string;
  readonly totalMinor?: number;
  readonly placedAt?: string;
  readonly name?: string;
}

let counter = 0;

/** An order row with two lines, and its customer, as placing one leaves them. */
export async function placeOrderRow(
  stores: { oms: Pool; crm: Pool },
  overrides: OrderOverrides = {},
): Promise<PlacedOrder> {
  counter += 1;
  const orderId = randomUUID();
  const orderNo = `X${String(process.pid)}${String(counter)}`;
  const email = overrides.email === undefined ? `p${String(counter)}@example.com` : overrides.email;
  const { customerId } = await resolveCustomer(stores.crm, {
    orderId,
    channel: 'web',
    trusted: true,
    email,
    phone: null,
    name: overrides.name ?? 'Ada Park',
    locale: overrides.locale ?? 'en',
    externalIds: [],
    addresses: [],
  });
  const totalMinor = overrides.totalMinor ?? 2598;
  await stores.oms.query(
    `with o as (
       insert into oms.orders (id, order_no, channel, origin, status, currency, subtotal_minor, discount_minor,
         shipping_minor, tax_minor, total_minor, tax_included, payment_method, customer_id, customer_name, email,
         locale, workflow_id, placed_at)
       values ($1::uuid, $2, 'web', 'api', 'confirmed', $3, $4::bigint, 0, 0, 0, $4::bigint, false, 'card', $5::uuid,
         $6, $7, $8, 'order/' || $1, $9::timestamptz)
     )
     insert into oms.order_lines (order_id, line_no, sku, title, qty_ordered, unit_price_minor, total_minor)
     values ($1::uuid, 1, 'MUG-RED', 'Mug, red <& "blue">', 2, 1299, $4::bigint), ($1::uuid, 2, 'CARD', '贺卡', 1, 0, 0)`,
    [
      orderId,
      orderNo,
      overrides.currency ?? 'USD',
      totalMinor,
      customerId,
      overrides.name ?? 'Ada Park',
      email,
      overrides.locale ?? 'en',
      overrides.placedAt ?? '2026-11-22T10:00:00Z',
    ],
  );
  return { orderId, orderNo, customerId, email: email ?? '' };
}

/** Announces something of an order as its steps do, and says the outbox id. */
export async function announce(
  oms: Pool,
  order: Pick<PlacedOrder, 'orderId' | 'customerId'>,
  type: string,
  payload: Record<string, unknown> = {},
): Promise<number> {
  const { rows } = await oms.query<{ id: number }>(
    `insert into oms.outbox (aggregate, aggregate_id, seq, type, payload)
     select 'order', $1::uuid, coalesce(max(seq), 0) + 1, $2::text, jsonb_build_object('orderId', $1::uuid,
       'customerId', $3::uuid, 'occurredAt', now()) || $4::jsonb
     from oms.outbox where aggregate = 'order' and aggregate_id = $1::uuid
     returning id`,
    [order.orderId, type, order.customerId, JSON.stringify(payload)],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('not announced');
  return row.id;
}

/** Sets a policy as an operator would. */
export async function setPolicy(oms: Pool, key: string, value: unknown): Promise<void> {
  await oms.query(
    `insert into oms.policies (key, value) values ($1::text, $2::jsonb)
     on conflict (key) do update set value = excluded.value`,
    [key, JSON.stringify(value)],
  );
}

export type MailBehaviour = 'accept' | 'refuse' | 'drop' | 'defer';

export interface FakeMailServer extends Mailer {
  /** What the server took, in order. */
  readonly taken: OutgoingMail[];
  readonly calls: OutgoingMail[];
  behave(next: MailBehaviour): void;
}

/** A mail server behind the port: takes, refuses, takes and drops the line, or is busy. */
export function createFakeMailServer(): FakeMailServer {
  const taken: OutgoingMail[] = [];
  const calls: OutgoingMail[] = [];
  let behaviour: MailBehaviour = 'accept';
  const answers: Readonly<Record<MailBehaviour, MailResult>> = {
    accept: { kind: 'sent', providerId: 'queued' },
    refuse: { kind: 'refused', code: '550' },
    drop: { kind: 'unknown', code: 'ECONNRESET' },
    defer: { kind: 'deferred', code: '451' },
  };
  return {
    taken,
    calls,
    behave: (next) => {
      behaviour = next;
    },
    send: (mail) => {
      calls.push(mail);
      if (behaviour === 'accept' || behaviour === 'drop') taken.push(mail);
      return Promise.resolve(answers[behaviour]);
    },
    close: () => undefined,
  };
}

/** A lane's context outside of Temporal. */
export function laneContext(signal: AbortSignal): LaneContext & { readonly beats: () => number } {
  let beats = 0;
  return {
    cancellationSignal: signal,
    heartbeat: () => {
      beats += 1;
    },
    beats: () => beats,
  };
}
