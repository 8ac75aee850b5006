import { sqlCheck } from './sql-check';
import type { Invariant } from './types';

const INTAKE_IS_ORDER = `
  select format('intake %s (%s, %s) and order %s do not belong together', i.id, i.status, i.order_no,
    coalesce(o.order_no, 'none')) as breach
  from oms.intakes i full join oms.orders o on o.id = i.order_id
  where i.id is null or (i.status = 'placed') is distinct from (o.id is not null)
    or (o.id is not null and (o.order_no, o.channel, o.external_id) is distinct from (i.order_no, i.channel, i.external_id))`;

const ONE_ORDER_PER_KEY = `
  select format('%s intakes for %s %s', count(*), channel, external_id) as breach
  from oms.intakes where external_id is not null group by channel, external_id having count(*) > 1
  union all
  select format('%s intakes for key %s of %s', count(*), idempotency_key, api_key_id)
  from oms.intakes where external_id is null group by api_key_id, idempotency_key having count(*) > 1
  union all
  select format('%s orders for %s %s', count(*), channel, external_id)
  from oms.orders where external_id is not null group by channel, external_id having count(*) > 1`;

/** What was answered for a key is there, and is what the key led to. */
const ANSWERS_HOLD = `
  select format('key %s of %s: stored answer %s%s', k.key, k.scope, coalesce(k.response_status::text, 'none'), case
      when k.response is null then ', without a body'
      when k.scope ~* ' post /v1/orders$' then ' names an order or intake that is not the key''s' else '' end) as breach
  from oms.idempotency_keys k
  where k.status = 'done' and (k.response is null or k.response_status is null
    or not (k.response_status between 200 and 299 or k.response_status in (404, 409, 422))
    or (k.scope ~* ' post /v1/orders$' and k.response_status in (200, 201) and not exists (
      select from oms.intakes i join oms.orders o on o.id = i.order_id
      where o.id::text = k.response #>> '{body,order,id}'
        and (i.external_id is not null or (i.idempotency_key = k.key and k.scope like i.api_key_id || ' %'))))
    or (k.scope ~* ' post /v1/orders$' and k.response_status = 202 and not exists (
      select from oms.intakes i where i.id::text = k.response #>> '{body,intakeId}')))`;

export const IDEMPOTENCY: Invariant = {
  id: 'I8',
  title: 'idempotency: one key, one stored answer, one order',
  checks: [
    sqlCheck({ store: 'oms', over: 'oms.intakes', find: INTAKE_IS_ORDER }),
    sqlCheck({ store: 'oms', over: 'oms.intakes', find: ONE_ORDER_PER_KEY }),
    sqlCheck({ store: 'oms', over: 'oms.idempotency_keys', find: ANSWERS_HOLD }),
  ],
};
