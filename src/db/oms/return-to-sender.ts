import type { Queryable } from '../pool';

/**
 * Opens the return by which a shipment comes back to its sender: all its units, on their way to where they came from,
 * with the wake that starts `return/{id}`. A shipment has one; null: it has it already.
 */
export async function insertReturnToSender(
  tx: Queryable,
  shipmentId: string,
): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `with made as (
       insert into oms.returns (order_id, kind, status, requested_by, of_shipment_id, location, wait_code, wait_since,
         wait_until, approved_at)
       select s.order_id, 'return_to_sender', 'in_transit', 'staff', s.id, f.location, 'return_goods', now(),
         now() + (select (p.value #>> '{}')::interval from oms.policies p
           where p.key = 'returnReceiveDeadline' and jsonb_typeof(p.value) = 'string'), now()
       from oms.shipments s join oms.fulfillment_orders f on f.id = s.fulfillment_order_id where s.id = $1::uuid
       on conflict (of_shipment_id) do nothing
       returning id, workflow_id
     ), lines as (
       insert into oms.return_lines (return_id, order_line_id, sku, quantity, reason, reception)
       select m.id, i.order_line_id, l.sku, i.quantity, 'other', 'in_transit'
       from made m, oms.shipment_items i join oms.order_lines l on l.id = i.order_line_id
       where i.shipment_id = $1::uuid
     ), wake as (
       insert into oms.wakes (workflow_id, kind, ref) select workflow_id, 'requested', id::text from made
     )
     select id from made`,
    [shipmentId],
  );
  const [made] = rows;
  if (made === undefined) return null;
  await tx.query(
    'select oms.count_returns(s.order_id) from oms.shipments s where s.id = $1::uuid',
    [shipmentId],
  );
  return made.id;
}
