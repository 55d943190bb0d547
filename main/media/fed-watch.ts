/**
 * Whether a program that is being fed still gets on. Only time in which it is fed counts: while a recording is paused nothing
 * comes, and nothing can be expected.
 */
export type FedWatch = {
  /** What the last report of the program said; another text is growth. */
  readonly mark: string;
  readonly lastFedMs: number | null;
  /** Time of being fed since it last grew. */
  readonly fedMs: number;
};

/** The watch before anything happened. */
export const freshFedWatch: FedWatch = { mark: '', lastFedMs: null, fedMs: 0 };

// Chunks come four times a second; a longer silence is a pause.
const longestGapMs = 2_000;

/** Bytes were handed over. */
export function fed(watch: FedWatch, nowMs: number): FedWatch {
  const gapMs = watch.lastFedMs === null ? 0 : Math.min(longestGapMs, Math.max(0, nowMs - watch.lastFedMs));
  return { ...watch, lastFedMs: nowMs, fedMs: watch.fedMs + gapMs };
}

/** The program reported how far it is. */
export function reported(watch: FedWatch, mark: string): FedWatch {
  return mark === watch.mark ? watch : { ...watch, mark, fedMs: 0 };
}
