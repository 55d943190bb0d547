import type { MediaClock } from './media-clock.ts';

/** Watches work for standstill. */
export type StallWatch = {
  /** Starts the watch, or starts it anew with another limit. */
  readonly start: (stallMs: number) => void;
  /** Something got on: the limit counts from here. */
  readonly grew: () => void;
  readonly stop: () => void;
};

// A process that waits for nothing but a processor uses this part of the time even on a machine that is overloaded tenfold;
// one that hangs uses none.
const busyPart = 1 / 300;
// 10 ms are one tick of Linux's accounts.
const leastBusyMs = 10;
// What computes for ever without a result is given up all the same.
const patience = 4;

/**
 * Makes a watch: work that shows no growth for `stallMs` counts as stalled, unless its process uses the processor; then it has
 * four times as long. `cpuMs` resolves to null when nobody knows; then growth alone counts.
 */
export function createStallWatch(options: {
  readonly clock: MediaClock;
  readonly cpuMs: () => Promise<number | null>;
  readonly onStalled: (waitedMs: number) => void;
}): StallWatch {
  const { clock } = options;
  let stallMs: number | null = null;
  let sinceMs = 0;
  let lastCpuMs: number | null = null;
  let undo: () => void = () => undefined;
  // A look that was under way when something grew is of no account.
  let round = 0;

  const begin = (): void => {
    undo();
    round += 1;
    if (stallMs === null) return;
    sinceMs = clock.nowMs();
    lastCpuMs = null;
    waitAndLook(stallMs, round);
  };

  const waitAndLook = (limitMs: number, ofRound: number): void => {
    const waitMs = limitMs / 2;
    const askedAtMs = clock.nowMs();
    undo = clock.setTimer(() => {
      // The machine slept, or this process was kept from running: the other one could not get on or not be heard either.
      if (clock.nowMs() - askedAtMs > 2 * waitMs + 1_000) begin();
      else void look(limitMs, waitMs, ofRound);
    }, waitMs);
  };

  const look = async (limitMs: number, waitMs: number, ofRound: number): Promise<void> => {
    const cpuMs = await options.cpuMs();
    if (ofRound !== round) return;
    const isBusy =
      cpuMs !== null && lastCpuMs !== null && cpuMs - lastCpuMs >= Math.max(leastBusyMs, waitMs * busyPart);
    lastCpuMs = cpuMs;
    const waitedMs = clock.nowMs() - sinceMs;
    // Timers may fire a little early.
    const isOver = waitedMs >= limitMs * 0.95;
    if (isOver && (!isBusy || waitedMs >= limitMs * patience * 0.95)) options.onStalled(Math.round(waitedMs));
    else waitAndLook(limitMs, ofRound);
  };

  return {
    start: (limitMs) => {
      stallMs = limitMs;
      begin();
    },
    grew: begin,
    stop: () => {
      stallMs = null;
      begin();
    },
  };
}
