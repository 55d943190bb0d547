import { AppError } from '../../contract/errors.ts';
import { ChunkQueue, MAX_QUEUED_BYTES } from './chunk-queue.ts';
import { crc32 } from './crc32.ts';
import { createStallLimit } from './stall-limit.ts';
import type { Chunk, Lane } from '../../contract/recording.ts';
import type { RequestInput } from '../../contract/requests.ts';
import type { SendFailure, Sending } from './chunk-queue.ts';
import type { StallLimit } from './stall-limit.ts';

/** Where a lane's chunks belong, once main has said so. */
export type LaneAddress = Pick<Chunk, 'recordingId' | 'trackId' | 'segment'>;

/** One recorder's way to the disk. */
export type LaneSender = {
  /** Hands over what a recorder gave; order is kept. */
  push(blob: Blob, atMs: number): void;
  setAddress(address: LaneAddress): void;
  /** The recorder has begun to write. */
  begun(atMs: number): void;
  /** Resolves when everything pushed so far was handed over to be sent. */
  handedOver(): Promise<void>;
  /** Resolves when everything pushed so far is acknowledged, the lane was given up, or nothing moved for the limit. */
  drained(stallLimitMs: number): Promise<void>;
  /** Gives the lane up with whatever it still holds. */
  close(): void;
};

export type LaneTrouble = 'overflow' | 'refused';

export type ChunkSender = {
  openLane(lane: Lane, onTrouble: (trouble: LaneTrouble) => void): LaneSender;
  queuedBytes(): number;
  close(): void;
};

export type ChunkSenderPorts = {
  /** Sends one chunk; resolves when it is written, throws AppError otherwise. */
  append: (chunk: RequestInput<'recording.append'>) => Promise<unknown>;
  nowMs: () => number;
  maxQueuedBytes?: number;
};

type OpenLane = {
  lane: Lane;
  address: LaneAddress | null;
  begunAtMs: number | null;
  onTrouble: (trouble: LaneTrouble) => void;
  /** Blobs become bytes asynchronously: one after the other, or chunks would change places. */
  reading: Promise<void>;
  /** Those who wait for the lane to be empty. */
  waiting: StallLimit[];
  /** A chunk found no room: what follows would be a stream with a hole, so nothing follows. */
  full: boolean;
};

/** Sends the chunks of all recorders with credits, retries and a bound on what may wait. */
export function createChunkSender({ append, nowMs, maxQueuedBytes = MAX_QUEUED_BYTES }: ChunkSenderPorts): ChunkSender {
  const queue = new ChunkQueue(maxQueuedBytes);
  const lanes = new Map<number, OpenLane>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readingBytes = 0;

  function pump(): void {
    for (const sending of queue.takeReady(nowMs())) {
      const open = lanes.get(sending.laneId);
      if (open === undefined || open.address === null) continue;
      const begun = open.begunAtMs === null ? {} : { begunAtMs: open.begunAtMs };
      void send(sending, { ...open.address, lane: open.lane, ...begun, ...sending.chunk });
    }
    const retryAtMs = queue.nextRetryAtMs();
    clearTimeout(timer);
    if (retryAtMs !== null) timer = setTimeout(pump, Math.max(0, retryAtMs - nowMs()));
  }

  async function send(sending: Sending, chunk: RequestInput<'recording.append'>): Promise<void> {
    try {
      await append(chunk);
      queue.acknowledged(sending.laneId, sending.chunk.seq);
      for (const wait of lanes.get(sending.laneId)?.waiting ?? []) wait.moved();
    } catch (error) {
      if (queue.failed(sending, failureOf(error), nowMs()) === 'lost') giveUp(sending.laneId, 'refused');
    }
    settle(sending.laneId);
    pump();
  }

  function giveUp(laneId: number, trouble: LaneTrouble): void {
    const open = lanes.get(laneId);
    if (open === undefined) return;
    lanes.delete(laneId);
    queue.closeLane(laneId);
    wake(open);
    open.onTrouble(trouble);
  }

  function settle(laneId: number): void {
    const open = lanes.get(laneId);
    if (open !== undefined && queue.isEmpty(laneId)) wake(open);
  }

  async function read(laneId: number, open: OpenLane, blob: Blob, atMs: number): Promise<void> {
    readingBytes += blob.size;
    try {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      if (!lanes.has(laneId) || open.full) return;
      if (queue.add(laneId, { bytes, crc32: crc32(bytes), atMs })) {
        pump();
        return;
      }
      open.full = true;
      open.onTrouble('overflow');
    } finally {
      readingBytes -= blob.size;
    }
  }

  return {
    openLane(lane, onTrouble) {
      const laneId = queue.openLane();
      const open: OpenLane = {
        lane,
        address: null,
        begunAtMs: null,
        onTrouble,
        reading: Promise.resolve(),
        waiting: [],
        full: false,
      };
      lanes.set(laneId, open);
      return {
        push(blob, atMs) {
          if (blob.size === 0 || !lanes.has(laneId)) return;
          open.reading = open.reading.then(() => read(laneId, open, blob, atMs)).catch(() => giveUp(laneId, 'refused'));
        },
        begun(atMs) {
          open.begunAtMs ??= atMs;
        },
        setAddress(address) {
          open.address = address;
          queue.release(laneId);
          pump();
        },
        handedOver: () => open.reading,
        async drained(stallLimitMs) {
          const wait = createStallLimit(stallLimitMs);
          // A lane looks empty while its last blob is still being read.
          await Promise.race([open.reading, wait.over]);
          if (!lanes.has(laneId) || queue.isEmpty(laneId)) wait.finish();
          else open.waiting.push(wait);
          await wait.over;
        },
        close() {
          lanes.delete(laneId);
          queue.closeLane(laneId);
          wake(open);
        },
      };
    },
    queuedBytes: () => queue.queuedBytes + readingBytes,
    close() {
      clearTimeout(timer);
      for (const [laneId, open] of lanes) {
        queue.closeLane(laneId);
        wake(open);
      }
      lanes.clear();
    },
  };
}

function wake(open: OpenLane): void {
  for (const wait of open.waiting.splice(0)) wait.finish();
}

/** What to do about a refused chunk: send from another place, send again, or give the lane up. */
export function failureOf(error: unknown): SendFailure {
  if (!(error instanceof AppError)) return { kind: 'retry' };
  if (error.code === 'CHUNK_GAP') {
    const expectedSeq = error.details?.['expectedSeq'];
    return typeof expectedSeq === 'number' ? { kind: 'gap', expectedSeq } : { kind: 'fatal' };
  }
  // A checksum that does not fit was hurt on the way: the bytes here are whole.
  return error.retryable || error.code === 'CHUNK_CORRUPT' ? { kind: 'retry' } : { kind: 'fatal' };
}
