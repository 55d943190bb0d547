import { describe, expect, it } from 'vitest';
import { trackIdSchema } from '../../contract/ids.ts';
import { lostOf } from '../../main/recording/lost.ts';
import type { RecordingModel, SegmentModel, TrackModel } from '../../main/recording/recording-model.ts';

const segment = (index: number, offsetMs: number, durationMs: number, endReason: SegmentModel['endReason']) => ({
  index,
  lanes: ['audio' as const],
  atMs: offsetMs,
  file: { path: `segments/a-${index}.mkv`, container: 'mkv' as const, offsetMs },
  audioCodec: 'A_OPUS',
  videoCodec: null,
  durationMs,
  sizeBytes: 1,
  state: 'finished' as const,
  endReason,
});

const track = (...segments: SegmentModel[]): TrackModel => ({
  id: trackIdSchema.parse('00000000-0000-4000-8000-000000000001'),
  participantId: null,
  participantName: 'Ada',
  source: 'camera',
  stem: 'a',
  segments,
});

type Facts = Pick<RecordingModel, 'status' | 'aliveMs' | 'elapsedMs'>;
const cut: Facts = { status: 'completed', aliveMs: 10_000, elapsedMs: null };
const stopped: Facts = { status: 'completed', aliveMs: 9_000, elapsedMs: 10_000 };

describe('what is missing of a track', () => {
  it('is nothing when it was stopped', () => {
    expect(lostOf(stopped, track(segment(0, 0, 9_800, 'stopped')))).toEqual({ endMs: 0, gaps: [], totalMs: 0 });
  });

  it('is what lies between its last frame and the last sign of life after a crash', () => {
    expect(lostOf(cut, track(segment(0, 0, 9_400, 'crashed')))).toEqual({ endMs: 600, gaps: [], totalMs: 600 });
  });

  it('is a hole behind a window that crashed, on the clock of the recording', () => {
    const lost = lostOf(stopped, track(segment(0, 0, 4_000, 'crashed'), segment(1, 5_500, 4_400, 'stopped')));
    expect(lost).toEqual({ endMs: 0, gaps: [{ atMs: 4_000, durationMs: 1_500 }], totalMs: 1_500 });
  });

  it('is not what nobody wanted recorded: a pause, a person who left and came back', () => {
    const paused = lostOf(stopped, track(segment(0, 0, 4_000, 'paused'), segment(1, 4_300, 5_700, 'stopped')));
    const left = lostOf(stopped, track(segment(0, 0, 2_000, 'left'), segment(1, 8_000, 1_900, 'stopped')));
    expect([paused.totalMs, left.totalMs]).toEqual([0, 0]);
  });

  it('counts a segment without any media into the hole', () => {
    const empty = { ...segment(1, 4_200, 0, 'crashed'), file: null, state: 'empty' as const };
    const lost = lostOf(stopped, track(segment(0, 0, 4_000, 'crashed'), empty, segment(2, 6_000, 3_900, 'stopped')));
    expect(lost.gaps).toEqual([{ atMs: 4_000, durationMs: 2_000 }]);
  });

  it('is a hole until the segment without any media that somebody then ended on purpose', () => {
    const empty = { ...segment(1, 5_200, 0, 'left'), file: null, state: 'empty' as const };
    const lost = lostOf(stopped, track(segment(0, 0, 4_000, 'crashed'), empty, segment(2, 9_000, 900, 'stopped')));
    expect(lost.gaps).toEqual([{ atMs: 4_000, durationMs: 1_200 }]);
  });

  it('is not spoken of while it is being recorded', () => {
    const running: Facts = { status: 'recording', aliveMs: 10_000, elapsedMs: null };
    expect(lostOf(running, track(segment(0, 0, 4_000, null))).totalMs).toBe(0);
  });
});
