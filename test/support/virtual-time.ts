import type { Clock, Scheduler } from '../../main/recording/ports.ts';

/** A clock and timers that move only when a test says so. */
export type VirtualTime = {
  clock: Clock;
  scheduler: Scheduler;
  nowMs: () => number;
  /** Runs every timer that is due up to then, in order. */
  advanceTo: (atMs: number) => void;
  advance: (byMs: number) => void;
  /** Sets the wall clock ahead, or back, as a person or a time server may; the other clock does not move. */
  jumpWall: (byMs: number) => void;
};

/** Makes a time that stands still. */
export function createVirtualTime(): VirtualTime {
  let nowMs = 5_000;
  let wallAheadMs = 0;
  const timers = new Set<{ atMs: number; everyMs: number | null; run: () => void }>();

  const add = (delayMs: number, everyMs: number | null, run: () => void): (() => void) => {
    const timer = { atMs: nowMs + delayMs, everyMs, run };
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  };

  const advanceTo = (atMs: number): void => {
    for (;;) {
      const due = [...timers].filter((timer) => timer.atMs <= atMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      nowMs = Math.max(nowMs, due.atMs);
      if (due.everyMs === null) timers.delete(due);
      else due.atMs += due.everyMs;
      due.run();
    }
    nowMs = Math.max(nowMs, atMs);
  };

  return {
    clock: { monotonicMs: () => nowMs, wallMs: () => Date.UTC(2026, 10, 22, 12) + nowMs + wallAheadMs },
    scheduler: {
      every: (intervalMs, run) => add(intervalMs, intervalMs, run),
      after: (delayMs, run) => add(delayMs, null, run),
    },
    nowMs: () => nowMs,
    advanceTo,
    advance: (byMs) => advanceTo(nowMs + byMs),
    jumpWall: (byMs) => {
      wallAheadMs += byMs;
    },
  };
}
