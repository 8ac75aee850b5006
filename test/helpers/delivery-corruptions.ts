/** What may be wrong with parcels under way: corruptions like the others. */
export const DELIVERY_CORRUPTIONS = [
  [
    'I6',
    'a parcel that is silent and that nobody misses',
    'completed',
    `update oms.shipments set silent_at = now() - interval '1 hour', updated_at = now() - interval '1 hour'
       where order_id = $1`,
    'has not made anything of it',
  ],
  [
    'I6',
    'a parcel that comes back without a return',
    'completed',
    `update oms.shipments set recorded_status = 'return_to_sender' where order_id = $1`,
    'there is no return of it',
  ],
  [
    'I7',
    'a failed attempt that no scan tells of',
    'completed',
    `update oms.shipments set failed_attempts = failed_attempts + 1 where order_id = $1`,
    'failed attempts, its scans say 0',
  ],
] as const;
