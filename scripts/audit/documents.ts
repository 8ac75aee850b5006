import { sqlCheck } from './sql-check';
import type { Invariant } from './types';

/** What amends gave back is in the invoices, and taken off by credit notes. A shop's history has the shop's documents. */
const COMPLETED_ARE_INVOICED = `
  with invoiced as (
    select order_id, sum(minor) as minor from (
      select order_id, total_minor as minor from oms.invoices
      union all select order_id, -total_minor from oms.credit_notes where refund_id is null) d group by 1
  ), amended as (
    select r.order_id, sum(r.amount_minor) as minor from oms.refunds r
    join oms.commands c on c.order_id = r.order_id and c.kind = 'amend' and r.cause_key = 'change:' || c.id
    where r.status <> 'canceled' group by 1
  )
  select format('order %s is completed and worth %s, its invoices %s', o.order_no,
    o.current_total_minor + coalesce(a.minor, 0), coalesce(i.minor::text, 'are missing')) as breach
  from oms.orders o left join invoiced i on i.order_id = o.id left join amended a on a.order_id = o.id
  where o.status = 'completed' and i.minor is distinct from o.current_total_minor + coalesce(a.minor, 0)
    and not exists (select from oms.order_events e where e.order_id = o.id and e.data ? 'isHistory')`;

const REFUNDS_ARE_CREDITED = `
  select format('order %s: refund %s of %s has %s', o.order_no, r.id, r.amount_minor,
    coalesce('a credit note of ' || c.total_minor, 'no credit note')) as breach
  from oms.refunds r join oms.orders o on o.id = r.order_id left join oms.credit_notes c on c.refund_id = r.id
  where (r.status = 'succeeded' and r.replaces is null and c.id is null) or c.total_minor <> r.amount_minor
    or (c.id is not null and r.succeeded_at is null)`;

const NUMBERS = `
  select series, sequence, invoice_no as number from oms.invoices
  union all select series, sequence, credit_note_no from oms.credit_notes`;

const NO_GAPS = `
  with documents as (${NUMBERS}), counted as (
    select series, count(*) as n, min(sequence) as first, max(sequence) as newest from documents group by 1
  )
  select format('series %s: %s documents numbered %s to %s, its counter says %s', coalesce(s.series, c.series),
    coalesce(c.n, 0), c.first, c.newest, s.last) as breach
  from oms.document_series s full join counted c using (series)
  where coalesce(c.n, 0) is distinct from s.last or coalesce(c.newest, 0) is distinct from s.last
    or coalesce(c.first, 1) <> 1
  union all
  select format('document %s is number %s of series %s', number, sequence, series) from documents
  where number <> series || '-' || lpad(sequence::text, 6, '0')`;

const DOCUMENTS = `
  select order_id, invoice_no as number, total_minor, document, 'invoice_issued' as event from oms.invoices
  union all select order_id, credit_note_no, total_minor, document, 'credit_note_issued' from oms.credit_notes`;

const DOCUMENTS_ADD_UP = `
  with parts as (
    select d.number, d.total_minor, d.document, (select coalesce(sum((l.value ->> 'netMinor')::bigint), 0)
        from jsonb_array_elements(d.document -> 'lines') l) + coalesce((d.document #>> '{shipping,netMinor}')::bigint, 0) as net,
      (select coalesce(sum((b.value ->> 'taxableMinor')::bigint), 0)
        from jsonb_array_elements(d.document -> 'taxBreakdown') b) as taxable,
      (select coalesce(sum((b.value ->> 'taxMinor')::bigint), 0)
        from jsonb_array_elements(d.document -> 'taxBreakdown') b) as tax
    from (${DOCUMENTS}) d
  )
  select format('document %s of %s says %s; its parts %s and %s tax', number, total_minor, document ->> 'totalMinor', net, tax)
    as breach
  from parts
  where total_minor <> (document ->> 'totalMinor')::bigint or net + tax <> total_minor or net <> taxable
    or net <> (document ->> 'netMinor')::bigint or tax <> (document ->> 'taxMinor')::bigint
    or total_minor <> (document ->> 'prepaidMinor')::bigint + (document ->> 'payableMinor')::bigint`;

const DOCUMENTS_ARE_LOGGED = `
  with issued as (
    select order_id, event, count(*) as n from (${DOCUMENTS}) d group by 1, 2
  ), logged as (
    select order_id, type as event, count(*) as n from oms.order_events
    where type in ('invoice_issued', 'credit_note_issued') group by 1, 2
  )
  select format('order %s: %s documents, its log has %s of %s', o.order_no, coalesce(i.n, 0), coalesce(l.n, 0), event) as breach
  from issued i full join logged l using (order_id, event) join oms.orders o on o.id = order_id
  where i.n is distinct from l.n`;

export const DOCUMENTS_HOLD: Invariant = {
  id: 'I11',
  title:
    'documents: what is completed is invoiced, what is refunded credited, in numbers without gaps',
  checks: [
    sqlCheck({ store: 'oms', over: 'oms.orders', find: COMPLETED_ARE_INVOICED }),
    sqlCheck({ store: 'oms', over: 'oms.refunds', find: REFUNDS_ARE_CREDITED }),
    sqlCheck({ store: 'oms', over: 'oms.document_series', find: NO_GAPS }),
    sqlCheck({ store: 'oms', over: `(${DOCUMENTS}) d`, find: DOCUMENTS_ADD_UP }),
    sqlCheck({ store: 'oms', over: `(${DOCUMENTS}) d`, find: DOCUMENTS_ARE_LOGGED }),
  ],
};
