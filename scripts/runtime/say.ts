/** Writes one line for the person at the terminal. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The time of day with its zone: `15:04:05 GMT+8`. */
export function clockTime(at: Date = new Date()): string {
  return at.toLocaleTimeString('en-GB', { timeZoneName: 'short' });
}

/** An error's message, for a line. */
export function messageOf(err: unknown): string {
  if (err instanceof AggregateError) return err.errors.map(messageOf).join('; ');
  return err instanceof Error ? err.message : String(err);
}

/** The code of a system error (`EEXIST`), or ''. Not by `instanceof`: Jest has classes of its own. */
export function codeOf(err: unknown): string {
  return typeof err === 'object' && err !== null && 'code' in err ? String(err.code) : '';
}
