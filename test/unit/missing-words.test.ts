import { describe, expect, it } from 'vitest';
import { trackIdSchema } from '../../contract/ids.ts';
import type { Lost, Track, TrackSource } from '../../contract/recording.ts';
import { aftermathOf, missingLengthWords, missingOf } from '../../renderer/library/missing-words.ts';

const track = (participantName: string, source: TrackSource, lost: Partial<Lost>): Track => ({
  id: trackIdSchema.parse('00000000-0000-4000-8000-000000000001'),
  participantId: null,
  participantName,
  source,
  segments: [],
  lost: { endMs: 0, gaps: [], totalMs: 0, ...lost },
});

describe('how much is missing', () => {
  it('is said in tenths while it is short, and is never nothing', () => {
    expect(missingLengthWords(431)).toBe('0.4 s');
    expect(missingLengthWords(20)).toBe('0.1 s');
    expect(missingLengthWords(9_949)).toBe('9.9 s');
    expect(missingLengthWords(9_950)).toBe('10 s');
    expect(missingLengthWords(75_000)).toBe('1 min 15 s');
  });
});

describe('what is missing of a track', () => {
  it('is said with its place, the largest part first', () => {
    const gaps = [
      { atMs: 10_000, durationMs: 300 },
      { atMs: 194_000, durationMs: 1_200 },
    ];
    expect(missingOf(track('Ben', 'screen', { endMs: 400, gaps })).map(({ words }) => words)).toEqual([
      "1.2 s missing at 03:14 of Ben's screen",
      "0.4 s missing at the end of Ben's screen",
      "0.3 s missing at 00:10 of Ben's screen",
    ]);
  });
});

describe('what is told of a finished recording', () => {
  it('is nothing when all is well', () => {
    expect(aftermathOf({ tracks: [track('Ben', 'camera', {})], notes: [] })).toBeNull();
  });

  it('begins with the largest loss of all tracks; notes come behind it', () => {
    const tracks = [
      track('', 'mix', { endMs: 200, totalMs: 200 }),
      track('Ben', 'camera', { endMs: 400, totalMs: 400 }),
    ];
    expect(aftermathOf({ tracks, notes: ['It was interrupted.'] })).toEqual({
      line: "0.4 s missing at the end of Ben's camera",
      rest: ['0.2 s missing at the end of everybody together', 'It was interrupted.'],
    });
  });

  it('is the note when nothing is missing', () => {
    expect(aftermathOf({ tracks: [], notes: ['The disk was nearly full.'] })).toEqual({
      line: 'The disk was nearly full.',
      rest: [],
    });
  });
});
