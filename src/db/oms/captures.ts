import type { Queryable } from '../pool';
import { recordingWith, runRecording, SYSTEM } from './record-change';

const REFUSED = recordingWith(
  `refused as (
    update oms.captures set failure_code = $12::text where id = $11::uuid and status = 'owed' and failure_code is null
    returning id
  ), incident as (
    insert into oms.incidents (kind, order_id, doc_type, doc_id, detail, attempts)
    select 'capture_failed', $1::uuid, 'capture', $11::text, 'the gateway refuses the capture: ' || $12::text, 1
    on conflict (kind, doc_type, doc_id) where status = 'open' do update set attempts = oms.incidents.attempts + 1
  ),`,
  { events: `(select case when exists (select from refused) then $5::jsonb else '[]' end)` },
);

/** Opens an incident for a capture that the gateway refuses: the goods have left, a person must get the money. */
export async function noteCaptureRefused(
  tx: Queryable,
  orderId: string,
  refusal: { readonly captureId: string; readonly code: string },
): Promise<void> {
  const event = { type: 'capture_failed', data: { code: refusal.code } };
  const own = [refusal.captureId, refusal.code];
  await runRecording(tx, REFUSED, { orderId, actor: SYSTEM, events: [event] }, own);
}
