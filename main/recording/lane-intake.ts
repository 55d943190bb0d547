import { AppError, assertNever } from '../../contract/errors.ts';
import type { Lane } from '../../contract/recording.ts';
import type { ParsedChunk } from '../media/matroska/interleaver.ts';
import type { LaneBlock, LaneHeader, LaneItem } from '../media/matroska/lane-parser.ts';
import { createLaneReader } from '../media/matroska/lane-reader.ts';
import type { TrackInfo } from '../media/matroska/track-entry.ts';
import type { Ack } from './ack-book.ts';
import { earlierStartMs, estimatedStartMs, laneStartMs } from './lane-clock.ts';

/** What one chunk brought, in order; `startMs` is there when the lane's frames begin to count anew, or from elsewhere. */
export type IntakePart = { startMs: number | null; chunk: ParsedChunk<Ack | null> };

/** One recorder's bytes on their way in: parsed, and placed on the recording's clock. */
export type LaneIntake = {
  readonly lane: Lane;
  /** Null until the header came. */
  tracks: () => readonly TrackInfo[] | null;
  /** Takes the next chunk. After a trouble the lane cannot go on in this segment. */
  take: (chunk: IncomingChunk, ack: Ack) => Intake;
};

/**
 * A chunk as it was understood. `trouble` is what ended the lane in the middle of it: MEDIA_UNREADABLE or SEGMENT_CLOSED. The
 * parts before that are as good as any, but none of them carries the ack: the chunk as a whole was not taken.
 */
export type Intake = { parts: IntakePart[]; trouble: AppError | null };

/** What the placing of a chunk depends on. */
type IncomingChunk = { atMs: number; begunAtMs?: number | undefined; bytes: Uint8Array };

/** Makes the intake of one lane of a segment whose recorders were started at `segmentAtMs`. */
export function createLaneIntake(lane: Lane, segmentAtMs: number): LaneIntake {
  const reader = createLaneReader();
  let tracks: readonly TrackInfo[] | null = null;
  /** When the lane's frames began to count, as far as is known; null until the next frame tells. */
  let believedMs: number | null = null;
  let restarted = false;

  const take: LaneIntake['take'] = (chunk, ack) => {
    const parts: { startMs: number | null; blocks: LaneBlock[] }[] = [];
    let blocks: LaneBlock[] = [];
    const closePart = (): void => {
      if (blocks.length === 0) return;
      const facts = factsOf(chunk, blocks);
      const startMs = believedMs === null ? startOf(facts, chunk.begunAtMs) : earlierStartMs(believedMs, facts);
      believedMs = startMs ?? believedMs;
      parts.push({ startMs, blocks });
      blocks = [];
    };
    const trouble = readItems(reader.push(chunk.bytes), {
      header: (header) => {
        closePart();
        tracks = header.tracks;
        if (header.repeat === 'first') return;
        // The lane's frames count anew; where from, the next frames will tell, in this chunk or a later one.
        restarted = true;
        believedMs = null;
      },
      block: (block) => blocks.push(block),
    });
    closePart();
    const openFrames = trouble === null ? reader.openFrames() : 0;
    if (parts.length === 0 && trouble === null) {
      return { parts: [{ startMs: null, chunk: { token: ack, blocks: [], openFrames } }], trouble };
    }
    // Only the last part may be acknowledged: it is through when the whole chunk is.
    const whole = parts.map((part, index) => {
      const isLast = index === parts.length - 1;
      return {
        startMs: part.startMs,
        chunk: {
          token: isLast && trouble === null ? ack : null,
          blocks: part.blocks,
          openFrames: isLast ? openFrames : 0,
        },
      };
    });
    return { parts: whole, trouble };
  };

  const factsOf = (chunk: IncomingChunk, blocks: readonly LaneBlock[]) => {
    const pictures = blocks.filter((block) => typeOf(block, tracks) === 'video');
    // Pictures tell the time of a mix best: their blocks are short.
    const last = (pictures.length > 0 ? pictures : blocks).at(-1);
    return { lane, segmentAtMs, chunkAtMs: chunk.atMs, lastBlockTimeMs: last?.timeMs ?? 0 };
  };

  const startOf = (facts: ReturnType<typeof factsOf>, begunAtMs: number | undefined): number => {
    // A recorder that began again did so at no time we were told of: there the estimate stands alone.
    if (restarted) return estimatedStartMs(facts);
    return laneStartMs({ ...facts, begunAtMs: begunAtMs ?? null });
  };

  return { lane, tracks: () => tracks, take };
}

/** Hands on what can be used in this segment, and says what cannot. */
function readItems(
  items: readonly LaneItem[],
  take: { header: (header: LaneHeader) => void; block: (block: LaneBlock) => void },
): AppError | null {
  for (const item of items) {
    switch (item.kind) {
      case 'header':
        if (item.header.repeat === 'changed') {
          return new AppError('SEGMENT_CLOSED', 'The recorder changed its codec: a new segment is needed.');
        }
        take.header(item.header);
        break;
      case 'block':
        take.block(item.block);
        break;
      case 'broken':
        return new AppError('MEDIA_UNREADABLE', `The recorder's bytes cannot be read: ${item.error.message}.`, {
          cause: item.error,
        });
      default:
        assertNever(item);
    }
  }
  return null;
}

function typeOf(block: LaneBlock, tracks: readonly TrackInfo[] | null): 'audio' | 'video' | null {
  return tracks?.find((track) => track.number === block.trackNumber)?.type ?? null;
}
