import { crc32 } from 'node:zlib';
import { ID, putId, putSize, putUint, readElementHead, readUint, sizeLength } from './ebml.ts';
import { MAX_TRACKS } from './track-entry.ts';

/** A frame of the segment file, under the track number it has there. */
export interface FileBlock {
  readonly track: number;
  readonly timeMs: number;
  readonly isKeyFrame: boolean;
  readonly payload: Uint8Array;
}

/** Where a player may jump to in a cluster: its first picture key frame, or else its first sound. */
export interface ClusterCue {
  readonly kind: 'video' | 'audio';
  readonly track: number;
  readonly timeMs: number;
}

/** What finishing a file needs to know of a cluster. */
export interface ClusterNote {
  readonly cue: ClusterCue | null;
  /** For each track in the cluster: when its last frame ends. */
  readonly ends: readonly { readonly track: number; readonly endMs: number }[];
}

/** The head of a cluster as a scan sees it; `crc` covers the time and everything after the crc itself. */
export interface ClusterHead {
  readonly sizeBytes: number;
  readonly timeMs: number;
  readonly note: ClusterNote;
  readonly crc: number;
  readonly blocksFromByte: number;
}

/*
 * A cluster of ours, every number of fixed length so that a scan needs one short read per cluster:
 *   Cluster id (4) | size (4) | Timestamp e7 84 + 4 bytes | Void ec + size (1) + note | SimpleBlocks
 * The note is inside a Void element, which every player skips:
 *   'T1' | crc32 (4) | cue kind (1) | cue track (1) | cue time (4) | count (1) | count x (track (1), end time (4))
 * With it a file that lost its writer can be finished without reading its frames, to the same bytes.
 */
const TIME_AT = 10;
const VOID_AT = 14;
const NOTE_AT = 16;
const CRC_AT = 18;
const CRC_FROM = 22;
const COUNT_AT = 28;
const ENDS_AT = 29;
const END_BYTES = 5;
const MAGIC_0 = 0x54;
const MAGIC_1 = 0x31;
const CUE_KINDS = [null, 'video', 'audio'] as const;

/** One read of this length at a cluster's start holds its whole head. */
export const MAX_CLUSTER_HEAD_BYTES = ENDS_AT + END_BYTES * MAX_TRACKS;

/** How many bytes a block takes in a cluster, head included. */
export function blockBytes(block: FileBlock): number {
  return 1 + sizeLength(block.payload.length + 4) + 4 + block.payload.length;
}

/** How many bytes a cluster takes whose note has so many ends and whose blocks take so many bytes. */
export function clusterBytes(endCount: number, blocksBytes: number): number {
  return ENDS_AT + END_BYTES * endCount + blocksBytes;
}

/** Writes a cluster at `offset` and returns the offset after it; the caller has made room by clusterBytes(). */
export function putCluster(
  bytes: Uint8Array,
  offset: number,
  blocks: readonly FileBlock[],
  timeMs: number,
  note: ClusterNote,
): number {
  const blocksFrom = offset + ENDS_AT + END_BYTES * note.ends.length;
  let at = blocksFrom;
  for (const block of blocks) {
    bytes[at] = ID.simpleBlock;
    const bodyBytes = block.payload.length + 4;
    at = putSize(bytes, at + 1, bodyBytes, sizeLength(bodyBytes));
    const relative = block.timeMs - timeMs;
    bytes[at] = 0x80 | block.track;
    bytes[at + 1] = (relative >> 8) & 0xff;
    bytes[at + 2] = relative & 0xff;
    bytes[at + 3] = block.isKeyFrame ? 0x80 : 0;
    bytes.set(block.payload, at + 4);
    at += bodyBytes;
  }
  putClusterHead(bytes, offset, at - offset, timeMs, note);
  return at;
}

/** Writes the head of a cluster of `totalBytes` in all over what stands there; its blocks are there already (the crc reads them). */
export function putClusterHead(
  bytes: Uint8Array,
  offset: number,
  totalBytes: number,
  timeMs: number,
  note: ClusterNote,
): void {
  putSize(bytes, putId(bytes, offset, ID.cluster), totalBytes - 8, 4);
  bytes[offset + 8] = ID.timestamp;
  bytes[offset + 9] = 0x84;
  putUint(bytes, offset + TIME_AT, timeMs, 4);
  bytes[offset + VOID_AT] = ID.void;
  putSize(bytes, offset + VOID_AT + 1, ENDS_AT - NOTE_AT + END_BYTES * note.ends.length, 1);
  bytes[offset + NOTE_AT] = MAGIC_0;
  bytes[offset + NOTE_AT + 1] = MAGIC_1;
  bytes[offset + CRC_FROM] = note.cue === null ? 0 : CUE_KINDS.indexOf(note.cue.kind);
  bytes[offset + CRC_FROM + 1] = note.cue?.track ?? 0;
  putUint(bytes, offset + CRC_FROM + 2, note.cue?.timeMs ?? 0, 4);
  bytes[offset + COUNT_AT] = note.ends.length;
  let at = offset + ENDS_AT;
  for (const { track, endMs } of note.ends) {
    bytes[at] = track;
    at = putUint(bytes, at + 1, endMs, 4);
  }
  putUint(bytes, offset + CRC_AT, clusterCrc(bytes, offset, totalBytes), 4);
}

