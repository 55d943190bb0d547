import type { AppError } from '../../contract/errors.ts';
import type { CloudWait } from '../../contract/cloud.ts';
import type { Scheduler } from '../recording/ports.ts';
import { retryDelayMs } from './retry-policy.ts';

/** How often it is tried whether somebody answers at the bucket's address. */
const PROBE_INTERVAL_MS = 5_000;

/** Waits between tries, and the counter of those that got nothing through. */
export type Backoff = {
  /** Resolves when it may be tried again; also when the signal is aborted. */
  wait: (problem: AppError, signal: AbortSignal) => Promise<void>;
  /** Bytes got through: what failed before counts no more. */
  progressed: () => void;
  failures: () => number;
};

export type BackoffPorts = {
  scheduler: Scheduler;
  /** In [0, 1). */
  random: () => number;
  /** Whether somebody answers at the bucket's address; never rejects. */
  reachable: () => Promise<boolean>;
  onWaiting: (wait: Extract<CloudWait, 'offline' | 'busyServer'> | null) => void;
};

/**
 * Makes the waits of one upload. Who could not be reached is looked for by a plain connection meanwhile, so that sending goes on soon
 * after the network is back; a server that said that it is busy is left alone.
 */
export function createBackoff(ports: BackoffPorts): Backoff {
  let failures = 0;

  return {
    wait: async (problem, signal) => {
      failures += 1;
      if (signal.aborted) return;
      const asked = problem.details?.['retryAfterMs'];
      const delayMs = retryDelayMs(failures, ports.random(), typeof asked === 'number' ? asked : 0);
      const isOffline = problem.code === 'CLOUD_UNREACHABLE';
      ports.onWaiting(isOffline ? 'offline' : 'busyServer');
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = (): void => resolve();
      const look = async (): Promise<void> => {
        if (await ports.reachable()) end();
      };
      const undos = [ports.scheduler.after(delayMs, end)];
      if (isOffline) {
        undos.push(ports.scheduler.every(PROBE_INTERVAL_MS, () => void look()));
      }
      signal.addEventListener('abort', end, { once: true });
      await promise;
      signal.removeEventListener('abort', end);
      for (const undo of undos) undo();
      ports.onWaiting(null);
    },
    progressed: () => {
      failures = 0;
    },
    failures: () => failures,
  };
}
