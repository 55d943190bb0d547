import { describe, expect, test } from 'vitest';
import { earlierStartMs, laneStartMs, REFINE_FOR_MS, SOUND_REALLY_LATE_MS } from '../../main/recording/lane-clock.ts';

// All numbers are of real recordings (Electron 42, 250 ms timeslice): times after start(), and where the source really was.
const segmentAtMs = 1_000;

describe('a received picture whose start was told', () => {
  test.each([
    { begun: 7, truth: 7 },
    { begun: 8, truth: 8 },
    { begun: 16, truth: 16 },
    { begun: 80, truth: 80 },
    { begun: 81, truth: 80 },
    { begun: 5_031, truth: 5_031 },
  ])('$begun ms after start() is placed within 10 ms of the truth', ({ begun, truth }) => {
    const start = laneStartMs({
      lane: 'video',
      segmentAtMs,
      begunAtMs: segmentAtMs + begun,
      chunkAtMs: segmentAtMs + begun + 290,
      lastBlockTimeMs: 233,
    });
    expect(Math.abs(start - segmentAtMs - truth)).toBeLessThanOrEqual(10);
  });
});

describe('a received picture whose start was not told', () => {
  // z: first chunk's time minus the time of its last picture.
  test.each([
    { z: 32, truth: 8 },
    { z: 38, truth: 8 },
    { z: 31, truth: 8 },
    { z: 116, truth: 80 },
    { z: 5_078, truth: 5_031 },
  ])('with a first chunk $z ms after its last picture is placed within 20 ms of the truth', ({ z, truth }) => {
    const start = laneStartMs({
      lane: 'video',
      segmentAtMs,
      begunAtMs: null,
      chunkAtMs: segmentAtMs + z + 233,
      lastBlockTimeMs: 233,
    });
    expect(Math.abs(start - segmentAtMs - truth)).toBeLessThanOrEqual(20);
  });
});

describe('sound', () => {
  test.each([112, 117, 120, 200, 419])(
    'with a first chunk %i ms after its last packet begins with its recorder',
    (z) => {
      const facts = { lane: 'audio' as const, segmentAtMs, chunkAtMs: segmentAtMs + z + 180, lastBlockTimeMs: 180 };
      expect(laneStartMs({ ...facts, begunAtMs: null })).toBe(segmentAtMs);
      expect(laneStartMs({ ...facts, begunAtMs: segmentAtMs + 60 })).toBe(segmentAtMs);
    },
  );

  test('that really began late lies late', () => {
    const late = SOUND_REALLY_LATE_MS + 1;
    const facts = { lane: 'audio' as const, segmentAtMs, chunkAtMs: segmentAtMs + 9_000, lastBlockTimeMs: 180 };
    expect(laneStartMs({ ...facts, begunAtMs: segmentAtMs + 60 + late })).toBe(segmentAtMs + late);
    expect(laneStartMs({ ...facts, begunAtMs: null })).toBe(segmentAtMs + 9_000 - 180 - 120);
  });
});

test('nothing begins before its recorder', () => {
  for (const lane of ['audio', 'video', 'av'] as const) {
    const facts = { lane, segmentAtMs, chunkAtMs: segmentAtMs + 20, lastBlockTimeMs: 233 };
    expect(laneStartMs({ ...facts, begunAtMs: null })).toBe(segmentAtMs);
    expect(laneStartMs({ ...facts, begunAtMs: segmentAtMs + 1 })).toBe(segmentAtMs);
  }
});

test('the mix begins with its recorder', () => {
  const facts = { lane: 'av' as const, segmentAtMs, chunkAtMs: segmentAtMs + 900, lastBlockTimeMs: 233 };
  expect(laneStartMs({ ...facts, begunAtMs: segmentAtMs + 90 })).toBe(segmentAtMs);
});

test('a picture lies where the earlier of its two signs puts it, because a busy window only makes them late', () => {
  const facts = { lane: 'video' as const, segmentAtMs, chunkAtMs: segmentAtMs + 290, lastBlockTimeMs: 230 };
  // The chunk says 27 ms after the start; the event was told 140 ms late.
  expect(laneStartMs({ ...facts, begunAtMs: segmentAtMs + 172 })).toBe(segmentAtMs + 27);
  // The chunk was told late, the event was not.
  expect(laneStartMs({ ...facts, chunkAtMs: segmentAtMs + 400, begunAtMs: segmentAtMs + 32 })).toBe(segmentAtMs + 27);
});

test('a picture whose key frame was slow on its way is moved to where its later frames put it, for a while and never for noise', () => {
  const facts = { lane: 'video' as const, segmentAtMs };
  const chunk = (lastBlockTimeMs: number, lagMs: number) => ({
    ...facts,
    lastBlockTimeMs,
    chunkAtMs: segmentAtMs + lastBlockTimeMs + 33 + lagMs,
  });
  const believedMs = segmentAtMs + 130;
  expect(earlierStartMs(believedMs, chunk(500, 20))).toBe(segmentAtMs + 20);
  expect(earlierStartMs(believedMs, chunk(500, -90))).toBe(segmentAtMs);
  expect(earlierStartMs(believedMs, chunk(500, 100))).toBeNull();
  expect(earlierStartMs(believedMs, chunk(500, 400))).toBeNull();
  expect(earlierStartMs(believedMs, chunk(REFINE_FOR_MS + 1, 20))).toBeNull();
  expect(earlierStartMs(believedMs, { ...chunk(500, 20), lane: 'audio' })).toBeNull();
});
