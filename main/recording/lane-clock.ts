import type { Lane } from '../../contract/recording.ts';

/**
 * What is known of when a lane began. Times of frames count from the lane's first one; all else is on the recording's clock.
 *
 * Numbers below were measured with Electron 42 and a 250 ms timeslice, eight recordings of received and own H.264 and Opus
 * against the real start of their sources:
 * - Sound has its first frame at the recorder's start, within 10 ms. A received picture waits for a key frame: 7 ms in most
 *   runs, 80 ms in two of eight, 5 s when the camera was off.
 * - The recorder's `start` event comes when the first frame was written: 5 ms after a picture's first frame, and one Opus
 *   packet (60 ms) after the first sound.
 * - Where no such event was told, the first chunk is what there is: it came 23 to 47 ms after the time of its last picture and
 *   112 to 120 ms after that of its last Opus packet (a block's time is where its packet begins).
 */
export type LaneStartFacts = {
  lane: Lane;
  /** When the segment's recorders were started. */
  segmentAtMs: number;
  /** When the recorder told that it had begun to write; null when it was not told. */
  begunAtMs: number | null;
  /** When the first chunk with a whole frame was handed over. */
  chunkAtMs: number;
  lastBlockTimeMs: number;
};

/** After a picture's first frame: until the `start` event, and until the chunk that ends with it. */
const PICTURE_BEGUN_MS = 5;
const PICTURE_CHUNK_MS = 33;
/** After the first sound: until the `start` event, and from the last packet's time until its chunk. */
const SOUND_BEGUN_MS = 60;
const SOUND_CHUNK_MS = 120;

/** Sound flows from the start: an earlier sign than this only says that the window was busy. */
export const SOUND_REALLY_LATE_MS = 300;

/** Says when a lane's first frame was, on the recording's clock; never before its recorder was started. */
export function laneStartMs(facts: LaneStartFacts): number {
  const { lane, segmentAtMs, begunAtMs } = facts;
  // The mix is our own canvas and our own sound: both are there from the start and share one clock in the file.
  if (lane === 'av') return segmentAtMs;
  if (lane === 'video') {
    // Both signs come late when the window is busy, and neither can come early: the earlier one is nearer to the truth.
    const begunMs = begunAtMs === null ? Infinity : begunAtMs - PICTURE_BEGUN_MS;
    return Math.max(segmentAtMs, Math.min(begunMs, estimatedStartMs(facts)));
  }
  const soundMs = begunAtMs === null ? estimatedStartMs(facts) : begunAtMs - SOUND_BEGUN_MS;
  return soundMs - segmentAtMs > SOUND_REALLY_LATE_MS ? soundMs : segmentAtMs;
}

/** The start as the first chunk alone tells it. */
export function estimatedStartMs(facts: Pick<LaneStartFacts, 'lane' | 'chunkAtMs' | 'lastBlockTimeMs'>): number {
  const lagMs = facts.lane === 'audio' ? SOUND_CHUNK_MS : PICTURE_CHUNK_MS;
  return facts.chunkAtMs - facts.lastBlockTimeMs - lagMs;
}

/** Noise of a chunk's estimate (23 to 47 ms were measured around PICTURE_CHUNK_MS): less is no reason to move a picture. */
const REFINE_FROM_MS = 30;
/** How long after its first frame a picture may still be moved. */
export const REFINE_FOR_MS = 5_000;

/**
 * Says whether a later chunk of a received picture puts the lane's start earlier than was believed, and where; null when it
 * does not. The first frame is a key frame, many times as large as the others and slower on its way: what follows it arrives
 * sooner after its time, so the earliest estimate of the first seconds is the truest (first estimates were 90 to 130 ms late
 * in half of the recordings of a two-core machine).
 */
export function earlierStartMs(
  believedMs: number,
  facts: Pick<LaneStartFacts, 'lane' | 'segmentAtMs' | 'chunkAtMs' | 'lastBlockTimeMs'>,
): number | null {
  if (facts.lane !== 'video' || facts.lastBlockTimeMs > REFINE_FOR_MS) return null;
  const estimateMs = Math.max(facts.segmentAtMs, estimatedStartMs(facts));
  return believedMs - estimateMs > REFINE_FROM_MS ? estimateMs : null;
}
