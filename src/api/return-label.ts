import { isLabelAwaited } from '../db/oms/return-labels';

import type { ApiDeps } from './deps';

const WAIT_MS = 3000;
const LOOK_EVERY_MS = 100;

/** Waits a moment for the label that an approval asked for; a carrier that is away holds nobody up. */
export async function untilLabeled({ oms }: Pick<ApiDeps, 'oms'>, returnId: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline && (await isLabelAwaited(oms, returnId)))
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
