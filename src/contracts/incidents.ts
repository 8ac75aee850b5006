import { z } from 'zod';

import { Id, listQuery, pageOf, text, Timestamp } from './common';

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
  })
  .meta({ id: 'Incident' });
export type Incident = z.infer<typeof Incident>;

export const IncidentPage = pageOf(Incident);
export const IncidentQuery = listQuery({
  status: z.enum(INCIDENT_STATUSES).optional(),
  kind: text(50).optional(),
  orderId: Id.optional(),
});
