import type { RecordingModel } from './recording-model.ts';

/** The journal hears of each second: a file that was written longer after that was written by somebody else. */
const MAX_AHEAD_MS = 10_000;

/**
 * The last sign of life of a recording without an end, on its clock, from the time of its last write; null when that says no more
 * than the journal does.
 */
export function aliveMsOf(
  model: Pick<RecordingModel, 'startedAt' | 'aliveMs' | 'pausedMs' | 'pausedAtMs' | 'elapsedMs'>,
  lastWriteWallMs: number | null,
): number | null {
  // Stopped or paused, its clock did not go on.
  if (lastWriteWallMs === null || model.elapsedMs !== null || model.pausedAtMs !== null) return null;
  const atMs = lastWriteWallMs - Date.parse(model.startedAt) - model.pausedMs;
  return atMs > model.aliveMs && atMs <= model.aliveMs + MAX_AHEAD_MS ? atMs : null;
}
