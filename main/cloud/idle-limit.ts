import { abortedProblem, silentProblem } from './cloud-errors.ts';

/** Ends a request on which nothing moves: a slow way is no dead one, so bytes count and not the time in all. */
export type IdleLimit = {
  /** Aborted with an AppError as its reason: ABORTED by the caller, CLOUD_UNREACHABLE by silence. */
  readonly signal: AbortSignal;
  /** A byte moved, in whichever direction; after it, `graceMs` more than the limit may be silent. */
  moved: (graceMs?: number) => void;
  /** Waits for work of our own (a bandwidth cap) that is not the server's silence. */
  hold: <T>(work: Promise<T>) => Promise<T>;
  /** To be called when the request is over, however it ended. */
  end: () => void;
};

/** How long a server may let pass without one byte, ms. */
export const IDLE_LIMIT_MS = 30_000;

/** Watches one request that the caller can abort by `signal`. */
export function watchIdle(signal: AbortSignal, limitMs: number = IDLE_LIMIT_MS): IdleLimit {
  const controller = new AbortController();
  let lastAtMs = performance.now();
  let held = 0;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  const stop = (reason: Error): void => {
    end();
    controller.abort(reason);
  };
  const onAbort = (): void => stop(abortedProblem());
  // One timer that looks again, not one for each piece of bytes.
  const look = (): void => {
    const leftMs = held > 0 ? limitMs : lastAtMs + limitMs - performance.now();
    if (leftMs <= 0) stop(silentProblem(limitMs));
    else timer = setTimeout(look, Math.ceil(leftMs));
  };
  const moved = (graceMs = 0): void => {
    lastAtMs = performance.now() + graceMs;
  };
  const hold = async <T>(work: Promise<T>): Promise<T> => {
    held += 1;
    try {
      return await work;
    } finally {
      held -= 1;
      moved();
    }
  };
  if (signal.aborted) onAbort();
  else {
    signal.addEventListener('abort', onAbort, { once: true });
    look();
  }
  return { signal: controller.signal, moved, hold, end };
}
