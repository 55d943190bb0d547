import type { LaneBlock } from './lane-parser.ts';

/** A frame on the segment's clock, with the lane it came from. */
export interface TimedBlock {
  readonly lane: string;
  /** The number the track has in its lane. */
  readonly trackNumber: number;
  readonly timeMs: number;
  readonly isKeyFrame: boolean;
  readonly payload: Uint8Array;
}

/** One chunk of a lane after parsing. */
export interface ParsedChunk<Token> {
  readonly token: Token;
  readonly blocks: readonly LaneBlock[];
  /** The reader's openFrames() after this chunk: frames with bytes in it that a later chunk will bring. */
  readonly openFrames: number;
}

/**
 * What to write now, in time order. Once these blocks are on disk, `completeTokens` may be acknowledged: every frame that has a
 * byte in one of those chunks has been drained, the one that the chunk's end cut in two included.
 */
export interface Drained<Token> {
  readonly blocks: readonly TimedBlock[];
  readonly completeTokens: readonly Token[];
}

/** What flush() gives: everything, and the tokens whose last frame never arrived whole and can not be written. */
export interface Flushed<Token> extends Drained<Token> {
  readonly cutOffTokens: readonly Token[];
}

/** Puts the frames of several lanes into one time order without ever waiting long for a lane that is silent. */
export interface Interleaver<Token> {
  /**
   * Makes a lane known, best when its recorder is started (then the first frames of the others wait for it, no longer than for
   * any silent lane), and gives it its offset when its first chunk comes or its recorder started again.
   */
  setLane(lane: string, offsetMs: number, nowMs: number): void;
  /** A lane that is quiet (muted at its source, or its recorder has stopped) is not waited for; what comes of it is still taken. */
  setQuiet(lane: string, isQuiet: boolean): void;
  push(lane: string, chunk: ParsedChunk<Token>, nowMs: number): void;
  drain(nowMs: number): Drained<Token>;
  /** Gives out all that is held; chunks may be pushed again afterwards. */
  flush(): Flushed<Token>;
  /** When drain would give out more though nothing was pushed; null when nothing is held. */
  nextDrainAtMs(): number | null;
}

/**
 * How long frames wait for a lane that says nothing: a little over one 250 ms timeslice, so that two running recorders are
 * put in order, and far below the second in which a frame has to be durable.
 */
export const HOLD_MS = 300;

interface HeldBlock extends TimedBlock {
  readonly arrivedAtMs: number;
}

interface OpenChunk<Token> {
  readonly token: Token;
  /** How many frames of the lane must have been drained before the chunk is complete. */
  readonly neededBlocks: number;
}

interface Lane<Token> {
  readonly name: string;
  offsetMs: number;
  heardAtMs: number;
  isQuiet: boolean;
  /** No frame before this time will come any more; null as long as no frame came at all. */
  reachedMs: number | null;
  readonly trackReachedMs: Map<number, number>;
  held: HeldBlock[];
  /** How many of `held` have been drained; cut off now and then instead of shifting each time. */
  heldFrom: number;
  pushedBlocks: number;
  drainedBlocks: number;
  chunks: OpenChunk<Token>[];
}

