import { expect, test } from 'vitest';
import { startRecordingClock } from '../../main/recording/recording-clock.ts';

function startedClock() {
  let monotonicMs = 5_000;
  const clock = startRecordingClock(() => monotonicMs);
  return {
    clock,
    wait: (forMs: number) => {
      monotonicMs += forMs;
    },
  };
}

test('it counts from its start, stands while frozen and goes on where it stood', () => {
  const { clock, wait } = startedClock();
  wait(1_200);
  expect(clock.nowMs()).toBe(1_200);
  expect(clock.freeze(1_200)).toBe(1_200);
  wait(60_000);
  expect(clock.freeze(60_000)).toBe(1_200);
  expect(clock.nowMs()).toBe(1_200);
  expect(clock.captureMs()).toBe(1_200);
  expect(clock.thaw()).toBe(60_000);
  wait(300);
  expect(clock.nowMs()).toBe(1_500);
  expect(clock.captureMs()).toBe(1_500);
  expect(clock.thaw()).toBe(0);
});

test('while the last chunks are on their way the time that is told stands, and the time of writing runs', () => {
  const { clock, wait } = startedClock();
  wait(1_000);
  expect(clock.hold()).toBe(1_000);
  wait(400);
  expect(clock.hold()).toBe(1_000);
  expect(clock.nowMs()).toBe(1_000);
  expect(clock.captureMs()).toBe(1_400);
});

test.each([
  ['a moment after the pause was asked for: there', 1_050, 1_050],
  ['before it, because nothing came any more: where it was asked for', 300, 1_000],
  ['later than now, which cannot be: now', 9_000, 1_400],
])('it stands where what was captured ends: %s', (_, capturedUntilMs, standsAtMs) => {
  const { clock, wait } = startedClock();
  wait(1_000);
  clock.hold();
  wait(400);
  expect(clock.freeze(capturedUntilMs)).toBe(standsAtMs);
  wait(2_000);
  // The wait for the last chunks belongs to the pause, not to the recording.
  expect(clock.thaw()).toBe(3_400 - standsAtMs);
  wait(10);
  expect(clock.nowMs()).toBe(standsAtMs + 10);
});
