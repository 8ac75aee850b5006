/** The name of the constraint that a statement broke; null for any other error. */
function brokenConstraint(err: unknown): string | null {
  if (!(err instanceof Error) || !('constraint' in err)) return null;
  return typeof err.constraint === 'string' ? err.constraint : null;
}

/** True when a change would promise stock that is not there. */
export function isOversold(err: unknown): boolean {
  return brokenConstraint(err) === 'inventory_levels_not_oversold';
}
