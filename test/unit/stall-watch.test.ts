import { expect, test } from 'vitest';
import { createStallWatch } from '../../main/media/stall-watch.ts';

/** A watch of 10 s over a time that moves only when told, and a process whose processor time is what the test says. */
function watchOf(cpuMs: (atMs: number) => number | null) {
  let nowMs = 0;
  let timer: { atMs: number; run: () => void } | null = null;
  const stalledAfterMs: number[] = [];
  const watch = createStallWatch({
    clock: {
      nowMs: () => nowMs,
      setTimer: (run, delayMs) => {
        const own = { atMs: nowMs + delayMs, run };
        timer = own;
        return () => {
          if (timer === own) timer = null;
        };
      },
    },
    cpuMs: async () => cpuMs(nowMs),
    onStalled: (waitedMs) => stalledAfterMs.push(waitedMs),
  });
  return {
    watch,
    stalledAfterMs,
    /** Lets each timer fire so much later than it is due. */
    runUntil: async (untilMs: number, lateMs = 0) => {
      while (timer !== null && timer.atMs <= untilMs) {
        nowMs = timer.atMs + lateMs;
        const { run } = timer;
        timer = null;
        run();
        await new Promise(setImmediate);
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

test('work that shows no growth and computes nothing is stalled at the limit', async () => {
  const { watch, stalledAfterMs, runUntil } = watchOf(() => 500);
  watch.start(10_000);
  await runUntil(9_999);
  expect(stalledAfterMs).toEqual([]);
  await runUntil(60_000);
  expect(stalledAfterMs).toEqual([10_000]);
});

test('growth alone counts where nobody knows the processor time', async () => {
  const { watch, stalledAfterMs, runUntil } = watchOf(() => null);
  watch.start(10_000);
  await runUntil(8_000);
  watch.grew();
  await runUntil(17_999);
  expect(stalledAfterMs).toEqual([]);
  await runUntil(18_000);
  expect(stalledAfterMs).toEqual([10_000]);
});

test('work that computes a little now and then has four times as long', async () => {
  const { watch, stalledAfterMs, runUntil } = watchOf((atMs) => atMs / 250);
  watch.start(10_000);
  await runUntil(39_999);
  expect(stalledAfterMs).toEqual([]);
  await runUntil(40_000);
  expect(stalledAfterMs).toEqual([40_000]);
});

test('work that stops computing is stalled half a limit later', async () => {
  const { watch, stalledAfterMs, runUntil } = watchOf((atMs) => Math.min(atMs, 12_000));
  watch.start(10_000);
  await runUntil(60_000);
  expect(stalledAfterMs).toEqual([20_000]);
});

test('a timer that comes far too late tells of a machine that slept, not of work that stood still', async () => {
  const { watch, stalledAfterMs, runUntil } = watchOf(() => 500);
  watch.start(10_000);
  await runUntil(5_000, 3_600_000);
  await runUntil(3_609_000);
  expect(stalledAfterMs).toEqual([]);
  await runUntil(3_616_000);
  expect(stalledAfterMs).toHaveLength(1);
});

test('a watch that was stopped says nothing, even when it was just looking', async () => {
  let stop = (): void => undefined;
  const { watch, stalledAfterMs, runUntil } = watchOf((atMs) => {
    if (atMs >= 10_000) stop();
    return null;
  });
  stop = () => watch.stop();
  watch.start(10_000);
  await runUntil(100_000);
  expect(stalledAfterMs).toEqual([]);
});
