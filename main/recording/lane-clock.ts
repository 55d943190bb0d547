/** What the first chunk with media tells about when its lane began. Times of frames count from the lane's first one. */
export type LaneStartFacts = {
  /** The recording's clock when the segment's recorders were started. */
  segmentAtMs: number;
  /** The recording's clock when the recorder handed the chunk over. */
  chunkAtMs: number;
  lastBlockTimeMs: number;
  frameDurationMs: number;
};

/**
 * How far the estimate may lie from the start of the recorders and still be taken for its own noise.
 */
export const SAME_START_MS = 150;

/**
 * Says when a lane's first frame was, on the recording's clock.
 *
 * A recorder names no start: its frames count from its first one. What we have is when the chunk came out. Chromium hands a
 * chunk over while it begins to write the next frame, so the chunk's end is `lastBlockTimeMs + frameDurationMs` after the
 * lane's start, and `chunkAtMs` minus that is an estimate. It is late by whatever delayed the encoder and the event: some
 * tens of milliseconds on an idle machine, more on a busy one, never early by more than a frame.
 *
 * Recorders that were started together and had frames at once need no correction at all: their files lay within 20 ms of
 * each other (FACTS.md, MediaRecorder). So an estimate close to the recorders' own start is noise around it, and the start
 * is the better answer. An estimate further away is a lane that really began later (a camera that was off, a key frame that
 * had to be asked for): there the estimate is all there is, and its noise is small beside what it corrects.
 */
export function laneStartMs(facts: LaneStartFacts): number {
  const estimateMs = facts.chunkAtMs - facts.lastBlockTimeMs - facts.frameDurationMs;
  if (Math.abs(estimateMs - facts.segmentAtMs) <= SAME_START_MS) return facts.segmentAtMs;
  // A lane cannot have begun before its recorder.
  return Math.max(facts.segmentAtMs, estimateMs);
}
