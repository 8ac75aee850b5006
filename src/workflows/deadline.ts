import { condition } from '@temporalio/workflow';

/** Waits until `isOver`; false when the deadline (ISO, null: none) passed first. */
export async function untilDeadline(
  until: string | null,
  isOver: () => boolean,
  summary: string,
): Promise<boolean> {
  if (isOver()) return true;
  if (until === null) {
    await condition(isOver);
    return true;
  }
  const leftMs = Date.parse(until) - Date.now();
  // One that is past already may be so by this clock alone: look again, but not in a spin.
  return condition(isOver, leftMs > 0 ? leftMs : 1000, { summary });
}
