import { DomainError } from '../../domain/errors';

/** Callers are promised 10 s, sending included. */
const REQUEST_LIMIT_MS = 9500;

/**
 * Answers in time: what takes longer is 503 to the caller while `work` runs on to its end (its own statements
 * are bounded too). `onLate` hears of an error that nobody waits for any more.
 */
export async function withinLimit<T>(
  work: Promise<T>,
  onLate: (err: unknown) => void,
  limitMs = REQUEST_LIMIT_MS,
): Promise<T> {
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new DomainError('store_unavailable', 'The answer took too long. Try again.'));
    }, limitMs);
  });
  work.catch((err: unknown) => {
    if (isLate) onLate(err);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
