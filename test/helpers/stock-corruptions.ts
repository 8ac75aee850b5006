import type { Corruption } from './corruption';

/** What may be wrong with stock. */
export const STOCK_CORRUPTIONS: readonly Corruption[] = [
  [
    'I1',
    'more gone than ever came in',
    null,
    `alter table oms.inventory_levels drop constraint inventory_levels_not_oversold;
       insert into oms.stock_ledger (sku, location, delta_on_hand, reason, doc_type, doc_id, actor_type, actor_id)
         select sku, location, -on_hand - 5, 'correction', 'adjustment', 'x', 'api_key', 'x' from oms.inventory_levels
         where sku = 'PEN-BRASS' and location = 'BOS';
       update oms.stock_ledger set request_id = 'x' where doc_id = 'x';
       update oms.inventory_levels set on_hand = -5 where sku = 'PEN-BRASS' and location = 'BOS'`,
    'PEN-BRASS at BOS',
  ],
  [
    'I2',
    'a level changed by hand',
    null,
    `update oms.inventory_levels set on_hand = on_hand + 1 where sku = 'MUG-WHITE' and location = 'BOS'`,
    'MUG-WHITE at BOS',
  ],
  [
    'I2',
    'a ledger row that is gone',
    'atWork',
    `delete from oms.stock_ledger where doc_id in (select id::text from oms.reservations where order_id = $1)`,
    'MUG-RED at',
  ],
  [
    'I2',
    'a reservation that nobody released',
    'voided',
    `update oms.reservations set state = 'released' where order_id = (
         select order_id from oms.reservations where order_id <> $1 and state = 'consumed' limit 1)`,
    'reservation',
  ],
  [
    'I2',
    'a counter of a line',
    'atWork',
    `update oms.order_lines set qty_allocated = qty_allocated - 1 where order_id = $1`,
    'atWork',
  ],
  [
    'I2',
    'a kit that is held with too few of a part',
    'kit',
    `update oms.reservations set per_unit = per_unit + 1 where order_id = $1 and not is_lead`,
    'kit',
  ],
  [
    'I2',
    'units that were reported short and are available',
    'kit',
    `update oms.inventory_levels v set unavailable = 0
         where sku in (select sku from oms.reservations where order_id = $1);
       update oms.stock_ledger set delta_unavailable = 0 where reason = 'short'`,
    'reservation',
  ],
  [
    'I2',
    'work that was moved without its stock',
    'atWork',
    `update oms.fulfillment_orders set location = 'LON' where order_id = $1`,
    'elsewhere',
  ],
  [
    'I2',
    'work that asks for more than is held for it',
    'kit',
    `update oms.fulfillment_order_lines l set quantity = quantity + 1 from oms.fulfillment_orders f
         where f.id = l.fulfillment_order_id and f.order_id = $1 and f.status = 'open'`,
    'are held',
  ],
  [
    'I2',
    'a counter of returned units',
    null,
    `update oms.order_lines set qty_returned = qty_returned + 1 where qty_returned > 0`,
    '2 returned, 0 rejected; its returns',
  ],
  [
    'I2',
    'goods that came back without a ledger row',
    null,
    `delete from oms.stock_ledger where doc_type = 'return'`,
    'accepted onto the shelf, its ledger rows say 0',
  ],
];
