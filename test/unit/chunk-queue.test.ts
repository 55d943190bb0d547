import { describe, expect, it } from 'vitest';
import { ChunkQueue, LANE_CREDITS, MAX_QUEUED_BYTES } from '../../renderer/capture/chunk-queue.ts';

const chunk = (sizeBytes = 10) => ({ crc32: 0, atMs: 0, bytes: new Uint8Array(sizeBytes) });

function laneWith(queue: ChunkQueue, count: number): number {
  const lane = queue.openLane();
  queue.release(lane);
  for (let index = 0; index < count; index += 1) queue.add(lane, chunk());
  return lane;
}

const seqs = (ready: ReturnType<ChunkQueue['takeReady']>): number[] => ready.map((sending) => sending.chunk.seq);

describe('the queue of chunks', () => {
  it('numbers each lane from 0 and sends in order', () => {
    const queue = new ChunkQueue();
    const first = laneWith(queue, 2);
    const second = laneWith(queue, 1);
    const ready = queue.takeReady(0);
    expect(ready.map((sending) => [sending.laneId, sending.chunk.seq])).toEqual([
      [first, 0],
      [first, 1],
      [second, 0],
    ]);
    expect(queue.takeReady(0)).toEqual([]);
  });

  it('sends nothing of a lane before main has said where it belongs', () => {
    const queue = new ChunkQueue();
    const lane = queue.openLane();
    queue.add(lane, chunk());
    expect(queue.takeReady(0)).toEqual([]);
    queue.release(lane);
    expect(seqs(queue.takeReady(0))).toEqual([0]);
  });

  it('has at most its credits on the way, and one more for each acknowledgement', () => {
    const queue = new ChunkQueue();
    const lane = laneWith(queue, LANE_CREDITS + 2);
    expect(queue.takeReady(0)).toHaveLength(LANE_CREDITS);
    queue.acknowledged(lane, 0);
    expect(seqs(queue.takeReady(0))).toEqual([LANE_CREDITS]);
  });

  it('takes an acknowledgement for all that came before it', () => {
    const queue = new ChunkQueue();
    const lane = laneWith(queue, 3);
    queue.takeReady(0);
    queue.acknowledged(lane, 2);
    expect(queue.isEmpty(lane)).toBe(true);
    expect(queue.queuedBytes).toBe(0);
  });

  it('sends again from the number that main wants, once, however many answers say so', () => {
    const queue = new ChunkQueue();
    laneWith(queue, 5);
    const sent = queue.takeReady(0);
    const [, , , third, fourth] = sent;
    if (third === undefined || fourth === undefined) throw new Error('five chunks were added');
    expect(queue.failed(third, { kind: 'gap', expectedSeq: 2 }, 100)).toBe('kept');
    expect(queue.failed(fourth, { kind: 'gap', expectedSeq: 2 }, 100)).toBe('kept');
    expect(seqs(queue.takeReady(100))).toEqual([2, 3, 4]);
    expect(queue.takeReady(100)).toEqual([]);
  });

  it('gives a lane up when main wants a chunk that is no longer there', () => {
    const queue = new ChunkQueue();
    const lane = laneWith(queue, 3);
    const sent = queue.takeReady(0);
    queue.acknowledged(lane, 1);
    const last = sent[2];
    if (last === undefined) throw new Error('three chunks were added');
    expect(queue.failed(last, { kind: 'gap', expectedSeq: 0 }, 0)).toBe('lost');
    expect(queue.queuedBytes).toBe(0);
  });

  it('waits longer after each failure, and not at all after a success', () => {
    const queue = new ChunkQueue();
    const lane = laneWith(queue, 1);
    let nowMs = 0;
    const pauses: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const [sending] = queue.takeReady(nowMs);
      if (sending === undefined) throw new Error('the chunk was due');
      queue.failed(sending, { kind: 'retry' }, nowMs);
      const retryAtMs = queue.nextRetryAtMs();
      if (retryAtMs === null) throw new Error('a retry was due');
      expect(queue.takeReady(retryAtMs - 1)).toEqual([]);
      pauses.push(retryAtMs - nowMs);
      nowMs = retryAtMs;
    }
    expect(pauses).toEqual([200, 400, 800, 1600, 3000, 3000]);
    queue.takeReady(nowMs);
    queue.acknowledged(lane, 0);
    queue.add(lane, chunk());
    expect(seqs(queue.takeReady(nowMs))).toEqual([1]);
  });

  it('keeps its bytes within the bound, at the limit and one over', () => {
    const queue = new ChunkQueue();
    const lane = queue.openLane();
    expect(queue.add(lane, chunk(MAX_QUEUED_BYTES))).toBe(true);
    expect(queue.add(lane, chunk(1))).toBe(false);
    queue.release(lane);
    queue.takeReady(0);
    queue.acknowledged(lane, 0);
    expect(queue.add(lane, chunk(1))).toBe(true);
    // What was refused got no number: the next one follows without a gap.
    expect(seqs(queue.takeReady(0))).toEqual([1]);
  });

  it('forgets a lane that main will not have, and only that one', () => {
    const queue = new ChunkQueue();
    laneWith(queue, 2);
    const other = laneWith(queue, 1);
    const [sending] = queue.takeReady(0);
    if (sending === undefined) throw new Error('chunks were added');
    expect(queue.failed(sending, { kind: 'fatal' }, 0)).toBe('lost');
    expect(queue.queuedBytes).toBe(10);
    expect(queue.isEmpty(other)).toBe(false);
  });
});
