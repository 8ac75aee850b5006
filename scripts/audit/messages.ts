import { FIRST_UUID, pagesOf, sqlCheck } from './sql-check';
import type { AuditDeps, BookedMail, Check } from './types';

const PAGE = 5000;

interface MessageRow {
  readonly key: string;
  readonly dedupeKey: string;
  readonly channel: string;
  readonly state: string;
  readonly address: string | null;
  readonly sourceType: string;
  readonly templateKey: string;
}

const MESSAGES = `
  select id as key, dedupe_key as "dedupeKey", channel, state, address, source_type as "sourceType",
    template_key as "templateKey"
  from crm.messages where id > $1::uuid order by id limit $2::int`;

async function readMessages(deps: AuditDeps): Promise<MessageRow[]> {
  const all: MessageRow[] = [];
  const pages = pagesOf<MessageRow>(deps.crm, MESSAGES, { first: FIRST_UUID, size: PAGE });
  for await (const page of pages) all.push(...page);
  return all;
}

const WAS_SENT: ReadonlySet<string> = new Set(['sent', 'delivered', 'bounced', 'complained']);
const MAY_BE_SENT: ReadonlySet<string> = new Set(['unknown', 'sending']);

/** Each message that was sent is in the mailboxes once, an unclear one at most once, any other not at all. */
export const MAIL_COPIES_CHECK: Check = {
  needs: ['sandbox'],
  isRechecked: true,
  run: async ({ deps, books }) => {
    const messages = await readMessages(deps);
    const { mails } = await books();
    const copies = new Map<string, BookedMail[]>();
    for (const mail of mails) {
      const id = mail.headers['x-throughline-message'] ?? `none: ${mail.id}`;
      copies.set(id, [...(copies.get(id) ?? []), mail]);
    }
    const breaches: string[] = [];
    for (const message of messages) {
      if (message.channel !== 'email') continue;
      breaches.push(...compareCopies(message, copies.get(message.key) ?? []));
      copies.delete(message.key);
    }
    for (const [id, [mail]] of copies)
      breaches.push(`mail ${mail?.id ?? ''} in the sandbox (message ${id}) has no message of ours`);
    return { rows: messages.length + mails.length, breaches };
  },
};

function compareCopies(message: MessageRow, copies: readonly BookedMail[]): string[] {
  const { key, state, templateKey } = message;
  const most = WAS_SENT.has(state) || MAY_BE_SENT.has(state) ? 1 : 0;
  const least = WAS_SENT.has(state) ? 1 : 0;
  const name = `message ${key} (${templateKey}, ${state})`;
  if (copies.length > most || copies.length < least)
    return [`${name}: ${String(copies.length)} copies in the sandbox`];
  const isToAnother = copies.some(({ to }) => to.toLowerCase() !== message.address?.toLowerCase());
  return isToAnother ? [`${name}: its copy went to another address`] : [];
}

/** Announcements that the lane `messages` is done with, and the message that each must have led to. */
const ANNOUNCED = `
  select x.id::text as key, x.type || '/' || coalesce(x.payload ->> 'substitutionId', x.payload ->> 'shipmentId', x.payload ->> 'fulfillmentOrderId',
      x.payload ->> 'orderId') || coalesce(':' || (x.payload ->> 'nth'), '') || '/' || o.customer_id || '/email' as "dedupeKey",
    o.order_no as "orderNo", x.type, coalesce((x.payload ->> 'isHistory')::boolean, false) as "isHistory"
  from oms.outbox x join oms.outbox_deliveries d on d.outbox_id = x.id and d.lane = 'messages' and d.done_at is not null
  join oms.orders o on o.id = x.aggregate_id
  where x.id > $1::bigint order by x.id limit $2::int`;

interface AnnouncedRow {
  readonly key: string;
  readonly dedupeKey: string;
  readonly orderNo: string;
  readonly type: string;
  readonly isHistory: boolean;
}

