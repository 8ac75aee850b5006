/**
 * Whether this is a time zone of the IANA database by one of its names: `Asia/Kolkata` as well as `Asia/Calcutta`, which
 * `Intl.supportedValuesOf` alone lists. An offset is no zone.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
