/** What is told to webhook endpoints, by the component that it is about. `oms.webhook_types` is the database's copy. */
const TYPES = {
  order: ['placed', 'confirmed', 'amended', 'canceled', 'completed'],
  payment: ['authorized', 'captured', 'voided'],
  fulfillment: ['handed_over'],
  shipment: ['updated', 'delivered', 'exception'],
  return: [
    'requested',
    'approved',
    'declined',
    'received',
    'inspected',
    'closed',
    'canceled',
    'expired',
  ],
  refund: ['created', 'succeeded', 'failed', 'reversed'],
  invoice: ['issued'],
  credit_note: ['issued'],
  dispute: ['opened', 'closed'],
  incident: ['opened'],
} as const;

type Component = keyof typeof TYPES;

/** The document that an event's data holds, by component. */
const DOCUMENTS = {
  order: 'order',
  payment: 'payment',
  fulfillment: 'fulfillmentOrder',
  shipment: 'shipment',
  return: 'return',
  refund: 'refund',
  invoice: 'invoice',
  credit_note: 'creditNote',
  dispute: 'dispute',
  incident: 'incident',
} as const satisfies Readonly<Record<Component, string>>;

export type WebhookDocument = (typeof DOCUMENTS)[Component];

/** Every type that an endpoint can be told of: `order.placed` … */
export const WEBHOOK_TYPES: readonly string[] = Object.entries(TYPES).flatMap(
  ([component, names]) => names.map((name) => `${component}.${name}`),
);

/** True for `*`, for a type, and for all of a component: `refund.*`. */
export function isEventPattern(pattern: string): boolean {
  if (pattern === '*' || WEBHOOK_TYPES.includes(pattern)) return true;
  return pattern.endsWith('.*') && Object.hasOwn(TYPES, pattern.slice(0, -2));
}

/** The name under which an event's data holds its document; null for a type that is not told outside. */
export function documentOf(type: string): WebhookDocument | null {
  const [component = ''] = type.split('.');
  return isComponent(component) ? DOCUMENTS[component] : null;
}

function isComponent(name: string): name is Component {
  return Object.hasOwn(DOCUMENTS, name);
}
