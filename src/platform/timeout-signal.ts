/**
 * `AbortSignal.timeout` that also fires when only an `AbortSignal.any` of it is kept. Node 20 holds the parts of such a
 * signal weakly: a plain timeout among them is collected, and what waited for it hangs for ever. A listener keeps it.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const signal = AbortSignal.timeout(ms);
  signal.addEventListener('abort', () => undefined, { once: true });
  return signal;
}
