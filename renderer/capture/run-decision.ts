/** What a run records: which tracks, and for own devices which device they come from. */
export type RunSources = { audioId: string; videoId: string; deviceKey: string };

export type RunDecision =
  | { kind: 'keep' }
  | { kind: 'start' }
  | { kind: 'end' }
  | { kind: 'restart'; deviceChanged: boolean };

/** What to do with a person's run when what is to be recorded of them is looked at again; null: nothing. */
export function decideRun(current: RunSources | null, wanted: RunSources | null): RunDecision {
  if (wanted === null) return current === null ? { kind: 'keep' } : { kind: 'end' };
  if (current === null) return { kind: 'start' };
  if (current.deviceKey !== wanted.deviceKey) return { kind: 'restart', deviceChanged: true };
  if (current.audioId !== wanted.audioId || current.videoId !== wanted.videoId) {
    return { kind: 'restart', deviceChanged: false };
  }
  return { kind: 'keep' };
}

const FIRST_PAUSE_MS = 0;
const LARGEST_PAUSE_MS = 5_000;
/** A run that lasted this long was a good one: its end is news, not the same trouble again. */
const GOOD_RUN_MS = 10_000;

/** How long to wait before a broken run is followed by another, so that a source that breaks at once costs little. */
export function restartPause(
  brokenRunsInARow: number,
  lastedMs: number,
): { pauseMs: number; brokenRunsInARow: number } {
  const row = lastedMs >= GOOD_RUN_MS ? 0 : brokenRunsInARow;
  const pauseMs = row === 0 ? FIRST_PAUSE_MS : Math.min(LARGEST_PAUSE_MS, 250 * 2 ** Math.min(row - 1, 10));
  return { pauseMs, brokenRunsInARow: row + 1 };
}
