import type { PutLocation } from '../../contracts/catalogue';
import type { Queryable } from '../pool';

export interface LocationRow {
  readonly code: string;
  readonly name: string;
  readonly address: Record<string, unknown>;
  readonly priority: number;
  readonly capacityPerDay: number | null;
  readonly timeZone: string;
  readonly cutOff: string | null;
  readonly active: boolean;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The creation time as the list's cursor keeps it: to the microsecond, in UTC. */
  readonly createdKey: string;
}

/** Is there such a location, and in use? */
export async function hasLocation(db: Queryable, code: string): Promise<boolean> {
  const { rows } = await db.query(`select from oms.locations where code = $1::text and active`, [
    code,
  ]);
  return rows.length > 0;
}

/** Writes a location as a whole; its name defaults to its code. May run any number of times. */
export async function putLocation(
  db: Queryable,
  code: string,
  location: PutLocation,
): Promise<void> {
  await db.query(
    `insert into oms.locations as l (code, name, address, priority, capacity_per_day, time_zone, cut_off, active)
     values ($1::text, $2::text, $3::jsonb, $4::integer, $5::integer, $6::text, $7::time, $8::boolean)
     on conflict (code) do update set name = excluded.name, address = excluded.address,
       priority = excluded.priority, capacity_per_day = excluded.capacity_per_day, time_zone = excluded.time_zone,
       cut_off = excluded.cut_off, active = excluded.active, version = l.version + 1, updated_at = now()`,
    [
      code,
      location.name ?? code,
      JSON.stringify(location.address ?? {}),
      location.priority,
      location.capacityPerDay,
      location.timeZone,
      location.cutOff,
      location.active,
    ],
  );
}

export interface LocationFilter {
  readonly limit: number;
  readonly after: { readonly at: string; readonly key: string } | null;
  readonly code: string | null;
  readonly active: boolean | null;
}

export async function findLocation(db: Queryable, code: string): Promise<LocationRow | null> {
  const rows = await listLocations(db, { limit: 1, after: null, code, active: null });
  return rows[0] ?? null;
}

/** Newest first, then by code from the end. */
export async function listLocations(db: Queryable, filter: LocationFilter): Promise<LocationRow[]> {
  const { rows } = await db.query<LocationRow>(
    `select code, name, address, priority, capacity_per_day as "capacityPerDay", time_zone as "timeZone",
       to_char(cut_off, 'HH24:MI') as "cutOff", active, version, created_at as "createdAt",
       updated_at as "updatedAt",
       to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "createdKey"
     from oms.locations
     where ($2::timestamptz is null or (created_at, code) < ($2::timestamptz, $3::text))
       and ($4::text is null or code = $4::text)
       and ($5::boolean is null or active = $5::boolean)
     order by created_at desc, code desc
     limit $1::integer`,
    [filter.limit, filter.after?.at ?? null, filter.after?.key ?? null, filter.code, filter.active],
  );
  return rows;
}
