-- What the runtime role may do. Ledger, events and announcements can be added to, never changed.

grant usage on schema oms to throughline_oms;
grant select, insert, update on all tables in schema oms to throughline_oms;
grant usage, select on all sequences in schema oms to throughline_oms;
revoke update on oms.stock_ledger, oms.order_events, oms.outbox, oms.payment_events,
  oms.tracking_events, oms.order_line_adjustments from throughline_oms;
revoke insert, update on oms.transitions, oms.lane_subscriptions from throughline_oms;
grant delete on oms.intakes, oms.idempotency_keys to throughline_oms;
grant delete on oms.product_prices to throughline_oms;
-- An amend rewrites its lines' shares; what they were stands in oms.order_changes.
grant update (amount_minor) on oms.order_line_adjustments to throughline_oms;
revoke all on all functions in schema oms from public;
grant execute on all functions in schema oms to throughline_oms;
