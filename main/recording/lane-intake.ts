import { AppError } from '../../contract/errors.ts';
import type { Lane } from '../../contract/recording.ts';
import type { ParsedChunk } from '../media/matroska/interleaver.ts';
import { createLaneParser } from '../media/matroska/lane-parser.ts';
import type { LaneBlock } from '../media/matroska/lane-parser.ts';
import type { TrackInfo } from '../media/matroska/track-entry.ts';
import { laneStartMs } from './lane-clock.ts';

/** A chunk that waits for its ack. */
export type Ack = { seq: number; sizeBytes: number; resolve: () => void; reject: (error: AppError) => void };

/** What one chunk brought, in order; `startMs` is there when the lane's frames begin to count anew. */
export type IntakePart = { startMs: number | null; chunk: ParsedChunk<Ack | null> };

/** One recorder's bytes on their way in: parsed, and placed on the recording's clock. */
export type LaneIntake = {
  readonly lane: Lane;
  /** Null until the header came. */
  tracks: () => readonly TrackInfo[] | null;
  /** Takes the next chunk; throws MEDIA_UNREADABLE or SEGMENT_CLOSED for bytes that cannot go on in this segment. */
  take: (chunk: { atMs: number; bytes: Uint8Array }, ack: Ack) => IntakePart[];
};

const DEFAULT_FRAME_MS: Record<'audio' | 'video', number> = { audio: 20, video: 33 };

/** Makes the intake of one lane of a segment whose recorders were started at `segmentAtMs`. */
export function createLaneIntake(lane: Lane, segmentAtMs: number): LaneIntake {
  const parser = createLaneParser();
  let tracks: readonly TrackInfo[] | null = null;
  let startKnown = false;
  let restarted = false;

  const take: LaneIntake['take'] = (chunk, ack) => {
    const parts: { startMs: number | null; blocks: LaneBlock[] }[] = [];
    let blocks: LaneBlock[] = [];
    let needsStart = !startKnown;
    const closePart = (): void => {
      if (blocks.length === 0) return;
      let startMs: number | null = null;
      if (needsStart) {
        startMs = startOf(chunk.atMs, blocks);
        startKnown = true;
        needsStart = false;
      }
      parts.push({ startMs, blocks });
      blocks = [];
    };
    for (const item of parser.push(chunk.bytes)) {
      switch (item.kind) {
        case 'header':
          closePart();
          if (item.header.repeat === 'changed') {
            throw new AppError('SEGMENT_CLOSED', 'The recorder changed its codec: a new segment is needed.');
          }
          tracks = item.header.tracks;
          if (item.header.repeat === 'same') {
            restarted = true;
            needsStart = true;
          }
          break;
        case 'block':
          blocks.push(item.block);
          break;
        case 'broken':
          throw new AppError('MEDIA_UNREADABLE', `The recorder's bytes cannot be read: ${item.error.message}.`, {
            cause: item.error,
          });
      }
    }
    closePart();
    const endsInsideFrame = parser.openPayloadBytes() > 0;
    if (parts.length === 0) return [{ startMs: null, chunk: { token: ack, blocks: [], endsInsideFrame } }];
    // Only the last part may be acknowledged: it is through when the whole chunk is.
    return parts.map((part, index) => {
      const isLast = index === parts.length - 1;
      return {
        startMs: part.startMs,
        chunk: { token: isLast ? ack : null, blocks: part.blocks, endsInsideFrame: isLast && endsInsideFrame },
      };
    });
  };

  const startOf = (chunkAtMs: number, blocks: readonly LaneBlock[]): number => {
    const facts = { chunkAtMs, lastBlockTimeMs: blocks.at(-1)?.timeMs ?? 0, frameDurationMs: frameMs(blocks, tracks) };
    // A recorder that began again did so at no time we know of: there the estimate stands alone.
    const beganMs = restarted ? chunkAtMs - facts.lastBlockTimeMs - facts.frameDurationMs : segmentAtMs;
    return laneStartMs({ ...facts, segmentAtMs: beganMs });
  };

  return { lane, tracks: () => tracks, take };
}

function frameMs(blocks: readonly LaneBlock[], tracks: readonly TrackInfo[] | null): number {
  const first = blocks[0];
  if (first === undefined) return 0;
  const info = tracks?.find((track) => track.number === first.trackNumber);
  const same = blocks.filter((block) => block.trackNumber === first.trackNumber);
  const last = same.at(-1);
  if (last === undefined || same.length < 2) return DEFAULT_FRAME_MS[info?.type ?? 'audio'];
  return (last.timeMs - first.timeMs) / (same.length - 1);
}
