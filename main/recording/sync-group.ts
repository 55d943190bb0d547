import { SYNC_INTERVAL_MS } from './limits.ts';
import type { Scheduler } from './ports.ts';

/** Something with bytes that were written and are not yet on the disk. */
export type Syncable = {
  /** Makes what was written so far durable; resolves at once when there is nothing new. */
  sync: () => Promise<void>;
};

/** One timer for all open files of a recording: data first, then the journal that speaks of it. */
export type SyncGroup = {
  add: (member: Syncable) => () => void;
  /** Makes everything durable now; calls during a run share the next one. */
  syncNow: () => Promise<void>;
  stop: () => void;
};

export type SyncGroupOptions = {
  scheduler: Scheduler;
  /** Called after each run with data: journals what became durable, then syncs the journal. */
  afterData: () => Promise<void>;
  /** A member's failure is its own affair and comes here; the others go on. */
  onError: (error: unknown) => void;
};

/** Starts the group timer. */
export function createSyncGroup(options: SyncGroupOptions): SyncGroup {
  const members = new Set<Syncable>();
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const run = async (): Promise<void> => {
    // Side by side: one slow file must not hold up the rest.
    const outcomes = await Promise.allSettled([...members].map((member) => member.sync()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') options.onError(outcome.reason);
    try {
      await options.afterData();
    } catch (error) {
      options.onError(error);
    }
  };

  const start = (): Promise<void> => {
    const work = run().finally(() => {
      running = null;
    });
    running = work;
    return work;
  };

  const syncNow = (): Promise<void> => {
    if (running === null) return start();
    // What was written after the run began is not covered by it, so whoever asks now waits for one more.
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  };

  const undo = options.scheduler.every(SYNC_INTERVAL_MS, () => {
    // A disk that hangs must not gather a queue of runs.
    if (running === null) void start();
  });

  return {
    add: (member) => {
      members.add(member);
      return () => {
        members.delete(member);
      };
    },
    syncNow,
    stop: undo,
  };
}
