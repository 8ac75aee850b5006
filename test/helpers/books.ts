import type { System } from './system';
import { waitFor } from './wait-for';

type Audited = Pick<System, 'db' | 'client' | 'sandbox'>;

// The sandbox's books are read by the contract, without our types.
type Document = any;

interface OrderRow {
  readonly id: string;
  readonly orderNo: string;
  readonly status: string;
  readonly phase: string;
  readonly method: string;
  readonly totalMinor: number;
  readonly shipments: string[];
  readonly email: string;
}

/**
 * What the outside world's books, both stores and the histories say about every order of the system that is not as it
 * must be after any fault: one authorisation and its capture or void, one booking a parcel, no mail twice, levels that
 * equal their ledger, no failed workflow task. Waits a little for what is still on its way.
 */
export async function expectCleanBooks(system: Audited, timeoutMs = 20_000): Promise<void> {
  let breaches: string[] = [];
  try {
    await waitFor(
      'clean books',
      async () => (breaches = await findBreaches(system)).length === 0,
      timeoutMs,
    );
  } catch (err) {
    throw new Error(`the books are not clean:\n${breaches.join('\n')}`, { cause: err });
  }
}

/** Every breach, in words. */
async function findBreaches(system: Audited): Promise<string[]> {
  const { body: books } = await system.sandbox('GET', '/books');
  const { rows: orders } = await system.db.admin.query<OrderRow>(
    `select o.id, o.order_no as "orderNo", o.status, o.phase, o.payment_method as method,
       o.total_minor as "totalMinor", o.email, coalesce((select array_agg(s.id::text) from oms.shipments s
         where s.order_id = o.id and s.booking_status = 'booked'), '{}') as shipments
     from oms.orders o`,
  );
  return [
    ...orders.flatMap((order) => findMoneyBreaches(order, books.gateway.entries)),
    ...findBookingBreaches(orders, books.carrier.shipments),
    ...findMailBreaches(books.mail.items),
    ...(await findStoreBreaches(system)),
    ...(await findHistoryBreaches(system, orders)),
  ];
}

function findMoneyBreaches(order: OrderRow, entries: Document[]): string[] {
  if (order.method !== 'card') return [];
  const mine = entries.filter(
    ({ reference, status }) => reference === order.id && status === 'succeeded',
  );
  const sum = (kind: string): number =>
    mine
      .filter((entry) => entry.kind === kind)
      .reduce((total, entry) => total + entry.amountMinor, 0);
  const count = (kind: string): number => mine.filter((entry) => entry.kind === kind).length;
  const seen = `${String(count('authorization'))} authorised, ${String(sum('capture'))} captured, ${String(count('void'))} voided`;
  const isRight =
    order.status === 'completed'
      ? count('authorization') === 1 && sum('capture') === order.totalMinor && count('void') === 0
      : order.status === 'canceled'
        ? count('authorization') === count('void') &&
          count('authorization') <= 1 &&
          sum('capture') === 0
        : count('authorization') <= 1;
  return isRight
    ? []
    : [`${order.orderNo} (${order.status}): ${seen} of ${String(order.totalMinor)}`];
}

function findBookingBreaches(orders: readonly OrderRow[], shipments: Document[]): string[] {
  const live = shipments
    .filter(({ voidedAt }) => voidedAt === null)
    .map(({ reference }) => reference);
  const wanted = orders.flatMap((order) => order.shipments);
  const twice = live.filter((reference, index) => live.indexOf(reference) !== index);
  const unknown = live.filter((reference) => !wanted.includes(reference));
  const missing = wanted.filter((reference) => !live.includes(reference));
  return [
    ...twice.map((reference) => `shipment ${String(reference)} is booked twice`),
    ...unknown.map((reference) => `the carrier holds a booking for ${String(reference)}`),
    ...missing.map((reference) => `shipment ${reference} is not booked`),
  ];
}

function findMailBreaches(mails: Document[]): string[] {
  const ids = mails.map(({ headers }) => headers['x-throughline-message']);
  const subjects = mails.map(({ to, subject }) => `${String(to)} ${String(subject)}`);
  return [ids, subjects].flatMap((keys) =>
    keys.filter((key, n) => keys.indexOf(key) !== n).map((key) => `mail twice: ${String(key)}`),
  );
}

async function findStoreBreaches({ db }: Audited): Promise<string[]> {
  const { rows } = await db.admin.query<{ breach: string }>(
    `select format('%s at %s: level %s/%s, ledger %s/%s, held %s', v.sku, v.location, v.on_hand, v.reserved,
         l.on_hand, l.reserved, r.quantity) as breach
     from oms.inventory_levels v,
       lateral (select coalesce(sum(delta_on_hand), 0) as on_hand, coalesce(sum(delta_reserved), 0) as reserved
         from oms.stock_ledger where sku = v.sku and location = v.location) l,
       lateral (select coalesce(sum(quantity), 0) as quantity from oms.reservations
         where sku = v.sku and location = v.location and state = 'committed') r
     where (v.on_hand, v.reserved) <> (l.on_hand, l.reserved) or v.reserved <> r.quantity or v.on_hand < 0
     union all
     select format('announcement %s waits in lane %s: %s', outbox_id, lane, last_error)
     from oms.outbox_deliveries where done_at is null
     union all
     select format('inbox event %s waits: %s', event_id, reason) from oms.inbox where processed_at is null
     union all
     select format('message %s to %s is %s', template_key, address, state) from crm.messages
     where state in ('queued', 'claimed', 'sending')
     union all
     select format('incident %s of %s is open', kind, order_id) from oms.incidents where resolved_at is null`,
  );
  return rows.map(({ breach }) => breach);
}

/** An order that has ended has a closed workflow, and no workflow task of it ever failed. */
async function findHistoryBreaches(
  { client }: Audited,
  orders: readonly OrderRow[],
): Promise<string[]> {
  const found = await Promise.all(
    orders.map(async ({ id, orderNo, phase }) => {
      const handle = client.workflow.getHandle(`order/${id}`);
      const { status } = await handle.describe();
      const isOpen = status.name === 'RUNNING';
      if (isOpen !== (phase !== 'over'))
        return [`${orderNo} is in phase ${phase}, its workflow ${status.name}`];
      const { events } = await handle.fetchHistory();
      const failures = events?.flatMap(
        ({ workflowTaskFailedEventAttributes: task }) => task?.failure?.message ?? [],
      );
      // The engine's own: something came while the workflow was closing, so it is asked again.
      return (failures ?? [])
        .filter((message) => message !== 'UnhandledCommand')
        .map((message) => `${orderNo}: ${message}`);
    }),
  );
  return found.flat();
}
