import { expect, it } from 'vitest';
import { startRecordingClock } from '../../main/recording/recording-clock.ts';

it('counts from its start, stands while frozen and goes on where it stood', () => {
  let monotonicMs = 5_000;
  const clock = startRecordingClock(() => monotonicMs);
  monotonicMs += 1_200;
  expect(clock.nowMs()).toBe(1_200);
  expect(clock.freeze()).toBe(1_200);
  monotonicMs += 60_000;
  expect(clock.freeze()).toBe(1_200);
  expect(clock.nowMs()).toBe(1_200);
  expect(clock.thaw()).toBe(60_000);
  monotonicMs += 300;
  expect(clock.nowMs()).toBe(1_500);
  expect(clock.thaw()).toBe(0);
});
