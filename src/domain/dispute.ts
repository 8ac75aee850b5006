export const DISPUTE_STATUSES = [
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'needs_response',
  'under_review',
  'won',
  'lost',
] as const;
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number];

const CLOSED: ReadonlySet<DisputeStatus> = new Set(['warning_closed', 'won', 'lost']);
const RESERVED: ReadonlySet<DisputeStatus> = new Set(['needs_response', 'under_review', 'lost']);

export function isDisputeStatus(text: string): text is DisputeStatus {
  return DISPUTE_STATUSES.some((known) => known === text);
}

export function isClosed(status: DisputeStatus): boolean {
  return CLOSED.has(status);
}

/** What somebody said of a dispute, the provider or we. */
export interface DisputeReport {
  readonly status: DisputeStatus;
  /** When it was said (ISO 8601). */
  readonly at: string;
}

/**
 * Whether a report counts in place of the one that counted so far: the end before what is open, then the later, then
 * the further. A total order, so reports give the same dispute in whatever order and how often they come.
 */
export function supersedes(report: DisputeReport, known: DisputeReport): boolean {
  const byEnd = Number(isClosed(report.status)) - Number(isClosed(known.status));
  if (byEnd !== 0) return byEnd > 0;
  const byTime = Date.parse(report.at) - Date.parse(known.at);
  if (byTime !== 0) return byTime > 0;
  return DISPUTE_STATUSES.indexOf(report.status) > DISPUTE_STATUSES.indexOf(known.status);
}

/** What an order must do for a dispute that has become `status`. */
export interface DisputeEffect {
  /** What happens to the disputed amount: kept from refunds, given free, or left as it is. */
  readonly reserve: 'take' | 'free' | 'keep';
  /** What happens to the hold on goods that were not shipped. */
  readonly hold: 'place' | 'release' | 'keep';
  readonly incident: 'open' | 'resolve' | 'keep';
  /** The order's events; with `dispute_opened` and at the end the lanes hear of it too. */
  readonly events: readonly DisputeEvent[];
}

export type DisputeEvent =
  | 'dispute_opened'
  | 'dispute_escalated'
  | 'dispute_answered'
  | 'dispute_won'
  | 'dispute_closed'
  | 'charge_back';

const END_EVENTS: Partial<Record<DisputeStatus, DisputeEvent>> = {
  won: 'dispute_won',
  lost: 'charge_back',
  warning_closed: 'dispute_closed',
};

/**
 * From what the order has recorded of a dispute (null: nothing) to what it is now. A loss keeps the amount and the
 * hold; a win frees both; a warning reserves nothing.
 */
export function disputeEffect(
  recorded: DisputeStatus | null,
  status: DisputeStatus,
): DisputeEffect {
  const wasReserved = recorded !== null && RESERVED.has(recorded);
  const isReserved = RESERVED.has(status);
  const reserve = isReserved === wasReserved ? 'keep' : isReserved ? 'take' : 'free';
  return {
    reserve,
    hold: reserve === 'take' ? 'place' : reserve === 'free' ? 'release' : 'keep',
    incident: isClosed(status) ? 'resolve' : 'open',
    events: eventsOf(recorded, status),
  };
}

function eventsOf(recorded: DisputeStatus | null, status: DisputeStatus): DisputeEvent[] {
  if (recorded === status) return [];
  const end = END_EVENTS[status];
  if (recorded === null) return ['dispute_opened', ...(end === undefined ? [] : [end])];
  if (end !== undefined) return [end];
  return [status === 'needs_response' ? 'dispute_escalated' : 'dispute_answered'];
}

export const DISPUTE_ACTIONS = ['respond', 'accept'] as const;
export type DisputeAction = (typeof DISPUTE_ACTIONS)[number];

/** What a person may do: answer while an answer is asked for, give up a dispute that is open. */
export function disputeActions(status: DisputeStatus): DisputeAction[] {
  if (status === 'needs_response') return ['respond', 'accept'];
  if (status === 'warning_needs_response') return ['respond'];
  return status === 'under_review' ? ['accept'] : [];
}

/** What the dispute becomes by a person's action. */
export function afterAction(status: DisputeStatus, action: DisputeAction): DisputeStatus {
  if (action === 'accept') return 'lost';
  return status === 'warning_needs_response' ? 'warning_under_review' : 'under_review';
}
