/** The facts behind an order's `waitingFor`; times are ISO 8601. */
export interface WaitFacts {
  readonly stage: string;
  readonly waitCode: string | null;
  readonly waitDetail: string | null;
  readonly waitSince: string | null;
  readonly waitUntil: string | null;
  readonly exceptions: { readonly since: string | null; readonly kinds: readonly string[] };
  readonly hold: { readonly since: string | null; readonly types: readonly string[] };
  readonly work: {
    readonly since: string | null;
    readonly locations: readonly (string | null)[];
    readonly handedOverAt: string | null;
  };
}

export type WaitCode =
  | 'review'
  | 'finance_review'
  | 'shortage'
  | 'backorder'
  | 'substitution'
  | 'payment'
  | 'void'
  | 'delivery_exception'
  | 'hold'
  | 'warehouse'
  | 'carrier'
  | 'engine';

export interface Waiting {
  readonly code: WaitCode;
  /** A sentence for people. */
  readonly detail: string;
  readonly since: string | null;
  readonly until: string | null;
}

const ORDER_WAITS: Readonly<Record<string, { code: WaitCode; detail: string } | undefined>> = {
  review: { code: 'review', detail: 'A person must approve or reject the order.' },
  finance_review: { code: 'finance_review', detail: 'Finance must approve or reject the order.' },
  shortage: { code: 'shortage', detail: 'Stock is short: it waits for new stock or for a choice.' },
  substitution: {
    code: 'substitution',
    detail: 'The customer was offered a substitute: it waits for the answer.',
  },
  payment: {
    code: 'payment',
    detail: 'The payment has not succeeded yet: another means may be tried.',
  },
  void: {
    code: 'void',
    detail: 'The cancel waits until gateway and carrier have given back what they hold.',
  },
};

const EXCEPTIONS: Readonly<Record<string, string>> = {
  delivery_failed: 'could not be delivered',
  lost: 'is lost',
  delivery_disputed: 'is said not to have arrived',
};

/**
 * What an order waits for: an order-level wait first, then a shipment that a person must decide on, then a hold, then the warehouse while something is not handed
 * over, else the carrier. Null when it runs or is over.
 */
export function toWaitingFor(facts: WaitFacts): Waiting | null {
  const until = facts.waitUntil;
  const wait = facts.waitCode === null ? undefined : ORDER_WAITS[facts.waitCode];
  if (wait !== undefined)
    return {
      code: wait.code,
      detail: facts.waitDetail ?? wait.detail,
      since: facts.waitSince,
      until,
    };
  switch (facts.stage) {
    case 'delivery_exception': {
      const kinds = facts.exceptions.kinds.map((kind) => EXCEPTIONS[kind] ?? kind).join(', ');
      const detail = `A shipment ${kinds}: somebody must decide how it goes on.`;
      return { code: 'delivery_exception', detail, since: facts.exceptions.since, until };
    }
    case 'hold': {
      const types = facts.hold.types.join(', ');
      return {
        code: 'hold',
        detail: `A hold must be released: ${types}.`,
        since: facts.hold.since,
        until,
      };
    }
    case 'backorder': {
      const detail = 'All that is left waits for stock, and is sent when it comes.';
      return { code: 'backorder', detail, since: facts.work.since, until };
    }
    case 'warehouse': {
      const places = facts.work.locations.filter((place) => place !== null).join(', ');
      const detail = `The warehouse (${places}) must start, pick, pack or hand over.`;
      return { code: 'warehouse', detail, since: facts.work.since, until };
    }
    case 'carrier': {
      const detail = 'The carrier has it: a delivery scan is awaited.';
      return { code: 'carrier', detail, since: facts.work.handedOverAt, until };
    }
    default:
      return null;
  }
}

type ReturnWaitCode = 'return_approval' | 'return_goods' | 'inspection' | 'refund';

const RETURN_WAITS: Readonly<Record<ReturnWaitCode, string>> = {
  return_approval: 'A person must approve or decline the return.',
  return_goods: 'The goods are awaited.',
  inspection: 'The goods must be inspected.',
  refund: 'The refund has not ended yet.',
};

/** What a return waits for; null when it runs or is over. */
export function toReturnWait(wait: {
  readonly code: ReturnWaitCode | null;
  readonly since: string | null;
  readonly until: string | null;
}) {
  const { code, since, until } = wait;
  return code === null ? null : { code, detail: RETURN_WAITS[code], since, until };
}
