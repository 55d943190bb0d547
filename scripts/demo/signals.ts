const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal sends its signal to us and to the command that passes it on: what follows this closely is the same wish. */
const SAME_WISH_MS = 1_000;

/**
 * Takes the signals of this process: the first asks for an end in order, a later one ends at once. Playwright, which starts the
 * apps, brings listeners that kill them; these are taken off again.
 */
export function takeSignals(): AbortSignal {
  const interrupted = new AbortController();
  let firstAtMs: number | null = null;
  const onSignal = (): void => {
    const nowMs = performance.now();
    firstAtMs ??= nowMs;
    if (nowMs - firstAtMs < SAME_WISH_MS) interrupted.abort();
    // Playwright kills the apps on our exit.
    else process.exit(130);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('newListener', (event, listener) => {
    const isSignal = SIGNALS.some((signal) => signal === event);
    // The listener comes on right after this.
    if (isSignal && listener !== onSignal) {
      queueMicrotask(() => process.off(String(event), listener as (...values: unknown[]) => void));
    }
  });
  return interrupted.signal;
}
