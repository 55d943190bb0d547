import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRunSequence } from '../../renderer/capture/run-sequence.ts';
import type { RunSequence } from '../../renderer/capture/run-sequence.ts';
import type { SegmentEndReason } from '../../contract/recording.ts';

type Begun = {
  mayOpen: boolean;
  endedBy: SegmentEndReason | null;
  /** What main does once the last bytes are on the disk. */
  close: () => void;
  break: (reason: SegmentEndReason) => void;
};

let nowMs: number;
let begun: Begun[];
let runs: RunSequence;

/** A run whose segment is closed when the test says so. */
function begin(): void {
  runs.start((lastIsClosed, onBroken) => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const run: Begun = { mayOpen: false, endedBy: null, close, break: onBroken };
    begun.push(run);
    void lastIsClosed.then(() => (run.mayOpen = true));
    return {
      end: (reason) => {
        run.endedBy ??= reason;
        return closed;
      },
      expect: () => undefined,
    };
  });
}

/** Lets promises settle, then time go by. */
async function pass(ms: number): Promise<void> {
  await nextTurn();
  nowMs += ms;
  vi.advanceTimersByTime(ms);
  await nextTurn();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  nowMs = 0;
  begun = [];
  runs = createRunSequence(() => nowMs, begin);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the runs of one source', () => {
  it('follow each other at once, but the next segment is opened only when the last is closed', async () => {
    begin();
    await pass(0);
    expect(begun[0]?.mayOpen).toBe(true);
    runs.endRun('deviceChanged');
    begin();
    await pass(1_000);
    expect(begun).toHaveLength(2);
    expect(begun[0]?.endedBy).toBe('deviceChanged');
    expect(begun[1]?.mayOpen).toBe(false);
    begun[0]?.close();
    await pass(0);
    expect(begun[1]?.mayOpen).toBe(true);
  });

  it('are followed by another after a pause that grows while they break at once', async () => {
    begin();
    begun[0]?.break('sourceChanged');
    expect(runs.isPausing()).toBe(true);
    begin();
    expect(begun).toHaveLength(1);
    await pass(0);
    expect(begun).toHaveLength(2);
    expect(runs.isPausing()).toBe(false);
    begun[1]?.break('sourceChanged');
    await pass(249);
    expect(begun).toHaveLength(2);
    await pass(1);
    expect(begun).toHaveLength(3);
  });

  it('wait for the disk after an overflow', async () => {
    begin();
    begun[0]?.break('overflow');
    await pass(60_000);
    expect(begun).toHaveLength(1);
    begun[0]?.close();
    await pass(0);
    expect(begun).toHaveLength(2);
  });

  it('do not listen to one that was ended before', async () => {
    begin();
    runs.endRun('deviceChanged');
    begin();
    begun[0]?.break('sourceChanged');
    await pass(60_000);
    expect(begun).toHaveLength(2);
    expect(begun[1]?.endedBy).toBeNull();
  });

  it('end for good when all segments are closed, and a pause under way leads to nothing more', async () => {
    begin();
    begun[0]?.break('sourceChanged');
    let isOver = false;
    const over = runs.end('stopped').then(() => (isOver = true));
    await pass(60_000);
    expect([isOver, begun.length, runs.current()]).toEqual([false, 1, null]);
    begun[0]?.close();
    await over;
    begin();
    expect(begun).toHaveLength(1);
  });
});
