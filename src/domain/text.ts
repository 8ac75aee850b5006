const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * True for text that every part of the system can store and send: no NUL (PostgreSQL refuses it) and
 * no lone surrogate (it has no UTF-8 form).
 */
export function isCleanText(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text);
}
