import { ID, listChildren, readElementHead, readUint } from './matroska/ebml.ts';
import { MatroskaError } from './matroska/matroska-error.ts';

/** Reads up to `lengthBytes` bytes of a file; fewer only at its end. */
export type ReadAt = (positionBytes: number, lengthBytes: number) => Promise<Uint8Array>;

/** What the front of a Matroska file says about its beginning. */
export type MatroskaFront = {
  /** Time of the earliest block among the first ones; zero when no block comes. */
  readonly startMs: number;
};

// The elements beside clusters that RFC 9559 puts into a Segment, and Void.
const betweenIds: ReadonlySet<number> = new Set([
  ID.seekHead,
  ID.info,
  ID.tracks,
  ID.cues,
  ID.tags,
  ID.chapters,
  ID.attachments,
  ID.void,
]);
const chaptersId = [0x10, 0x43, 0xa7, 0x70];
const maxElements = 64;
// Codec data and an index of a day fit; what mediabunny takes into memory at once stays below it.
const maxElementBytes = 16 * 1024 * 1024;
const firstClusterBytes = 64 * 1024;
const defaultTimestampScaleNs = 1_000_000;

/**
 * Walks the elements before the first cluster; null when the file is not Matroska, a MatroskaError when something stands
 * there that does not belong. mediabunny 1.61 must not be let near such a file: its search for the next element
 * (`resync` in matroska/ebml.js) never ends when it finds none, and so stops the whole process.
 */
export async function readMatroskaFront(read: ReadAt, sizeBytes: number): Promise<MatroskaFront | null> {
  const first = await headAt(read, 0);
  if (first === null || first.id !== ID.ebml || first.sizeBytes === null) return null;
  const segmentAt = first.headBytes + first.sizeBytes;
  const segment = await headAt(read, segmentAt);
  if (segment === null || segment.id !== ID.segment) throw new MatroskaError('bad-header', 'no segment', segmentAt);
  let at = segmentAt + segment.headBytes;
  const segmentEnd = segment.sizeBytes === null ? sizeBytes : at + segment.sizeBytes;
  if (segmentEnd < sizeBytes) {
    // Chapters that were being written when the app died: they are stepped over, or end the file.
    const behind = await read(segmentEnd, chaptersId.length);
    if (behind.some((byte, index) => byte !== chaptersId[index])) {
      throw new MatroskaError('bad-element', 'bytes behind the segment', segmentEnd);
    }
  }

  let timestampScaleNs = defaultTimestampScaleNs;
  for (let count = 0; at < Math.min(segmentEnd, sizeBytes); count += 1) {
    const head = await headAt(read, at);
    if (head === null) throw new MatroskaError('bad-element', 'no element where one should begin', at);
    if (head.id === ID.cluster) return { startMs: await firstBlockMs(read, at, timestampScaleNs) };
    const isKnown = betweenIds.has(head.id) && head.sizeBytes !== null && count < maxElements;
    if (!isKnown || head.sizeBytes > maxElementBytes) {
      throw new MatroskaError('bad-element', 'an element that does not belong before the first cluster', at);
    }
    const bodyAt = at + head.headBytes;
    at = bodyAt + head.sizeBytes;
    if (at > sizeBytes) throw new MatroskaError('bad-element', 'the file ends inside its head', sizeBytes);
    if (head.id === ID.info) timestampScaleNs = readTimestampScale(await read(bodyAt, head.sizeBytes));
  }
  return { startMs: 0 };
}

type Head = { readonly id: number; readonly sizeBytes: number | null; readonly headBytes: number };

async function headAt(read: ReadAt, at: number): Promise<Head | null> {
  const bytes = await read(at, 12);
  const head = readElementHead(bytes, 0, bytes.byteLength);
  return typeof head === 'string' ? null : head;
}

function readTimestampScale(info: Uint8Array): number {
  const scale = listChildren(info, 0, info.byteLength).find((child) => child.id === ID.timestampScale);
  const value = scale === undefined ? defaultTimestampScaleNs : readUint(info, scale.bodyStart, scale.end);
  if (value === 0) throw new MatroskaError('bad-header', 'a timestamp scale of zero', 0);
  return value;
}

// Only the blocks that lie in the first bytes of the cluster: each track's first one does, in a file that is interleaved.
async function firstBlockMs(read: ReadAt, clusterAt: number, timestampScaleNs: number): Promise<number> {
  const bytes = await read(clusterAt, firstClusterBytes);
  const cluster = readElementHead(bytes, 0, bytes.byteLength);
  if (typeof cluster === 'string') return 0;
  const end = Math.min(bytes.byteLength, cluster.headBytes + (cluster.sizeBytes ?? bytes.byteLength));
  let clusterTicks = 0;
  let earliest: number | null = null;
  for (let at = cluster.headBytes; at < end;) {
    const head = readElementHead(bytes, at, end);
    if (typeof head === 'string' || head.sizeBytes === null || head.id === ID.cluster) break;
    const bodyAt = at + head.headBytes;
    const bodyEnd = bodyAt + head.sizeBytes;
    if (head.id === ID.timestamp && bodyEnd <= end) clusterTicks = readUint(bytes, bodyAt, bodyEnd);
    const ticks = head.id === ID.simpleBlock ? blockTicks(bytes, bodyAt, end) : groupTicks(bytes, head.id, bodyAt, end);
    if (ticks !== null) earliest = Math.min(earliest ?? ticks, ticks);
    at = bodyEnd;
  }
  return ((clusterTicks + (earliest ?? 0)) * timestampScaleNs) / 1e6;
}

function groupTicks(bytes: Uint8Array, id: number, bodyAt: number, end: number): number | null {
  if (id !== ID.blockGroup) return null;
  const block = readElementHead(bytes, bodyAt, end);
  return typeof block === 'string' || block.id !== ID.block ? null : blockTicks(bytes, bodyAt + block.headBytes, end);
}

// A block begins with its track number (1 to 8 bytes) and a signed 16-bit time against its cluster: RFC 9559, 10.1.
function blockTicks(bytes: Uint8Array, at: number, end: number): number | null {
  const first = bytes[at] ?? 0;
  if (first === 0) return null;
  const timeAt = at + Math.clz32(first) - 23;
  if (timeAt + 2 > end) return null;
  return new DataView(bytes.buffer, bytes.byteOffset + timeAt, 2).getInt16(0);
}
