import type { CustomerDetail, TimelineEntry } from '../../contracts/customers';
import type { Queryable } from '../pool';

type Details = Pick<
  CustomerDetail,
  'identities' | 'consents' | 'suppressions' | 'totals' | 'surveys' | 'mergedIds'
>;

/** What belongs to a customer beside its profile and timeline, in one round trip; lists newest first. */
export async function findCustomerDetails(db: Queryable, customerId: string): Promise<Details> {
  const { rows } = await db.query<{ details: Details }>(
    `select jsonb_build_object(
       'identities', coalesce((
         select jsonb_agg(to_jsonb(i) order by i."verifiedAt" nulls last, i.id) from (
           select i.id, i.channel, i.external_id as value, true as valid, crm.utc(i.verified_at) as "verifiedAt",
             i.external_id in (p.email, p.phone) as "primary"
           from crm.identities i where i.customer_id = $1::uuid
           union all
           select c.id, c.channel, c.value, c.valid, null, c.value in (p.email, p.phone)
           from crm.identity_claims c
           where c.customer_id = $1::uuid and not exists (
             select from crm.identities i
             where i.customer_id = c.customer_id and i.channel = c.channel and i.external_id = c.value)) i), '[]'),
       'consents', coalesce((
         select jsonb_agg(to_jsonb(c) order by c.channel, c.topic) from (
           select distinct on (e.channel, e.topic) e.channel, e.topic, e.state, crm.utc(e.at) as at
           from crm.consent_events e where e.customer_id = $1::uuid order by e.channel, e.topic, e.id desc) c), '[]'),
       'suppressions', coalesce((
         select jsonb_agg(jsonb_build_object('channel', s.channel, 'reason', s.reason, 'at', crm.utc(s.at))
           order by s.at desc)
         from crm.suppressions s
         where s.address_hash in (
           select m.address_hash from crm.messages m where m.customer_id = $1::uuid and m.address_hash is not null)), '[]'),
       'totals', coalesce((
         select jsonb_agg(jsonb_build_object('currency', t.currency, 'orderCount', t.order_count,
           'capturedMinor', t.captured_minor, 'refundedMinor', t.refunded_minor,
           'netMinor', t.captured_minor - t.refunded_minor, 'firstOrderAt', crm.utc(t.first_order_at),
           'lastOrderAt', crm.utc(t.last_order_at)) order by t.currency)
         from crm.customer_totals t where t.customer_id = $1::uuid), '[]'),
       'surveys', coalesce((
         select jsonb_agg(to_jsonb(s) order by s.id desc) from (
           select i.id, i.survey_key as definition, i.subject_id as "subjectId", i.state, r.score,
             crm.utc(i.sent_at) as "sentAt", crm.utc(i.answered_at) as "answeredAt"
           from crm.survey_invites i left join crm.survey_responses r on r.invite_id = i.id
           where i.customer_id = $1::uuid order by i.id desc limit 20) s), '[]'),
       'mergedIds', coalesce((
         select jsonb_agg(c.id order by c.id) from crm.customers c
         where c.merged_into is not null and crm.survivor(c.id) = $1::uuid), '[]')) as details
     from (select 1) one
     left join crm.customer_pii p on p.customer_id = $1::uuid`,
    [customerId],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the details of the customer were not read');
  return row.details;
}

export interface TimelineFilter {
  readonly kind?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface TimelineRow {
  id: string;
  at: Date;
  kind: string;
  ref_type: string;
  ref_id: string;
  summary: string;
  data: Record<string, unknown>;
}

/** A customer's timeline, latest first, older than the entry `after`; `from` is included, `to` is not. */
export async function listTimeline(
  db: Queryable,
  customerId: string,
  filter: TimelineFilter,
  page: { readonly limit: number; readonly after: string | null },
): Promise<TimelineEntry[]> {
  const { rows } = await db.query<TimelineRow>(
    `select id, at, kind, ref_type, ref_id, summary, data
     from crm.interactions
     where customer_id = $1::uuid
       and ($2::text is null or kind = $2::text)
       and ($3::text[] is null or kind = any($3::text[]))
       and ($4::timestamptz is null or at >= $4::timestamptz)
       and ($5::timestamptz is null or at < $5::timestamptz)
       and ($6::uuid is null or (at, id) < (select last.at, last.id from crm.interactions last where last.id = $6::uuid))
     order by at desc, id desc
     limit $7::integer`,
    [
      customerId,
      filter.kind ?? null,
      filter.kinds ?? null,
      filter.from ?? null,
      filter.to ?? null,
      page.after,
      page.limit,
    ],
  );
  return rows.map((row) => ({
    id: row.id,
    at: row.at.toISOString(),
    kind: row.kind,
    refType: row.ref_type,
    refId: row.ref_id,
    summary: row.summary,
    data: row.data,
  }));
}
