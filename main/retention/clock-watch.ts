import type { Clock } from '../recording/ports.ts';
import { clocksDiffer, lookAtClock } from './clock-guard.ts';
import type { ClockMemory } from './clock-guard.ts';

/** Whether the clock of this run is to be believed. `firstRun`: nothing is remembered that it could be compared with. */
export type ClockTrust = 'yes' | 'firstRun' | 'jumped';

/** Watches the wall clock of one run of the app. */
export type ClockWatch = {
  /** Compares it with what the last run remembers; null when nothing is remembered. */
  begin: (memory: ClockMemory | null) => void;
  /** Looks again; what was not believed once is not believed for the rest of the run. */
  look: () => ClockTrust;
  trust: () => ClockTrust;
  memory: () => ClockMemory;
  /** Believed time until now. */
  believedMs: () => number;
};

/** Makes a watch over the clocks of this machine. */
export function createClockWatch(clock: Clock): ClockWatch {
  let memory: ClockMemory = { lastSeenWallMs: clock.wallMs(), believedMs: 0 };
  let trust: ClockTrust = 'firstRun';
  let last = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };

  return {
    begin: (remembered) => {
      if (remembered === null) return;
      const seen = lookAtClock(remembered, clock.wallMs());
      memory = seen.memory;
      trust = seen.jumped ? 'jumped' : 'yes';
    },
    look: () => {
      const now = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
      // From look to look: a laptop that sleeps each night stops the second clock for a few hours each time.
      const step = { wallMs: now.wallMs - last.wallMs, monotonicMs: now.monotonicMs - last.monotonicMs };
      if (clocksDiffer(step)) trust = 'jumped';
      last = now;
      memory = lookAtClock(memory, now.wallMs).memory;
      return trust;
    },
    trust: () => trust,
    memory: () => memory,
    believedMs: () => lookAtClock(memory, clock.wallMs()).memory.believedMs,
  };
}
