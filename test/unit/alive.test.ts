import { expect, test } from 'vitest';
import { aliveMsOf } from '../../main/recording/alive.ts';

const startedAt = '2026-11-22T18:00:00.000Z';
const startedMs = Date.parse(startedAt);
const running = { startedAt, aliveMs: 60_000, pausedMs: 0, pausedAtMs: null, elapsedMs: null };

test('the last write to a file is a sign of life, on the clock that did not run while it was paused', () => {
  expect(aliveMsOf(running, startedMs + 60_750)).toBe(60_750);
  expect(aliveMsOf({ ...running, pausedMs: 20_000 }, startedMs + 80_750)).toBe(60_750);
});

test('a write that is older than what the journal knows, or far behind it, says nothing', () => {
  expect(aliveMsOf(running, startedMs + 59_000)).toBeNull();
  expect(aliveMsOf(running, startedMs + 70_000)).toBe(70_000);
  expect(aliveMsOf(running, startedMs + 70_001)).toBeNull();
  expect(aliveMsOf(running, null)).toBeNull();
});

test('a recording that stood still or was stopped did not live longer', () => {
  expect(aliveMsOf({ ...running, pausedAtMs: 60_000 }, startedMs + 60_750)).toBeNull();
  expect(aliveMsOf({ ...running, elapsedMs: 60_100 }, startedMs + 60_750)).toBeNull();
});
