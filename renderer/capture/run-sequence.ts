import { restartPause } from './run-decision.ts';
import type { SegmentEndReason } from '../../contract/recording.ts';
import type { SegmentRun } from './segment-run.ts';

/** The runs of one source, one after the other, with a pause where one broke. */
export type RunSequence = {
  /** The run that goes on now; null between runs. */
  current(): SegmentRun | null;
  /** A run has broken and its follower waits: nothing else is to be started. */
  isPausing(): boolean;
  /** Starts the next run. */
  start(begin: RunStarter): void;
  /** Ends the run that goes on; its last bytes find their way to the disk meanwhile. */
  endRun(reason: SegmentEndReason): void;
  /** Ends it all; resolves when every run is closed. */
  end(reason: SegmentEndReason): Promise<void>;
};

/**
 * Begins a run. Its segment must not be opened before `lastIsClosed`: main takes a source's next segment for the end of the
 * one before, and would refuse what its recorders gave last.
 */
export type RunStarter = (lastIsClosed: Promise<void>, onBroken: (reason: SegmentEndReason) => void) => SegmentRun;

/** Makes the sequence of one source; `resume` is called when a broken run may be followed by another. */
export function createRunSequence(clockMs: () => number, resume: () => void): RunSequence {
  let run: { segment: SegmentRun; startedAtMs: number } | null = null;
  let brokenRunsInARow = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let pausing = false;
  let ended = false;
  /** Ends that are still on their way to the disk. */
  const ending = new Set<Promise<void>>();

  async function allClosed(): Promise<void> {
    await Promise.allSettled(ending);
  }

  function endRun(reason: SegmentEndReason): void {
    if (run === null) return;
    const end = run.segment.end(reason);
    run = null;
    ending.add(end);
    void end.then(() => ending.delete(end));
  }

  function broken(startedAtMs: number, reason: SegmentEndReason): void {
    const decided = restartPause(brokenRunsInARow, clockMs() - startedAtMs);
    brokenRunsInARow = decided.brokenRunsInARow;
    endRun(reason);
    if (ended) return;
    pausing = true;
    void resumeAfter(decided.pauseMs, reason === 'overflow');
  }

  async function resumeAfter(pauseMs: number, overflown: boolean): Promise<void> {
    // The disk first has to take what waits: a new run would only overflow again.
    if (overflown) await allClosed();
    if (ended) return;
    pause = setTimeout(() => {
      pausing = false;
      resume();
    }, pauseMs);
  }

  return {
    current: () => run?.segment ?? null,
    isPausing: () => pausing,
    start(begin) {
      if (ended || pausing || run !== null) return;
      const startedAtMs = clockMs();
      const segment = begin(allClosed(), (reason) => {
        if (run?.segment === segment) broken(startedAtMs, reason);
      });
      run = { segment, startedAtMs };
    },
    endRun,
    async end(reason) {
      ended = true;
      clearTimeout(pause);
      endRun(reason);
      await allClosed();
    },
  };
}
