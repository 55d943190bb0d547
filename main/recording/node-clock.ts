import { randomUUID } from 'node:crypto';
import type { Clock, Ids, Scheduler } from './ports.ts';

/** The clocks of this machine. */
export const nodeClock: Clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/** Ids of this machine's random source. */
export const nodeIds: Ids = { next: () => randomUUID() };

/** The timers of this process; they do not keep it alive. */
export const nodeScheduler: Scheduler = {
  every: (intervalMs, run) => {
    const timer = setInterval(run, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  },
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
