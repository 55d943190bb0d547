import { putClusterTime, readClusterHead, readWholeBlocks } from './cluster.ts';

/** A cluster's time has four bytes. */
const MAX_TIME_MS = 0xffffffff;

/** The frames of one track in some clusters: when its first and its last begin. */
export type TrackSpan = { readonly firstMs: number; readonly lastMs: number };

export type ShiftedClusters = {
  readonly bytes: Uint8Array;
  /** By track number, on the shifted clock. */
  readonly spans: ReadonlyMap<number, TrackSpan>;
};

/**
 * Moves whole clusters of ours in time, so that a stream that began with another file of the same track can go on with them.
 * The bytes given are not changed. Null when they are not whole clusters of ours, or when a time would not fit any more.
 *
 * The checksums in the clusters' notes are not made anew: what reads a stream skips the notes.
 */
export function shiftClusters(bytes: Uint8Array, shiftMs: number): ShiftedClusters | null {
  const shifted = shiftMs === 0 ? bytes : bytes.slice();
  const spans = new Map<number, TrackSpan>();
  let at = 0;
  while (at < bytes.length) {
    const head = readClusterHead(bytes, at);
    if (head === null || at + head.sizeBytes > bytes.length) return null;
    const timeMs = head.timeMs + shiftMs;
    if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > MAX_TIME_MS) return null;
    const end = at + head.sizeBytes;
    const { blocks, endByte } = readWholeBlocks(bytes, at + head.blocksFromByte, end, timeMs);
    if (endByte !== end) return null;
    for (const block of blocks) {
      const span = spans.get(block.track);
      spans.set(block.track, {
        firstMs: Math.min(span?.firstMs ?? block.timeMs, block.timeMs),
        lastMs: Math.max(span?.lastMs ?? block.timeMs, block.timeMs),
      });
    }
    if (shiftMs !== 0) putClusterTime(shifted, at, timeMs);
    at = end;
  }
  return { bytes: shifted, spans };
}
