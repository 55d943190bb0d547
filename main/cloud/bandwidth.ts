import { AppError } from '../../contract/errors.ts';
import type { Clock, Scheduler } from '../recording/ports.ts';
import type { Throttle } from './cloud-target.ts';

/** What may go at once after a silence, as a share of a second. */
const BURST_SECONDS = 0.1;

/** A token bucket: `bytes` may go now; below zero is what went too early. */
export type Tokens = { bytes: number; atMs: number };

/** The bucket after some time at this rate. */
export function refill(tokens: Tokens, bytesPerSecond: number, nowMs: number): Tokens {
  const earned = (Math.max(0, nowMs - tokens.atMs) / 1_000) * bytesPerSecond;
  return { bytes: Math.min(bytesPerSecond * BURST_SECONDS, tokens.bytes + earned), atMs: nowMs };
}

/**
 * Lets a piece go when there is anything in the bucket, whatever its size: what it takes too much, the next one waits for. Null, or how
 * long to wait.
 */
export function waitForTokensMs(tokens: Tokens, bytesPerSecond: number): number | null {
  return tokens.bytes > 0 ? null : Math.ceil(((1 - tokens.bytes) / bytesPerSecond) * 1_000);
}

/** Holds uploads to a rate that may change at any time. */
export type Bandwidth = {
  throttle: Throttle;
  /** Called when the rate was changed: who waits for a slow one goes on at the new one. */
  changed: () => void;
};

type Waiter = { bytes: number; go: () => void };

/** Makes a bandwidth limit; a rate of zero is no limit. */
export function createBandwidth(ports: {
  clock: Pick<Clock, 'monotonicMs'>;
  scheduler: Pick<Scheduler, 'after'>;
  bytesPerSecond: () => number;
}): Bandwidth {
  const { clock, scheduler } = ports;
  let tokens: Tokens = { bytes: 0, atMs: clock.monotonicMs() };
  /** In order of coming: two parts share the rate fairly. */
  let waiting: Waiter[] = [];
  let undoTimer = (): void => undefined;

  const pump = (): void => {
    undoTimer();
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const bytesPerSecond = ports.bytesPerSecond();
      if (bytesPerSecond > 0) {
        tokens = refill(tokens, bytesPerSecond, clock.monotonicMs());
        const waitMs = waitForTokensMs(tokens, bytesPerSecond);
        if (waitMs !== null) {
          undoTimer = scheduler.after(waitMs, pump);
          return;
        }
        tokens = { ...tokens, bytes: tokens.bytes - first.bytes };
      }
      waiting.shift();
      first.go();
    }
  };

  return {
    throttle: (bytes, signal) => {
      if (signal.aborted) return Promise.reject(new AppError('ABORTED', 'Stopped.'));
      if (ports.bytesPerSecond() === 0 && waiting.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          waiting = waiting.filter((each) => each !== waiter);
          reject(new AppError('ABORTED', 'Stopped.'));
          pump();
        };
        const waiter: Waiter = {
          bytes,
          go: () => {
            signal.removeEventListener('abort', stop);
            resolve();
          },
        };
        signal.addEventListener('abort', stop, { once: true });
        waiting.push(waiter);
        pump();
      });
    },
    changed: pump,
  };
}
