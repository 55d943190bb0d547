import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { recordingIdSchema, trackIdSchema } from '../../contract/ids.ts';
import { createChunkSender, failureOf } from '../../renderer/capture/chunk-sender.ts';
import type { RequestInput } from '../../contract/requests.ts';
import type { LaneTrouble } from '../../renderer/capture/chunk-sender.ts';

const address = {
  recordingId: recordingIdSchema.parse('00000000-0000-0000-0000-000000000001'),
  trackId: trackIdSchema.parse('00000000-0000-0000-0000-000000000002'),
  segment: 0,
};

/** Main as the sender sees it: takes a lane's chunks in order only, and can be told to fail. */
function fakeMain() {
  const taken: number[] = [];
  const faults: AppError[] = [];
  return {
    taken,
    faults,
    append: async (chunk: RequestInput<'recording.append'>): Promise<void> => {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      if (chunk.seq > taken.length) {
        throw new AppError('CHUNK_GAP', 'a chunk is missing', {
          retryable: true,
          details: { expectedSeq: taken.length },
        });
      }
      if (chunk.seq === taken.length) taken.push(...chunk.bytes);
    },
  };
}

function senderTo(
  main: { append: (chunk: RequestInput<'recording.append'>) => Promise<void> },
  maxQueuedBytes?: number,
) {
  return createChunkSender({
    append: main.append,
    nowMs: () => performance.now(),
    ...(maxQueuedBytes === undefined ? {} : { maxQueuedBytes }),
  });
}

/** Longer than anything here takes. */
const LIMIT_MS = 60_000;
const blob = (value: number): Blob => new Blob([Uint8Array.of(value)]);

describe('the chunk sender', () => {
  it('brings every chunk in order, also those that came before main said where they belong', async () => {
    const main = fakeMain();
    const sender = senderTo(main);
    const lane = sender.openLane('audio', () => undefined);
    for (let value = 0; value < 5; value += 1) lane.push(blob(value), value);
    lane.setAddress(address);
    for (let value = 5; value < 30; value += 1) lane.push(blob(value), value);
    await lane.drained(LIMIT_MS);
    expect(main.taken).toEqual(Array.from({ length: 30 }, (_, index) => index));
    sender.close();
  });

  it('loses nothing when main fails in the middle of a row of chunks', async () => {
    const main = fakeMain();
    main.faults.push(new AppError('DISK_FAILED', 'the disk was busy', { retryable: true }));
    const sender = senderTo(main);
    const lane = sender.openLane('video', () => undefined);
    lane.setAddress(address);
    for (let value = 0; value < 12; value += 1) lane.push(blob(value), value);
    await lane.drained(LIMIT_MS);
    expect(main.taken).toEqual(Array.from({ length: 12 }, (_, index) => index));
    sender.close();
  });

  it('gives a lane up when main says that its segment is closed, and waits for nothing more', async () => {
    const main = fakeMain();
    main.faults.push(new AppError('SEGMENT_CLOSED', 'the segment is closed'));
    const troubles: LaneTrouble[] = [];
    const sender = senderTo(main);
    const lane = sender.openLane('video', (trouble) => troubles.push(trouble));
    lane.setAddress(address);
    lane.push(blob(0), 0);
    await lane.drained(LIMIT_MS);
    expect(troubles).toEqual(['refused']);
    expect(sender.queuedBytes()).toBe(0);
    sender.close();
  });

  it('stops a lane at the first chunk that finds no room, so that what was kept has no hole', async () => {
    const main = fakeMain();
    const troubles: LaneTrouble[] = [];
    const sender = senderTo(main, 2);
    const lane = sender.openLane('av', (trouble) => troubles.push(trouble));
    for (let value = 0; value < 5; value += 1) lane.push(blob(value), value);
    await expect.poll(() => troubles).toEqual(['overflow']);
    lane.setAddress(address);
    await lane.drained(LIMIT_MS);
    lane.push(blob(9), 9);
    await lane.drained(LIMIT_MS);
    expect(main.taken).toEqual([0, 1]);
    sender.close();
  });

  it('waits for its last chunks as long as one after the other is acknowledged, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const answers: (() => void)[] = [];
    const sender = senderTo({ append: () => new Promise<void>((answer) => answers.push(answer)) });
    const lane = sender.openLane('video', () => undefined);
    lane.setAddress(address);
    for (let value = 0; value < 4; value += 1) lane.push(blob(value), value);
    while (answers.length < 4) await nextTurn();
    let isOver = false;
    const drained = lane.drained(1_000).then(() => (isOver = true));
    await nextTurn();
    for (const answer of answers.slice(0, 3)) {
      vi.advanceTimersByTime(900);
      answer();
      await nextTurn();
    }
    vi.advanceTimersByTime(999);
    await nextTurn();
    expect(isOver).toBe(false);
    // The fourth is never answered.
    vi.advanceTimersByTime(1);
    await drained;
    sender.close();
  });
});

describe('what a refusal of main means', () => {
  it('is told from its code', () => {
    const gap = new AppError('CHUNK_GAP', 'x', { retryable: true, details: { expectedSeq: 4 } });
    expect(failureOf(gap)).toEqual({ kind: 'gap', expectedSeq: 4 });
    expect(failureOf(new AppError('CHUNK_GAP', 'x'))).toEqual({ kind: 'fatal' });
    expect(failureOf(new AppError('CHUNK_CORRUPT', 'x'))).toEqual({ kind: 'retry' });
    expect(failureOf(new AppError('DISK_FULL', 'x', { retryable: true }))).toEqual({ kind: 'retry' });
    expect(failureOf(new AppError('TRACK_UNKNOWN', 'x'))).toEqual({ kind: 'fatal' });
  });
});
