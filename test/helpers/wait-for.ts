/** Of the project, as its globals say. */
declare const TEST_TIMEOUT_MS: number;

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Waits until `look` gives something, and gives that; fails when the time is over. It looks often at first, and less the
 * longer it takes: each look costs what is waited for a part of the machine.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  // Before the test's own time is over, so that a failure names what did not come.
  timeoutMs = Math.min(30_000, 0.75 * TEST_TIMEOUT_MS),
): Promise<T> {
  const startedAt = Date.now();
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    const waitedMs = Date.now() - startedAt;
    if (waitedMs > timeoutMs) throw new Error(`waited in vain for ${what}`);
    const pauseMs = Math.min(Math.max(waitedMs / 4, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
