import type { Customer } from '../../contracts/customers';
import { normalizeEmail, normalizePhone } from '../../platform/contact';
import type { Queryable } from '../pool';

interface CustomerRow {
  id: string;
  version: number;
  status: Customer['status'];
  external_id: string | null;
  name: string | null;
  given_name: string | null;
  family_name: string | null;
  email: string | null;
  phone: string | null;
  locale: string | null;
  timezone: string | null;
  birth_month: number | null;
  birth_day: number | null;
  birth_year: number | null;
  birth_calendar: 'solar' | 'lunar' | null;
  birth_leap_month: boolean | null;
  addresses: Record<string, unknown>[] | null;
  tags: string[];
  custom_fields: Record<string, unknown>;
  owner_staff_id: string | null;
  team: string | null;
  tier: string | null;
  created_at: Date;
  updated_at: Date;
}

function toBirthday(row: CustomerRow): Customer['birthday'] {
  if (row.birth_month === null || row.birth_day === null) return null;
  return {
    month: row.birth_month,
    day: row.birth_day,
    ...(row.birth_year === null ? {} : { year: row.birth_year }),
    calendar: row.birth_calendar ?? 'solar',
    ...(row.birth_leap_month === null ? {} : { leapMonth: row.birth_leap_month }),
  };
}

function toCustomer(row: CustomerRow): Customer {
  return {
    id: row.id,
    version: row.version,
    status: row.status,
    externalId: row.external_id,
    name: row.name,
    givenName: row.given_name,
    familyName: row.family_name,
    email: row.email,
    phone: row.phone,
    locale: row.locale,
    timezone: row.timezone,
    birthday: toBirthday(row),
    addresses: row.addresses ?? [],
    tags: row.tags,
    customFields: row.custom_fields,
    ownerId: row.owner_staff_id,
    team: row.team,
    tier: row.tier,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export interface CustomerFilter {
  readonly q?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly externalId?: string | undefined;
  readonly tag?: string | undefined;
  readonly status?: string | undefined;
  readonly ownerId?: string | undefined;
}

/** The place in a list: how well the last item matched, and its id. */
export interface CustomerPlace {
  readonly rank: number;
  readonly id: string;
}

export interface RankedCustomer {
  readonly customer: Customer;
  readonly rank: number;
}

/**
 * Customers by the filters, without merged ones unless asked for; newest first, with `q` best match first: an equal
 * identity or order number, then an equal name, a name that begins so, one that contains it.
 */
export async function listCustomers(
  db: Queryable,
  filter: CustomerFilter,
  page: { readonly limit: number; readonly after: CustomerPlace | null },
): Promise<RankedCustomer[]> {
  const { rows } = await db.query<CustomerRow & { rank: number }>(
    `with hits as (
       select i.customer_id as id, 4 as rank from crm.identities i where i.external_id = any($2::text[])
       union all
       select c.customer_id, 4 from crm.identity_claims c where c.value = any($2::text[])
       union all
       select o.customer_id, 4 from crm.interactions o where o.kind = 'order_placed' and o.data ->> 'orderNo' = $1::text
       union all
       select p.customer_id, case
           when lower(p.name) = lower($1::text) then 3
           when starts_with(lower(p.name), lower($1::text)) then 2
           else 1 end
         from crm.customer_pii p
         where $1::text is not null and position(lower($1::text) in lower(p.name)) > 0
     ), ranked as (
       select id, max(rank) as rank from hits group by id
     ), found as (
       select c.id, coalesce(r.rank, 0) as rank
       from crm.customers c left join ranked r on r.id = c.id
       where ($1::text is null or r.id is not null)
         and ($3::text is null or exists (
           select from crm.identities i
             where i.customer_id = c.id and i.channel = 'email' and i.external_id = $3::text)
           or exists (
           select from crm.identity_claims i
             where i.customer_id = c.id and i.channel = 'email' and i.value = $3::text))
         and ($4::text[] is null or exists (
           select from crm.identities i
             where i.customer_id = c.id and i.channel = 'phone' and i.external_id = any($4::text[]))
           or exists (
           select from crm.identity_claims i
             where i.customer_id = c.id and i.channel = 'phone' and i.value = any($4::text[])))
         and ($5::text is null or exists (
           select from crm.identities i
             where i.customer_id = c.id and i.channel in ('external', 'shopify') and i.external_id = $5::text))
         and ($6::text is null or c.tags @> array[$6::text])
         and case when $7::text is null then c.status <> 'merged' else c.status = $7::text end
         and ($8::uuid is null or c.owner_staff_id = $8::uuid)
         and ($9::uuid is null or (coalesce(r.rank, 0), c.id) < ($10::integer, $9::uuid))
       order by rank desc, c.id desc
       limit $11::integer
     )
     select f.rank, c.id, c.version, c.status, x.external_id, p.name, p.given_name, p.family_name, p.email, p.phone,
       c.locale, c.timezone, c.birth_month, c.birth_day, c.birth_year, c.birth_calendar, c.birth_leap_month,
       p.addresses, c.tags, c.custom_fields, c.owner_staff_id, c.team, c.tier, c.created_at, c.updated_at
     from found f
     join crm.customers c on c.id = f.id
     left join crm.customer_pii p on p.customer_id = c.id
     left join lateral (
       select i.external_id from crm.identities i
       where i.customer_id = c.id and i.channel = 'external' order by i.id limit 1) x on true
     order by f.rank desc, c.id desc`,
    [
      filter.q ?? null,
      filter.q === undefined ? [] : spellings(filter.q),
      filter.email === undefined ? null : (normalizeEmail(filter.email)?.value ?? ''),
      filter.phone === undefined ? null : spellings(filter.phone),
      filter.externalId ?? null,
      filter.tag ?? null,
      filter.status ?? null,
      filter.ownerId ?? null,
      page.after?.id ?? null,
      page.after?.rank ?? null,
      page.limit,
    ],
  );
  return rows.map((row) => ({ customer: toCustomer(row), rank: row.rank }));
}

/** How a value may be stored as an identity: as given, as an e-mail, as a phone of the countries we ship to most. */
function spellings(text: string): string[] {
  const phones = [null, 'US', 'CN', 'GB', 'DE'].flatMap((country) => {
    const phone = normalizePhone(text, country);
    return phone?.valid === true ? [phone.value] : [];
  });
  return [...new Set([text.trim(), text.trim().toLowerCase(), ...phones])];
}

/** One customer, whatever its status; null when the id was never one. */
export async function findCustomer(
  db: Queryable,
  id: string,
): Promise<{ customer: Customer; survivorId: string } | null> {
  const { rows } = await db.query<CustomerRow & { survivor_id: string }>(
    `select c.id, c.version, c.status, x.external_id, p.name, p.given_name, p.family_name, p.email, p.phone,
       c.locale, c.timezone, c.birth_month, c.birth_day, c.birth_year, c.birth_calendar, c.birth_leap_month,
       p.addresses, c.tags, c.custom_fields, c.owner_staff_id, c.team, c.tier, c.created_at, c.updated_at,
       crm.survivor(c.id) as survivor_id
     from crm.customers c
     left join crm.customer_pii p on p.customer_id = c.id
     left join lateral (
       select i.external_id from crm.identities i
       where i.customer_id = c.id and i.channel = 'external' order by i.id limit 1) x on true
     where c.id = $1::uuid`,
    [id],
  );
  const row = rows[0];
  return row === undefined ? null : { customer: toCustomer(row), survivorId: row.survivor_id };
}
