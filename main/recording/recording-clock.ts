/** The clock of one recording: milliseconds since Record, without the time for which it was paused. */
export type RecordingClock = {
  /** The time as everybody is told it. */
  nowMs: () => number;
  /** The time for what is being written: it still runs while the last chunks before a pause are on their way. */
  captureMs: () => number;
  /** Pause was asked for: the time that is told stands from here. Answers it. */
  hold: () => number;
  /**
   * Stops it where what was captured ends (the recorders took a moment to hear of the pause), but not before it was held and
   * not after now. Answers where it stands; the same again while it stands.
   */
  freeze: (capturedUntilMs: number) => number;
  /** Lets it go on where it stood; answers for how long it stood, milliseconds. */
  thaw: () => number;
};

/** Starts the clock now. */
export function startRecordingClock(monotonicMs: () => number): RecordingClock {
  let zeroMs = monotonicMs();
  let heldMs: number | null = null;
  let frozenMs: number | null = null;

  const captureMs = (): number => frozenMs ?? monotonicMs() - zeroMs;

  const hold = (): number => {
    heldMs ??= captureMs();
    return heldMs;
  };

  return {
    nowMs: () => frozenMs ?? heldMs ?? captureMs(),
    captureMs,
    hold,
    freeze: (capturedUntilMs) => {
      frozenMs ??= Math.min(captureMs(), Math.max(hold(), capturedUntilMs));
      return frozenMs;
    },
    thaw: () => {
      heldMs = null;
      if (frozenMs === null) return 0;
      const pausedMs = monotonicMs() - zeroMs - frozenMs;
      zeroMs += pausedMs;
      frozenMs = null;
      return pausedMs;
    },
  };
}
