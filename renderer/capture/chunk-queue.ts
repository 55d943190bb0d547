/** Un-acknowledged chunks that one lane may have on the way: main answers after up to 300 ms, a chunk comes every 250. */
export const LANE_CREDITS = 8;
/** All bytes that wait or are on the way, of all lanes. */
export const MAX_QUEUED_BYTES = 32 * 1024 * 1024;

const FIRST_RETRY_MS = 200;
const LARGEST_RETRY_MS = 3_000;

export type QueuedChunk = { seq: number; crc32: number; atMs: number; bytes: Uint8Array<ArrayBuffer> };
/** A chunk to be sent now; `epoch` tells a late answer from one to the present round of sending. */
export type Sending = { laneId: number; epoch: number; chunk: QueuedChunk };
/** What main said instead of an acknowledgement. */
export type SendFailure = { kind: 'gap'; expectedSeq: number } | { kind: 'retry' } | { kind: 'fatal' };

type LaneQueue = {
  nextSeq: number;
  /** Not acknowledged, in order; the first `sentCount` are on the way. */
  chunks: QueuedChunk[];
  sentCount: number;
  epoch: number;
  failures: number;
  notBeforeMs: number;
  /** Chunks wait until main has told where they belong. */
  held: boolean;
};

/** Pure bookkeeping of what is sent, acknowledged and to be sent again; it knows no clock and sends nothing. */
export class ChunkQueue {
  readonly #lanes = new Map<number, LaneQueue>();
  readonly #maxQueuedBytes: number;
  #nextLaneId = 0;
  #queuedBytes = 0;

  constructor(maxQueuedBytes: number = MAX_QUEUED_BYTES) {
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Adds a lane whose chunks wait until `release`. */
  openLane(): number {
    const laneId = this.#nextLaneId;
    this.#nextLaneId += 1;
    this.#lanes.set(laneId, {
      nextSeq: 0,
      chunks: [],
      sentCount: 0,
      epoch: 0,
      failures: 0,
      notBeforeMs: 0,
      held: true,
    });
    return laneId;
  }

  release(laneId: number): void {
    const lane = this.#lanes.get(laneId);
    if (lane !== undefined) lane.held = false;
  }

  /** Takes a chunk; false, and nothing is taken, when it does not fit any more or the lane is gone. */
  add(laneId: number, chunk: Omit<QueuedChunk, 'seq'>): boolean {
    const lane = this.#lanes.get(laneId);
    if (lane === undefined || this.#queuedBytes + chunk.bytes.byteLength > this.#maxQueuedBytes) return false;
    lane.chunks.push({ seq: lane.nextSeq, ...chunk });
    lane.nextSeq += 1;
    this.#queuedBytes += chunk.bytes.byteLength;
    return true;
  }

  /** Everything that may go out now, in order, marked as on the way. */
  takeReady(nowMs: number): Sending[] {
    const ready: Sending[] = [];
    for (const [laneId, lane] of this.#lanes) {
      if (lane.held || nowMs < lane.notBeforeMs) continue;
      while (lane.sentCount < LANE_CREDITS) {
        const chunk = lane.chunks[lane.sentCount];
        if (chunk === undefined) break;
        ready.push({ laneId, epoch: lane.epoch, chunk });
        lane.sentCount += 1;
      }
    }
    return ready;
  }

  /** When a lane that backs off may go on, or null when none does. */
  nextRetryAtMs(): number | null {
    let earliest: number | null = null;
    for (const lane of this.#lanes.values()) {
      if (lane.failures === 0 || lane.sentCount > 0 || lane.chunks.length === 0) continue;
      if (earliest === null || lane.notBeforeMs < earliest) earliest = lane.notBeforeMs;
    }
    return earliest;
  }

  /** Main has this chunk, and with it all before it. */
  acknowledged(laneId: number, seq: number): void {
    const lane = this.#lanes.get(laneId);
    if (lane === undefined) return;
    lane.failures = 0;
    this.#forgetUpTo(lane, seq);
  }

  /** A sending failed; the answer is 'lost' when the lane cannot go on (its chunks are dropped). */
  failed(sending: Sending, failure: SendFailure, nowMs: number): 'kept' | 'lost' {
    const lane = this.#lanes.get(sending.laneId);
    if (lane === undefined) return 'lost';
    if (failure.kind === 'fatal') {
      this.closeLane(sending.laneId);
      return 'lost';
    }
    // Several chunks were on the way: only the first bad answer of a round starts the next round.
    if (sending.epoch !== lane.epoch) return 'kept';
    if (failure.kind === 'gap') {
      // What main already has needs no second way.
      this.#forgetUpTo(lane, failure.expectedSeq - 1);
      const first = lane.chunks[0]?.seq ?? lane.nextSeq;
      if (failure.expectedSeq < first) {
        this.closeLane(sending.laneId);
        return 'lost';
      }
    }
    lane.epoch += 1;
    lane.sentCount = 0;
    lane.failures += 1;
    lane.notBeforeMs =
      failure.kind === 'gap' && lane.failures === 1
        ? nowMs
        : nowMs + Math.min(LARGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(lane.failures - 1, 10));
    return 'kept';
  }

  isEmpty(laneId: number): boolean {
    return (this.#lanes.get(laneId)?.chunks.length ?? 0) === 0;
  }

  /** Forgets a lane and whatever it still holds. */
  closeLane(laneId: number): void {
    const lane = this.#lanes.get(laneId);
    if (lane === undefined) return;
    this.#lanes.delete(laneId);
    for (const chunk of lane.chunks) this.#queuedBytes -= chunk.bytes.byteLength;
  }

  #forgetUpTo(lane: LaneQueue, seq: number): void {
    while (lane.chunks[0] !== undefined && lane.chunks[0].seq <= seq) {
      const chunk = lane.chunks.shift();
      if (chunk !== undefined) this.#queuedBytes -= chunk.bytes.byteLength;
      if (lane.sentCount > 0) lane.sentCount -= 1;
    }
  }
}
