import { z } from 'zod';

import { Id, listQuery, Note, pageOf, text, Timestamp } from './common';

const INCIDENT_STATUSES = ['open', 'resolved'] as const;

export const Incident = z
  .object({
    id: Id,
    kind: z.string(),
    status: z.enum(INCIDENT_STATUSES),
    orderId: Id.nullable(),
    docType: z.string(),
    docId: z.string(),
    detail: z.string(),
    attempts: z.int(),
    openedAt: Timestamp,
    resolvedAt: Timestamp.nullable(),
    note: z.string().nullable(),
    resolvedBy: z.string().nullable(),
  })
  .meta({ id: 'Incident' });
export type Incident = z.infer<typeof Incident>;

export const IncidentAnswer = z.object({ incident: Incident });
export const RetryIncidentBody = z.strictObject({ note: Note }).meta({ id: 'RetryIncidentBody' });
export const ResolveIncidentBody = z
  .strictObject({ note: Note, to: z.enum(['store_credit']).optional() })
  .meta({ id: 'ResolveIncidentBody' });
export type ResolveIncidentBody = z.infer<typeof ResolveIncidentBody>;

export const IncidentPage = pageOf(Incident);
export const IncidentQuery = listQuery({
  status: z.enum(INCIDENT_STATUSES).optional(),
  kind: text(50).optional(),
  orderId: Id.optional(),
});
