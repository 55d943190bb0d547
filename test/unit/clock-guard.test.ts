import { expect, test } from 'vitest';
import { createBinDays } from '../../main/retention/bin-days.ts';
import { clocksDiffer, lookAtClock } from '../../main/retention/clock-guard.ts';
import { createClockWatch } from '../../main/retention/clock-watch.ts';

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 22);

test.each([
  ['an hour on', HOUR, false, HOUR],
  ['48 hours on', 48 * HOUR, false, 48 * HOUR],
  ['a millisecond more', 48 * HOUR + 1, true, 48 * HOUR],
  ['ten years on', 3650 * DAY, true, 48 * HOUR],
  ['a day back', -DAY, false, 0],
  ['a week back', -7 * DAY, true, 0],
])('%s: whether it is a jump, and how much of it is believed', (_name, stepMs, jumped, believedMs) => {
  const seen = lookAtClock({ lastSeenWallMs: START, believedMs: 5 }, START + stepMs);
  expect(seen).toEqual({ jumped, memory: { lastSeenWallMs: START + stepMs, believedMs: 5 + believedMs } });
});

test('the clocks of one run may differ by 48 hours between two looks, as after a sleep, and no more', () => {
  expect(clocksDiffer({ wallMs: 49 * HOUR, monotonicMs: HOUR })).toBe(false);
  expect(clocksDiffer({ wallMs: 49 * HOUR + 1, monotonicMs: HOUR })).toBe(true);
  expect(clocksDiffer({ wallMs: -48 * HOUR, monotonicMs: 1 })).toBe(true);
});

test('a clock that jumped is not believed again before the next start, which begins from where it is then', () => {
  let wallMs = START;
  let monotonicMs = 0;
  const clock = { wallMs: () => wallMs, monotonicMs: () => monotonicMs };
  const watch = createClockWatch(clock);
  watch.begin({ lastSeenWallMs: START - HOUR, believedMs: 0 });
  expect(watch.look()).toBe('yes');
  wallMs += 3650 * DAY;
  monotonicMs += HOUR;
  expect(watch.look()).toBe('jumped');
  wallMs += HOUR;
  monotonicMs += HOUR;
  expect(watch.look()).toBe('jumped');
  const next = createClockWatch(clock);
  next.begin(watch.memory());
  expect(next.trust()).toBe('yes');
  expect(next.believedMs()).toBe(HOUR + 48 * HOUR + HOUR);
});

test('a laptop that sleeps every night is believed', () => {
  let wallMs = START;
  let monotonicMs = 0;
  const watch = createClockWatch({ wallMs: () => wallMs, monotonicMs: () => monotonicMs });
  watch.begin({ lastSeenWallMs: START, believedMs: 0 });
  for (let night = 0; night < 20; night += 1) {
    wallMs += 17 * HOUR;
    monotonicMs += HOUR;
    expect(watch.look()).toBe('yes');
  }
});

test('what lies in the bin has its seven days on the wall clock and in believed time', () => {
  const days = createBinDays();
  const entry = { id: 'x', binnedWallMs: START };
  expect(days.look([entry], 1_000)).toBe(true);
  expect(days.look([entry], 2_000)).toBe(false);
  expect(days.goesAtMs(entry, START + DAY, 1_000 + DAY)).toBe(START + 7 * DAY);
  // Ten years ahead, of which two days are believed.
  expect(days.goesAtMs(entry, START + 3650 * DAY, 1_000 + 3 * DAY)).toBe(START + 3654 * DAY);
  // Set back: it goes when the wall clock says so too.
  expect(days.goesAtMs(entry, START - 100 * DAY, 1_000 + 9 * DAY)).toBe(START + 7 * DAY);
});