/** Gives the cluster at `offset` another time; its checksum is not made anew, so the bytes are for a stream, not for a file. */
export function putClusterTime(bytes: Uint8Array, offset: number, timeMs: number): void {
  putUint(bytes, offset + TIME_AT, timeMs, VOID_AT - TIME_AT);
}

/** The checksum of a cluster that lies whole at bytes[offset, offset + totalBytes). */
export function clusterCrc(bytes: Uint8Array, offset: number, totalBytes: number): number {
  const time = bytes.subarray(offset + TIME_AT, offset + VOID_AT);
  return crc32(bytes.subarray(offset + CRC_FROM, offset + totalBytes), crc32(time));
}

/** Reads the head of a cluster of ours at `offset`, null when it is not exactly what putCluster writes. */
export function readClusterHead(bytes: Uint8Array, offset: number): ClusterHead | null {
  const count = bytes[offset + COUNT_AT];
  if (count === undefined || count < 1 || count > MAX_TRACKS) return null;
  const headBytes = ENDS_AT + END_BYTES * count;
  if (offset + headBytes > bytes.length) return null;
  if (readUint(bytes, offset, offset + 4) !== ID.cluster || (bytes[offset + 4] ?? 0) >> 4 !== 1) return null;
  if (readUint(bytes, offset + 8, offset + 10) !== 0xe784) return null;
  const noteBytes = ENDS_AT - NOTE_AT + END_BYTES * count;
  if (bytes[offset + VOID_AT] !== ID.void || bytes[offset + VOID_AT + 1] !== (0x80 | noteBytes)) return null;
  if (bytes[offset + NOTE_AT] !== MAGIC_0 || bytes[offset + NOTE_AT + 1] !== MAGIC_1) return null;
  const sizeBytes = 8 + (readUint(bytes, offset + 4, offset + 8) & 0x0fffffff);
  const kindCode = bytes[offset + CRC_FROM] ?? 0xff;
  const kind = CUE_KINDS[kindCode];
  if (kind === undefined || sizeBytes <= headBytes) return null;
  const ends = [];
  for (let at = offset + ENDS_AT; at < offset + headBytes; at += END_BYTES) {
    ends.push({ track: bytes[at] ?? 0, endMs: readUint(bytes, at + 1, at + END_BYTES) });
  }
  const cue =
    kind === null
      ? null
      : {
          kind,
          track: bytes[offset + CRC_FROM + 1] ?? 0,
          timeMs: readUint(bytes, offset + CRC_FROM + 2, offset + CRC_FROM + 6),
        };
  return {
    sizeBytes,
    timeMs: readUint(bytes, offset + TIME_AT, offset + VOID_AT),
    note: { cue, ends },
    crc: readUint(bytes, offset + CRC_AT, offset + CRC_FROM),
    blocksFromByte: headBytes,
  };
}

/** Reads whole blocks from bytes[start, end) until one is cut or damaged; says where the last good one ends. */
export function readWholeBlocks(
  bytes: Uint8Array,
  start: number,
  end: number,
  clusterTimeMs: number,
): { blocks: FileBlock[]; endByte: number } {
  const blocks: FileBlock[] = [];
  let at = start;
  while (at < end) {
    const head = readElementHead(bytes, at, end);
    if (typeof head === 'string' || head.id !== ID.simpleBlock || head.sizeBytes === null || head.sizeBytes < 4) break;
    const body = at + head.headBytes;
    const next = body + head.sizeBytes;
    const marked = bytes[body] ?? 0;
    const flags = bytes[body + 3] ?? 0;
    // The writer sets nothing but the key frame flag.
    if (next > end || marked <= 0x80 || (flags & 0x7f) !== 0) break;
    const relative = (((bytes[body + 1] ?? 0) << 24) >> 16) | (bytes[body + 2] ?? 0);
    blocks.push({
      track: marked & 0x7f,
      timeMs: clusterTimeMs + relative,
      isKeyFrame: flags !== 0,
      payload: bytes.subarray(body + 4, next),
    });
    at = next;
  }
  return { blocks, endByte: at };
}
