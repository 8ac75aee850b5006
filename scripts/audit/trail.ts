import { sqlCheck } from './sql-check';
import type { Invariant } from './types';

/** Who acts through a door of ours brings a request id; the system and an operator in the Web UI have none. */
const FROM_OUTSIDE = `('api_key', 'staff', 'webhook', 'public')`;

const EVENTS_HAVE_ACTORS = `
  select format('order %s event %s (%s): %s', o.order_no, e.seq, e.type, case
      when btrim(e.actor_type) = '' or btrim(e.actor_id) = '' then 'no actor'
      when e.actor_type in ${FROM_OUTSIDE} and coalesce(e.request_id, '') = '' then 'no request id'
      else 'no reason' end) as breach
  from oms.order_events e join oms.orders o on o.id = e.order_id
  where btrim(e.actor_type) = '' or btrim(e.actor_id) = ''
    or (e.actor_type in ${FROM_OUTSIDE} and coalesce(e.request_id, '') = '')
    or (coalesce(e.reason, '') = '' and (e.type = 'canceled' and not e.data ? 'isHistory'
      or e.type in ('held', 'released', 'review_approved', 'lines_canceled')))`;

const LEDGER_HAS_ACTORS = `
  select format('ledger row %s (%s at %s): no actor or request id', id, sku, location) as breach
  from oms.stock_ledger
  where btrim(actor_type) = '' or btrim(actor_id) = ''
    or (actor_type in ${FROM_OUTSIDE} and doc_type = 'adjustment' and coalesce(request_id, '') = '')`;

const COMMANDS_HAVE_ACTORS = `
  select format('command %s (%s): no actor or request id', id, kind) as breach
  from oms.commands
  where btrim(actor_type) = '' or btrim(actor_id) = '' or (actor_type in ${FROM_OUTSIDE} and coalesce(request_id, '') = '')
  union all
  select format('hold %s of order %s: nobody %s it', h.id, o.order_no, case when btrim(h.placed_by) = '' then 'placed' else 'released' end)
  from oms.order_holds h join oms.orders o on o.id = h.order_id
  where btrim(h.placed_by) = '' or (h.status = 'released' and coalesce(btrim(h.released_by), '') = '')
  union all
  select format('finding %s of order %s: nobody accepted it', f.code, o.order_no)
  from oms.order_findings f join oms.orders o on o.id = f.order_id
  where f.status = 'accepted' and coalesce(btrim(f.decided_by), '') = ''`;

const APPEND_ONLY = (role: string, tables: readonly string[]) => `
  select format('%s may %s %s, which is append-only', role.name, p.privilege, t.name) as breach
  from (select rolname as name from pg_roles where rolname = '${role}') role,
    unnest(array[${tables.map((name) => `'${name}'`).join(', ')}]) t(name),
    unnest(array['update', 'delete', 'truncate']) p(privilege)
  where has_table_privilege(role.name, t.name, p.privilege)`;

export const AUDIT_TRAIL: Invariant = {
  id: 'I9',
  title: 'audit trail: each change has its actor, reason and request, in tables nobody can alter',
  checks: [
    sqlCheck({ store: 'oms', over: 'oms.order_events', find: EVENTS_HAVE_ACTORS }),
    sqlCheck({ store: 'oms', over: 'oms.stock_ledger', find: LEDGER_HAS_ACTORS }),
    sqlCheck({ store: 'oms', over: 'oms.commands', find: COMMANDS_HAVE_ACTORS }),
    sqlCheck({
      store: 'oms',
      over: '(values (1), (2), (3), (4), (5), (6), (7)) t',
      find: APPEND_ONLY('throughline_oms', [
        'oms.stock_ledger',
        'oms.order_events',
        'oms.outbox',
        'oms.payment_events',
        'oms.tracking_events',
        'oms.store_credit_ledger',
        'oms.refund_lines',
      ]),
    }),
    sqlCheck({
      store: 'crm',
      over: '(values (1), (2), (3)) t',
      find: APPEND_ONLY('throughline_crm', [
        'crm.interactions',
        'crm.totals_postings',
        'crm.consent_events',
      ]),
    }),
  ],
};
