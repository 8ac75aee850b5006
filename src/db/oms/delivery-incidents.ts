import type { Queryable } from '../pool';

/** Opens an incident about a shipment; once while it is open. */
export async function openShipmentIncident(
  db: Queryable,
  incident: {
    readonly kind: string;
    readonly orderId: string;
    readonly shipmentId: string;
    readonly detail: string;
  },
): Promise<void> {
  await db.query(
    `insert into oms.incidents (kind, order_id, doc_type, doc_id, detail)
     values ($1::text, $2::uuid, 'shipment', $3::text, $4::text)
     on conflict (kind, doc_type, doc_id) where status = 'open' do nothing`,
    [incident.kind, incident.orderId, incident.shipmentId, incident.detail],
  );
}

/**
 * Closes what is open about a shipment's delivery, but for the kind that still is the case; with what a person wrote who
 * decided, where it was one.
 */
export async function resolveShipmentIncidents(
  db: Queryable,
  shipmentId: string,
  exceptKind: string | null,
  decision: { readonly note: string | null; readonly by: string } | null = null,
): Promise<void> {
  await db.query(
    `update oms.incidents set status = 'resolved', resolved_at = now(), note = $3::text, resolved_by = $4::text
     where doc_type = 'shipment' and doc_id = $1::text and status = 'open' and kind is distinct from $2::text
       and kind in ('delivery_failed', 'shipment_lost', 'delivery_disputed')`,
    [shipmentId, exceptKind, decision?.note ?? null, decision?.by ?? null],
  );
}
