import type { OrderState } from '../contracts/order-process';

/** The word of API.md section 6 for where the order stands or what it waits for. */
export function stageOf(state: OrderState): string {
  if (state.status === 'completed' || state.status === 'canceled') return state.status;
  if (state.waitCode !== null) return state.waitCode;
  if (state.phase !== 'fulfill' && state.phase !== 'track') return state.phase;
  if ((state.exceptedShipmentIds ?? []).length > 0) return 'delivery_exception';
  if (state.activeHolds > 0 && state.phase === 'fulfill') return 'hold';
  const inWarehouse = state.fulfillments.filter((fulfillment) => !fulfillment.closed);
  if (inWarehouse.length === 0) return 'carrier';
  return inWarehouse.every(({ scheduled }) => scheduled === true) ? 'backorder' : 'warehouse';
}

const WAITS: Readonly<Record<string, string>> = {
  review: 'A person must decide: update `approve` or `reject` with `{ "reasonCode": "…" }`.',
  finance_review: 'Finance must decide: update `approve` or `reject` with `{ "reasonCode": "…" }`.',
  shortage:
    'Stock is short. It goes on by itself when stock arrives; or update `resolveShortage` with `{ "choice": "cancel" }`.',
  substitution: 'The customer was offered something else by mail and has not answered yet.',
  backorder: 'All that is left waits for stock. It goes on by itself when stock arrives.',
  payment:
    'The payment has not succeeded. The customer may try another means through the API until the deadline.',
  void: 'The order is being canceled; the gateway or the carrier has not confirmed yet. It is retried by itself.',
  delivery_exception:
    'A shipment could not be delivered: update `resolveDelivery` with `{ "shipmentId": "…", "action": "wait" | "redeliver" | "resend" | "refund" }`.',
  hold: 'A hold keeps it from the warehouse: update `release` with `{ "holdId": "…" }`.',
  warehouse: 'The warehouse must start, pick, pack and hand over.',
  carrier: 'The carrier has it; a delivery scan goes on by itself.',
};

/** What an operator reads in the Web UI: where the order is, what it waits for, which commands are legal. */
export function describeOrder(state: OrderState, actions: readonly string[]): string {
  const stage = stageOf(state);
  const lines = [
    `**${state.orderNo}** · ${state.channel} · status **${state.status}** · stage **${stage}**`,
    WAITS[stage] ?? 'Running; nothing to do.',
  ];
  if (state.openFindings.length > 0) lines.push(`Findings: ${state.openFindings.join(', ')}`);
  if (state.until !== null) lines.push(`Deadline: ${state.until} (UTC)`);
  if (state.activeHolds > 0) lines.push(`Active holds: ${state.activeHolds}`);
  for (const fulfillment of state.fulfillments) {
    const step = fulfillment.closed
      ? 'handed over'
      : fulfillment.packed
        ? 'packed'
        : 'to be packed';
    lines.push(`- fulfilment order \`${fulfillment.id}\`: ${step}`);
  }
  for (const id of state.exceptedShipmentIds ?? [])
    lines.push(`- shipment \`${id}\`: somebody must decide how it goes on`);
  if (state.owedCaptures.length > 0) lines.push(`Captures owed: ${state.owedCaptures.length}`);
  lines.push(`Legal commands: ${actions.map((action) => `\`${action}\``).join(', ')}`);
  return lines.join('\n\n');
}
