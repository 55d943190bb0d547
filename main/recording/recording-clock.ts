/** The clock of one recording: milliseconds since Record, without the time for which it was paused. */
export type RecordingClock = {
  nowMs: () => number;
  /** Stops it and answers where it stands; the same again while it stands. */
  freeze: () => number;
  /** Lets it go on where it stood; answers for how long it stood, milliseconds. */
  thaw: () => number;
};

/** Starts the clock now. */
export function startRecordingClock(monotonicMs: () => number): RecordingClock {
  let zeroMs = monotonicMs();
  let frozen: { atMs: number; sinceMs: number } | null = null;

  const nowMs = (): number => frozen?.atMs ?? monotonicMs() - zeroMs;

  return {
    nowMs,
    freeze: () => {
      frozen ??= { atMs: nowMs(), sinceMs: monotonicMs() };
      return frozen.atMs;
    },
    thaw: () => {
      if (frozen === null) return 0;
      const pausedMs = monotonicMs() - frozen.sinceMs;
      zeroMs += pausedMs;
      frozen = null;
      return pausedMs;
    },
  };
}
