/** The orders that a corruption may be tried on. */
export const AUDITED_ORDERS = [
  'completed',
  'voided',
  'unpaid',
  'short',
  'atWork',
  'kit',
  'refunded',
] as const;
export type AuditedOrder = (typeof AUDITED_ORDERS)[number];

/** The invariant that breaks, what is wrong, the order that `$1` is, what is done, and what the audit's line must name. */
export type Corruption = readonly [
  id: string,
  what: string,
  order: AuditedOrder | null,
  statements: string,
  names: string,
];
