import { sqlCheck } from './sql-check';
import type { Check, Invariant } from './types';
import { WEBHOOK_CHECKS } from './webhooks';

const PAGE = 5000;

/** An event of a shop or of Stripe may come long before its order; the rest has a minute. */
const INBOX = (store: 'oms' | 'crm') => `
  select format('%s event %s (%s): %s', source, event_id, topic, case
      when processed_at is null then 'not applied since ' || received_at || coalesce(', ' || reason, '')
      when result is null then 'processed without a result'
      else 'parked without a reason' end) as breach
  from ${store}.inbox
  where case when processed_at is not null then result is null or (result = 'parked' and coalesce(reason, '') = '')
    when reason in ('the order is not known yet', 'the payment is not known yet') then received_at < now() - interval '73 hours'
    else received_at < now() - interval '60 seconds' end`;

const DELIVERIES = `
  select format('announcement %s (%s) is not delivered to lane %s since %s%s', d.outbox_id, x.type, d.lane, x.created_at,
    coalesce(', ' || d.last_error, '')) as breach
  from oms.outbox_deliveries d join oms.outbox x on x.id = d.outbox_id
  where d.done_at is null and x.created_at < now() - interval '60 seconds'`;

const FANNED_OUT = `
  select format('announcement %s (%s) never reached lane %s', x.id, x.type, s.lane) as breach
  from oms.outbox x join oms.lane_subscriptions s on s.type = x.type
  left join oms.outbox_deliveries d on d.outbox_id = x.id and d.lane = s.lane
  where d.outbox_id is null`;

const WAKES = (store: 'oms' | 'crm') => `
  select format('wake %s (%s for %s) was not heard since %s', id, kind, workflow_id, created_at) as breach
  from ${store}.wakes where signaled_at is null and created_at < now() - interval '60 seconds'`;

const STOCK_WAKES = `
  select format('stock wake %s (%s) is not served since %s', id, sku, created_at) as breach
  from oms.stock_wakes where served_at is null and created_at < now() - interval '60 seconds'`;

const SOURCE_OF_PATH: Readonly<Record<string, string>> = {
  '/v1/webhooks/carriers/sandbox': 'carrier:sandbox',
  '/v1/webhooks/sandbox-payments': 'sandbox-payments',
};

/** Every webhook that we answered with 2xx is in the inbox. */
const ANSWERED: Check = {
  needs: ['sandbox'],
  isRechecked: true,
  run: async ({ deps, books }) => {
    const delivered = (await books()).webhooks.filter(({ status }) => status === 'delivered');
    const breaches: string[] = [];
    for (let start = 0; start < delivered.length; start += PAGE) {
      const page = delivered.slice(start, start + PAGE).map(({ id, path, lane }) => ({
        id,
        source: SOURCE_OF_PATH[path] ?? null,
        document: path === '/v1/webhooks/shopify' ? lane.replace(/^order /, '') : null,
      }));
      const { rows } = await deps.oms.query<{ breach: string }>(LOST, [JSON.stringify(page)]);
      breaches.push(...rows.map(({ breach }) => breach));
    }
    return { rows: delivered.length, breaches };
  },
};

/** A shop names its events in a header; its document's number says whether any came. */
const LOST = `
  select format('webhook %s (%s) was answered with 2xx and is not in the inbox', w.id, coalesce(w.source, 'shopify order ' || w.document)) as breach
  from jsonb_to_recordset($1::jsonb) as w(id text, source text, document text)
  where case
    when w.source is not null then not exists (select from oms.inbox i where i.source = w.source and i.event_id = w.id)
    when w.document is not null then not exists (
      select from oms.inbox i where i.source = 'shopify' and (i.reference = w.document or i.body ->> 'id' = w.document))
    else false end`;

export const NO_LOST_WEBHOOK: Invariant = {
  id: 'I5',
  title:
    'nothing told to us is lost: webhooks applied or parked with a reason, announcements and wakes heard, each endpoint told',
  checks: [
    sqlCheck({ store: 'oms', over: 'oms.inbox', find: INBOX('oms') }),
    sqlCheck({ store: 'crm', over: 'crm.inbox', find: INBOX('crm') }),
    ANSWERED,
    sqlCheck({ store: 'oms', over: 'oms.outbox_deliveries', find: DELIVERIES }),
    sqlCheck({ store: 'oms', over: 'oms.outbox', find: FANNED_OUT }),
    sqlCheck({ store: 'oms', over: 'oms.wakes', find: WAKES('oms') }),
    sqlCheck({ store: 'crm', over: 'crm.wakes', find: WAKES('crm') }),
    sqlCheck({ store: 'oms', over: 'oms.stock_wakes', find: STOCK_WAKES }),
    ...WEBHOOK_CHECKS,
  ],
};
