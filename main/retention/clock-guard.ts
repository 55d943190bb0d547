/** What is remembered of the clock between looks, also between runs of the app. */
export type ClockMemory = {
  lastSeenWallMs: number;
  /**
   * Time that is believed to have passed since the first start. The bin's days and the notice's hours are counted on it: a clock that
   * was set ten years ahead makes nobody ten years older.
   */
  believedMs: number;
};

/** A step of the wall clock that is larger than this, either way, is not believed (issue 4). */
const MAX_STEP_MS = 48 * 3600 * 1000;

/**
 * What the clock says now against what it said at the last look. `jumped`: it moved by more than anybody is to believe. A step
 * that was not believed counts as the largest one that is, because the app may have been closed for a month.
 */
export function lookAtClock(memory: ClockMemory, nowWallMs: number): { memory: ClockMemory; jumped: boolean } {
  const stepMs = nowWallMs - memory.lastSeenWallMs;
  return {
    memory: {
      lastSeenWallMs: nowWallMs,
      believedMs: memory.believedMs + Math.min(Math.max(stepMs, 0), MAX_STEP_MS),
    },
    jumped: Math.abs(stepMs) > MAX_STEP_MS,
  };
}

/** Whether between two looks of one run the wall clock went another way than the clock that never jumps. */
export function clocksDiffer(step: { wallMs: number; monotonicMs: number }): boolean {
  return Math.abs(step.wallMs - step.monotonicMs) > MAX_STEP_MS;
}
