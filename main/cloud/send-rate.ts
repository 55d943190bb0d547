/** How much of the past a rate tells of. */
const WINDOW_MS = 10_000;

/** Before so much time has passed a rate would only jump. */
const KNOWN_AFTER_MS = 1_000;

const STEP_MS = 250;

/** Bytes a second over the last ten seconds. */
export type SendRate = {
  add: (bytes: number, nowMs: number) => void;
  /** Null while it is not known yet. */
  bytesPerSecond: (nowMs: number) => number | null;
};

/** Makes a rate that begins now. */
export function createSendRate(startMs: number): SendRate {
  let steps: { atMs: number; bytes: number }[] = [];
  return {
    add: (bytes, nowMs) => {
      const last = steps.at(-1);
      if (last !== undefined && nowMs - last.atMs < STEP_MS) last.bytes += bytes;
      else steps.push({ atMs: nowMs, bytes });
    },
    bytesPerSecond: (nowMs) => {
      const elapsedMs = nowMs - startMs;
      if (elapsedMs < KNOWN_AFTER_MS) return null;
      steps = steps.filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
      const bytes = steps.reduce((sum, step) => sum + step.bytes, 0);
      return (bytes * 1_000) / Math.min(WINDOW_MS, elapsedMs);
    },
  };
}
