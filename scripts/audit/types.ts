import type { Client } from '@temporalio/client';

import type { Queryable } from '../../src/db/pool';
import type { HistoryFacts } from './history-facts';

export interface AuditDeps {
  readonly oms: Queryable;
  readonly crm: Queryable;
  /** Left out: there is no sandbox, and what needs its books is not checked. */
  readonly sandboxUrl?: string;
  /** Left out: the engine is not asked, and what needs its histories is not checked. */
  readonly temporal?: Client;
  /** Only workflows on task queues with this prefix are ours; default: those without one. */
  readonly taskQueuePrefix?: string;
  /** Called with each line as it is known. */
  readonly report?: (line: string) => void;
  /** How long lanes may take to drain before the checks begin; default 20 s. */
  readonly drainMs?: number;
  /** A breach counts when it is still there after this time; default 2 s. */
  readonly recheckMs?: number;
  /** For several audits of what stands still: read once for all of them. */
  readonly outside?: Outside;
}

/** What one check saw. */
export interface Checked {
  readonly rows: number;
  /** One sentence each: which row, and what differs. */
  readonly breaches: readonly string[];
}

/** A part of an invariant. */
export interface Check {
  readonly needs: readonly ('sandbox' | 'temporal')[];
  /** False for what does not go away by itself, and is dear to look at again. */
  readonly isRechecked: boolean;
  readonly run: (audit: AuditRun) => Promise<Checked>;
}

export interface Invariant {
  readonly id: string;
  readonly title: string;
  readonly checks: readonly Check[];
}

export interface WalkedRun extends HistoryFacts {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  readonly startedAt: Date;
  /** Kinds of personal data in it. */
  readonly personal: readonly string[];
}

export interface Walk {
  /** The latest run of each workflow, by workflow id. */
  readonly latest: ReadonlyMap<string, WalkedRun>;
  readonly runs: readonly WalkedRun[];
}

/** What is not in the stores, fetched when it is first asked for. */
export interface Outside {
  readonly books: () => Promise<SandboxBooks>;
  /** Every history that the engine keeps of us. */
  readonly walk: () => Promise<Walk>;
}

/** One pass over everything; what is fetched from outside is fetched once. */
export interface AuditRun extends Outside {
  readonly deps: AuditDeps;
  /** Progress of a long part. */
  readonly progress: (line: string) => void;
}

export interface GatewayBookEntry {
  readonly id: string;
  readonly intentId: string;
  readonly kind: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reference: string;
  readonly idempotencyKey: string;
}

export interface CarrierBookShipment {
  readonly trackingNo: string;
  readonly kind: string;
  readonly reference: string;
  readonly idempotencyKey: string;
  readonly handedOverAt: string | null;
  readonly voidedAt: string | null;
}

export interface BookedMail {
  readonly id: string;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface BookedWebhook {
  readonly id: string;
  readonly lane: string;
  readonly path: string;
  readonly status: string;
}

export interface SandboxBooks {
  readonly gateway: readonly GatewayBookEntry[];
  readonly shipments: readonly CarrierBookShipment[];
  readonly mails: readonly BookedMail[];
  readonly webhooks: readonly BookedWebhook[];
}