/** One message for each (event, person, channel), and none without its event. */
export const MESSAGE_PER_EVENT_CHECK: Check = {
  needs: [],
  isRechecked: true,
  run: async ({ deps }) => {
    const unexplained = new Map<string, MessageRow>();
    const breaches: string[] = [];
    for (const message of await readMessages(deps)) {
      if (unexplained.has(message.dedupeKey))
        breaches.push(
          `messages ${message.key} and ${unexplained.get(message.dedupeKey)?.key ?? ''} are of one event`,
        );
      unexplained.set(message.dedupeKey, message);
    }
    let rows = unexplained.size;
    const pages = pagesOf<AnnouncedRow>(deps.oms, ANNOUNCED, { first: '0', size: PAGE });
    for await (const page of pages) {
      rows += page.length;
      for (const { dedupeKey, orderNo, type, isHistory } of page) {
        const isThere = unexplained.delete(dedupeKey);
        if (isThere === isHistory)
          breaches.push(
            `order ${orderNo}, ${type}: ${isThere ? 'a message for imported history' : 'no message was made of it'}`,
          );
      }
    }
    for (const { key, templateKey, sourceType } of unexplained.values())
      if (sourceType === 'order')
        breaches.push(`message ${key} (${templateKey}) belongs to no event of an order`);
    return { rows, breaches };
  },
};

const KIND_OF_TYPE = `
  (values ('order.placed', 'order_placed'), ('order.canceled', 'order_canceled'), ('order.completed', 'order_completed'),
    ('fulfillment.handed_over', 'order_shipped'), ('shipment.delivered', 'order_delivered')) as k(type, kind)`;

/** As the lane `crm-sync` writes them. */
const TIMELINE_FACTS = `
  select x.id::text as key, o.order_no as "orderNo", k.kind, k.kind || '/' || case when x.type like 'order.%' then x.aggregate_id::text
    else coalesce(x.payload ->> 'shipmentId', x.payload ->> 'fulfillmentOrderId') end as fact
  from oms.outbox x join oms.outbox_deliveries d on d.outbox_id = x.id and d.lane = 'crm-sync' and d.done_at is not null
  join ${KIND_OF_TYPE} on k.type = x.type join oms.orders o on o.id = x.aggregate_id
  where x.id > $1::bigint order by x.id limit $2::int`;

const TIMELINE_ENTRIES = `
  select id as key, kind || '/' || ref_id as fact from crm.interactions
  where id > $1::uuid and kind in ('order_placed', 'order_canceled', 'order_completed', 'order_shipped', 'order_delivered')
  order by id limit $2::int`;

/** Each announced fact is on the customer's timeline once, and nothing else is. */
export const TIMELINE_CHECK: Check = {
  needs: [],
  isRechecked: true,
  run: async ({ deps }) => {
    const entries = new Set<string>();
    const breaches: string[] = [];
    const stored = pagesOf<{ key: string; fact: string }>(deps.crm, TIMELINE_ENTRIES, {
      first: FIRST_UUID,
      size: PAGE,
    });
    for await (const page of stored) for (const { fact } of page) entries.add(fact);
    let rows = entries.size;
    const told = pagesOf<{ key: string; orderNo: string; kind: string; fact: string }>(
      deps.oms,
      TIMELINE_FACTS,
      {
        first: '0',
        size: PAGE,
      },
    );
    for await (const page of told) {
      rows += page.length;
      for (const { fact, kind, orderNo } of page)
        if (!entries.delete(fact))
          breaches.push(`order ${orderNo}: no ${kind} on the customer's timeline`);
    }
    for (const fact of entries) breaches.push(`timeline entry ${fact}: no such fact was announced`);
    return { rows, breaches };
  },
};

export const MESSAGE_ROWS_CHECK = sqlCheck({
  store: 'crm',
  over: 'crm.messages',
  find: `
    select format('message %s (%s) is %s since %s', id, template_key, state, coalesce(sending_at, claimed_at)) as breach
    from crm.messages
    where state in ('claimed', 'sending') and coalesce(sending_at, claimed_at) < now() - interval '2 minutes'`,
});
