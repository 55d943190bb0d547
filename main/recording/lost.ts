import type { Lost } from '../../contract/recording.ts';
import type { RecordingModel, SegmentModel, TrackModel } from './recording-model.ts';

/** Shorter than this nobody can tell that something is missing; it is also what lining up by clocks is good for. */
const NOTICEABLE_MS = 100;

/** Ends of a segment after which the source went on existing: what lies until the next one was not meant to be missing. */
const unwanted: ReadonlySet<SegmentModel['endReason']> = new Set(['crashed', 'overflow', 'sourceChanged', null]);

/** Says what is missing of a track: holes between its segments that nobody wanted, and what its end came too early by. */
export function lostOf(model: Pick<RecordingModel, 'status' | 'aliveMs' | 'elapsedMs'>, track: TrackModel): Lost {
  const none: Lost = { endMs: 0, gaps: [], totalMs: 0 };
  if (model.status === 'recording' || model.status === 'paused' || model.status === 'stopping') return none;
  const segments = [...track.segments].sort((a, b) => a.index - b.index);
  const gaps: Lost['gaps'] = [];
  let endMs: number | null = null;
  let endReason: SegmentModel['endReason'] = 'stopped';
  /** When a segment without any media was opened behind an end that nobody wanted: until then it is a hole in any case. */
  let holeUntilMs: number | null = null;
  for (const segment of segments) {
    const isEmpty = segment.file === null || segment.state === 'empty' || segment.durationMs <= 0;
    const startMs = isEmpty ? segment.atMs : (segment.file?.offsetMs ?? segment.atMs);
    // A source that gave nothing at first had not begun: only what is missing behind something is a hole.
    const missingMs = endMs === null ? 0 : startMs - endMs;
    if (isEmpty) {
      if (endMs !== null && unwanted.has(endReason)) holeUntilMs = Math.max(endMs, startMs);
    } else {
      const lostMs = unwanted.has(endReason) ? missingMs : Math.max(0, (holeUntilMs ?? 0) - (endMs ?? 0));
      if (endMs !== null && lostMs >= NOTICEABLE_MS) gaps.push({ atMs: endMs, durationMs: lostMs });
      endMs = Math.max(endMs ?? 0, startMs + segment.durationMs);
      holeUntilMs = null;
    }
    endReason = segment.endReason;
  }
  const untilMs = model.elapsedMs ?? model.aliveMs;
  const lastMs = endMs ?? segments[0]?.atMs ?? untilMs;
  const missingAtEndMs = unwanted.has(endReason) && segments.length > 0 ? untilMs - lastMs : 0;
  const lostAtEndMs = missingAtEndMs >= NOTICEABLE_MS ? missingAtEndMs : 0;
  return { endMs: lostAtEndMs, gaps, totalMs: gaps.reduce((sum, gap) => sum + gap.durationMs, lostAtEndMs) };
}
