import { MatroskaError } from './matroska-error.ts';
import { MAX_HEAD_BYTES, parseHead, type ParsedHead } from './segment-head.ts';

/** What a segment file says of itself, so that it can be found a place without the journal. */
export interface SegmentFacts {
  /** The wall clock at the file's time 0, milliseconds since 1970; null when it does not say. */
  readonly dateMs: number | null;
  readonly participantName: string | null;
  readonly audioCodec: string | null;
  readonly videoCodec: string | null;
}

/** Almost every head fits; a longer one is read again. */
const USUAL_HEAD_BYTES = 16 * 1024;

/** Reads the facts in a file's head; null when it is damaged or somebody else's. */
export async function readSegmentFacts(
  read: (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array>,
): Promise<SegmentFacts | null> {
  for (const lengthBytes of [USUAL_HEAD_BYTES, MAX_HEAD_BYTES]) {
    try {
      return factsOf(parseHead(await read(0, lengthBytes)));
    } catch (error) {
      if (!(error instanceof MatroskaError)) throw error;
    }
  }
  return null;
}

function factsOf({ dateMs, tracks }: ParsedHead): SegmentFacts {
  return {
    dateMs,
    participantName: tracks.find((track) => track.name !== null)?.name ?? null,
    audioCodec: tracks.find((track) => track.type === 'audio')?.codecId ?? null,
    videoCodec: tracks.find((track) => track.type === 'video')?.codecId ?? null,
  };
}