/** Creates an interleaver; `nowMs` in all its methods is one monotonic clock of the caller. */
export function createInterleaver<Token>(holdMs = HOLD_MS): Interleaver<Token> {
  const lanes = new Map<string, Lane<Token>>();

  function setLane(name: string, offsetMs: number, nowMs: number): void {
    const lane = lanes.get(name);
    if (lane !== undefined) {
      lane.offsetMs = offsetMs;
      return;
    }
    lanes.set(name, {
      name,
      offsetMs,
      heardAtMs: nowMs,
      isQuiet: false,
      reachedMs: null,
      trackReachedMs: new Map(),
      held: [],
      heldFrom: 0,
      pushedBlocks: 0,
      drainedBlocks: 0,
      chunks: [],
    });
  }

  function push(name: string, chunk: ParsedChunk<Token>, nowMs: number): void {
    if (!lanes.has(name)) setLane(name, 0, nowMs);
    const lane = lanes.get(name);
    if (lane === undefined) return;
    for (const block of chunk.blocks) {
      // A track always goes forward, whatever its times say: players want that, and a late frame is still kept. Received
      // frames that were decoded together come with the same millisecond.
      const earliestMs = (lane.trackReachedMs.get(block.trackNumber) ?? -1) + 1;
      const timeMs = Math.max(earliestMs, Math.round(block.timeMs + lane.offsetMs));
      lane.trackReachedMs.set(block.trackNumber, timeMs);
      lane.held.push({
        lane: name,
        trackNumber: block.trackNumber,
        timeMs,
        isKeyFrame: block.isKeyFrame,
        payload: block.payload,
        arrivedAtMs: nowMs,
      });
      lane.reachedMs = Math.max(lane.reachedMs ?? 0, timeMs);
    }
    if (chunk.blocks.length > 0) lane.heardAtMs = nowMs;
    lane.pushedBlocks += chunk.blocks.length;
    lane.chunks.push({
      token: chunk.token,
      neededBlocks: lane.pushedBlocks + chunk.openFrames,
    });
  }

  function setQuiet(name: string, isQuiet: boolean): void {
    const lane = lanes.get(name);
    if (lane !== undefined) lane.isQuiet = isQuiet;
  }

  function isSilent(lane: Lane<Token>, nowMs: number): boolean {
    return lane.isQuiet || nowMs - lane.heardAtMs >= holdMs;
  }

  function drain(nowMs: number): Drained<Token> {
    let safeMs = Number.POSITIVE_INFINITY;
    for (const lane of lanes.values()) {
      if (!isSilent(lane, nowMs)) safeMs = Math.min(safeMs, lane.reachedMs ?? Number.NEGATIVE_INFINITY);
    }
    // A lane whose clock lags behind must not hold the others for ever: no frame is held longer than holdMs.
    for (const lane of lanes.values()) {
      for (let i = lane.heldFrom; i < lane.held.length; i += 1) {
        const block = lane.held[i];
        if (block === undefined || nowMs - block.arrivedAtMs < holdMs) break;
        safeMs = Math.max(safeMs, block.timeMs);
      }
    }
    return take(safeMs);
  }

  function take(safeMs: number): Drained<Token> {
    const blocks: HeldBlock[] = [];
    for (;;) {
      let first: HeldBlock | null = null;
      let from: Lane<Token> | null = null;
      for (const lane of lanes.values()) {
        const next = lane.held[lane.heldFrom];
        if (next !== undefined && next.timeMs <= safeMs && (first === null || next.timeMs < first.timeMs)) {
          first = next;
          from = lane;
        }
      }
      if (first === null || from === null) break;
      blocks.push(first);
      from.heldFrom += 1;
      from.drainedBlocks += 1;
    }
    const completeTokens: Token[] = [];
    for (const lane of lanes.values()) {
      lane.held = lane.held.slice(lane.heldFrom);
      lane.heldFrom = 0;
      const openFrom = lane.chunks.findIndex((chunk) => chunk.neededBlocks > lane.drainedBlocks);
      const done = lane.chunks.splice(0, openFrom === -1 ? lane.chunks.length : openFrom);
      for (const chunk of done) completeTokens.push(chunk.token);
    }
    return { blocks, completeTokens };
  }

  function flush(): Flushed<Token> {
    const drained = take(Number.POSITIVE_INFINITY);
    const cutOffTokens: Token[] = [];
    for (const lane of lanes.values()) {
      for (const chunk of lane.chunks) cutOffTokens.push(chunk.token);
      lane.chunks = [];
    }
    return { ...drained, cutOffTokens };
  }

  function nextDrainAtMs(): number | null {
    let atMs: number | null = null;
    for (const lane of lanes.values()) {
      const first = lane.held[lane.heldFrom];
      if (first !== undefined) atMs = Math.min(atMs ?? Number.POSITIVE_INFINITY, first.arrivedAtMs + holdMs);
    }
    return atMs;
  }

  return { setLane, setQuiet, push, drain, flush, nextDrainAtMs };
}
