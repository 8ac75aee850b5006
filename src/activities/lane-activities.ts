import type { CrmSyncActivities } from './crm-sync-activities';
import type { DisputeActivities } from './dispute-activities';
import type { DocumentActivities } from './document-activities';
import type { ManifestActivities } from './manifest-activities';
import type { MessageActivities } from './message-activities';
import type { WakeActivities } from './wake-activities';
import type { WebhookActivities } from './webhook-activities';

/** The long activities behind the lanes. */
export type LaneActivities = CrmSyncActivities &
  DisputeActivities &
  DocumentActivities &
  ManifestActivities &
  MessageActivities &
  WakeActivities &
  WebhookActivities;
