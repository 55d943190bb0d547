import { expect, test } from 'vitest';
import { laneStartMs, SAME_START_MS } from '../../main/recording/lane-clock.ts';

const facts = { segmentAtMs: 1_000, lastBlockTimeMs: 233, frameDurationMs: 33 };

test('recorders that had frames at once start with the segment, whatever the event was delayed by', () => {
  for (const delayMs of [0, 20, 80, SAME_START_MS]) {
    expect(laneStartMs({ ...facts, chunkAtMs: 1_000 + 266 + delayMs })).toBe(1_000);
  }
});

test('a lane whose first frame came late starts where its first chunk says', () => {
  expect(laneStartMs({ ...facts, chunkAtMs: 1_000 + 266 + 1_400 })).toBe(2_400);
});

test('a lane never starts before its recorder', () => {
  expect(laneStartMs({ ...facts, chunkAtMs: 1_000 + 266 - 600 })).toBe(1_000);
});
