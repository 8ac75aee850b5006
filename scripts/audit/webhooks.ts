import { sqlCheck } from './sql-check';

/** What is committed within these seconds of the endpoint's own change may have seen it or not. */
const NEVER_SENT = `
  select format('announcement %s (%s) of %s %s has no delivery to webhook endpoint %s', x.id, x.type, x.aggregate,
    x.aggregate_id, e.id) as breach
  from oms.webhook_endpoints e
    join oms.outbox x on x.created_at > e.matching_since + interval '5 seconds' and oms.matches_event(e.events, x.type)
    join oms.webhook_types t on t.type = x.type
  where e.status = 'active' and not exists (
    select from oms.webhook_deliveries d where d.endpoint_id = e.id and d.outbox_id = x.id)`;

/** Due for a minute, and nothing before it holds it up. */
const NOT_TRIED = `
  select format('webhook delivery %s (%s) is due since %s and nobody sends it', d.id, d.type, d.next_attempt_at) as breach
  from oms.webhook_deliveries d
  where d.status = 'pending' and d.next_attempt_at < now() - interval '60 seconds'
    and (d.claimed_until is null or d.claimed_until < now()) and not exists (
      select from oms.webhook_deliveries e
      where e.endpoint_id = d.endpoint_id and e.aggregate = d.aggregate and e.aggregate_id = d.aggregate_id
        and e.seq < d.seq and e.status = 'pending' and (e.blocks_until is null or e.blocks_until > now() - interval '60 seconds'))`;

const INCIDENT_NOT_TOLD = `
  select format('incident %s (%s) was not announced', i.id, i.kind) as breach
  from oms.incidents i join oms.order_streams s on s.order_id = i.order_id
  where i.opened_at < now() - interval '10 seconds'
    and not exists (select from oms.outbox x where x.aggregate = 'order' and x.aggregate_id = i.order_id
    and x.type = 'incident.opened' and x.payload ->> 'incidentId' = i.id::text)`;

/** Whoever asked to be told of something is told. */
export const WEBHOOK_CHECKS = [
  sqlCheck({ store: 'oms', over: 'oms.webhook_endpoints', find: NEVER_SENT }),
  sqlCheck({ store: 'oms', over: 'oms.webhook_deliveries', find: NOT_TRIED }),
  sqlCheck({ store: 'oms', over: 'oms.incidents', find: INCIDENT_NOT_TOLD }),
];
