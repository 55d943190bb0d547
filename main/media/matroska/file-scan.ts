import {
  clusterCrc,
  MAX_CLUSTER_HEAD_BYTES,
  putClusterHead,
  readClusterHead,
  readWholeBlocks,
  type ClusterHead,
  type FileBlock,
} from './cluster.ts';
import { ID, listChildren, readElementHead, readUint, voidHead } from './ebml.ts';
import { addCluster, buildFinishPlan, createFinishNotes, type FinishPlan } from './finish-plan.ts';
import { MAX_BLOCK_BYTES } from './lane-parser.ts';
import { MatroskaError } from './matroska-error.ts';
import {
  FIRST_SECTOR_BYTES,
  MAX_HEAD_BYTES,
  parseHead,
  type HeadLayout,
  type ParsedHead,
  type Patch,
} from './segment-head.ts';
import { createTrackClock, noteBlocks } from './track-clock.ts';
import type { TrackInfo } from './track-entry.ts';

/** The file that is scanned; `read` answers fewer bytes only at the end of the file. */
export interface ScanReader {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What a scan had to give up or mend. */
export interface ScanDamage {
  /** Bytes with frames or garbage in them that the finished file will not show. */
  readonly droppedBytes: number;
  /** Damaged places inside the file that are stepped over. */
  readonly holes: number;
  /** The last cluster was torn and its whole frames are kept. */
  readonly hasSalvagedCluster: boolean;
}

/** What a scan found: nothing to do, how to finish the file, or a head that nobody can read. */
export type ScanResult =
  | { readonly kind: 'finished'; readonly durationMs: number; readonly tracks: readonly TrackInfo[] }
  | {
      readonly kind: 'unfinished';
      readonly plan: FinishPlan;
      readonly tracks: readonly TrackInfo[];
      readonly damage: ScanDamage;
    }
  | { readonly kind: 'unusable'; readonly error: MatroskaError };

const HEAD_READ_BYTES = 64 * 1024;
/** Small clusters (sound only) come many to a read; of large ones only the head is read. */
const WINDOW_BYTES = 64 * 1024;
const SMALL_CLUSTER_BYTES = 16 * 1024;
const SEARCH_BYTES = 1024 * 1024;
/** How far back from the end the checksums are looked at: more than the second that a power cut can take. */
const TAIL_CLUSTERS = 40;
const MAX_CLUSTER_BYTES = 2 * MAX_BLOCK_BYTES;
const CLUSTER_ID = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);

interface FoundCluster {
  readonly offset: number;
  readonly head: ClusterHead;
}

/** Finds how to finish a file of the segment writer, whatever became of it, by hopping from cluster to cluster. */
export async function scanSegmentFile(reader: ScanReader): Promise<ScanResult> {
  let firstBytes: Uint8Array;
  let head: ParsedHead;
  try {
    firstBytes = await readRange(reader, 0, HEAD_READ_BYTES);
    try {
      head = parseHead(firstBytes);
    } catch (error) {
      if (!(error instanceof MatroskaError) || reader.sizeBytes <= HEAD_READ_BYTES) throw error;
      firstBytes = await readRange(reader, 0, MAX_HEAD_BYTES);
      head = parseHead(firstBytes);
    }
  } catch (error) {
    if (error instanceof MatroskaError) return { kind: 'unusable', error };
    throw error;
  }
  if (await isFinished(reader, head, firstBytes)) {
    return { kind: 'finished', durationMs: head.durationMs, tracks: head.tracks };
  }
  const found = await findClusters(reader, head);
  const plan = buildFinishPlan(head.layout, firstBytes.subarray(0, FIRST_SECTOR_BYTES), found.notes, found.endOffset);
  return {
    kind: 'unfinished',
    // The first sector comes last: it is what says "finished".
    plan: { ...plan, patches: [...found.patches, ...plan.patches] },
    tracks: head.tracks,
    damage: found.damage,
  };
}

async function readRange(reader: ScanReader, offset: number, length: number): Promise<Uint8Array> {
  const available = Math.max(0, Math.min(length, reader.sizeBytes - offset));
  return available === 0 ? new Uint8Array(0) : reader.read(offset, available);
}

async function isFinished(reader: ScanReader, head: ParsedHead, firstBytes: Uint8Array): Promise<boolean> {
  const { layout, segmentSizeBytes } = head;
  if (segmentSizeBytes === null || layout.segmentDataStart + segmentSizeBytes !== reader.sizeBytes) return false;
  const cuesAt = readCuesPosition(layout, firstBytes);
  // A file in which no player can jump: nothing but the head, or pictures that never had a key frame.
  if (cuesAt === null) return head.durationMs > 0 || reader.sizeBytes === layout.clustersStart;
  const cues = readElementHead(await readRange(reader, cuesAt, 12), 0, 12);
  return (
    typeof cues !== 'string' &&
    cues.id === ID.cues &&
    cues.sizeBytes !== null &&
    cuesAt + cues.headBytes + cues.sizeBytes === reader.sizeBytes
  );
}

function readCuesPosition(layout: HeadLayout, bytes: Uint8Array): number | null {
  try {
    for (const part of listChildren(bytes, layout.segmentDataStart, layout.infoStart)) {
      if (part.id !== ID.seekHead) continue;
      for (const seek of listChildren(bytes, part.bodyStart, part.end)) {
        const [id, position] = listChildren(bytes, seek.bodyStart, seek.end);
        if (id === undefined || position === undefined) continue;
        if (readUint(bytes, id.bodyStart, id.end) === ID.cues) {
          return layout.segmentDataStart + readUint(bytes, position.bodyStart, position.end);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof MatroskaError)) throw error;
  }
  return null;
}

interface FoundClusters {
  readonly notes: ReturnType<typeof createFinishNotes>;
  readonly endOffset: number;
  readonly patches: readonly Patch[];
  readonly damage: ScanDamage;
}

async function findClusters(reader: ScanReader, head: ParsedHead): Promise<FoundClusters> {
  const notes = createFinishNotes();
  const patches: Patch[] = [];
  // The newest clusters wait here until they are known to be whole.
  const tail: FoundCluster[] = [];
  let at = head.layout.clustersStart;
  let cuesBytes = 0;
  let heldBytes = 0;
  let window: { readonly offset: number; readonly bytes: Uint8Array } = { offset: 0, bytes: new Uint8Array(0) };

  async function headAt(offset: number, sizeHint: number): Promise<Uint8Array> {
    const from = offset - window.offset;
    if (from >= 0 && from + MAX_CLUSTER_HEAD_BYTES <= window.bytes.length) return window.bytes.subarray(from);
    const length = sizeHint > 0 && sizeHint < SMALL_CLUSTER_BYTES ? WINDOW_BYTES : MAX_CLUSTER_HEAD_BYTES;
    window = { offset, bytes: await readRange(reader, offset, length) };
    return window.bytes;
  }

  let torn: FoundCluster | null = null;
  let lastBytes = 0;
  while (at < reader.sizeBytes) {
    const bytes = await headAt(at, lastBytes);
    const cluster = readClusterHead(bytes, 0);
    if (cluster !== null && cluster.sizeBytes <= MAX_CLUSTER_BYTES && at + cluster.sizeBytes <= reader.sizeBytes) {
      tail.push({ offset: at, head: cluster });
      if (tail.length > TAIL_CLUSTERS) {
        const settled = tail.shift();
        if (settled !== undefined) addCluster(notes, settled.offset, settled.head.note);
      }
      at += cluster.sizeBytes;
      lastBytes = cluster.sizeBytes;
      continue;
    }
    const other = readElementHead(bytes, 0, bytes.length);
    const otherBytes = typeof other === 'string' || other.sizeBytes === null ? 0 : other.headBytes + other.sizeBytes;
    // A place that an earlier scan found damaged.
    if (typeof other !== 'string' && other.id === ID.void && otherBytes > 0 && at + otherBytes <= reader.sizeBytes) {
      at += otherBytes;
      continue;
    }
    if (typeof other !== 'string' && other.id === ID.cues) {
      cuesBytes = Math.min(otherBytes, reader.sizeBytes - at);
      break;
    }
    // The way is lost. When the last cluster is damaged its size may be what misled us.
    const last = tail.at(-1);
    const isMisled = last !== undefined && !(await isWhole(reader, last));
    const badFrom = isMisled ? last.offset : at;
    const next = await findWholeCluster(reader, badFrom + 1);
    if (next === null) {
      if (cluster !== null) torn = { offset: at, head: cluster };
      break;
    }
    if (isMisled) tail.pop();
    patches.push({ offset: badFrom, bytes: voidHead(next - badFrom) });
    heldBytes += next - badFrom;
    at = next;
  }

  let endOffset = at;
  let damaged = torn;
  for (let last = tail.at(-1); last !== undefined && !(await isWhole(reader, last)); last = tail.at(-1)) {
    damaged = last;
    endOffset = last.offset;
    tail.pop();
  }
  for (const { offset, head: cluster } of tail) addCluster(notes, offset, cluster.note);
  const salvaged = damaged === null ? null : await salvage(reader, damaged, head.tracks);
  if (salvaged !== null) {
    addCluster(notes, salvaged.offset, salvaged.head.note);
    patches.push(salvaged.patch);
    endOffset = salvaged.endOffset;
  }
  return {
    notes,
    endOffset,
    patches,
    damage: {
      droppedBytes: reader.sizeBytes - cuesBytes - endOffset + heldBytes,
      holes: patches.length - (salvaged === null ? 0 : 1),
      hasSalvagedCluster: salvaged !== null,
    },
  };
}

async function isWhole(reader: ScanReader, cluster: FoundCluster): Promise<boolean> {
  const { sizeBytes, crc } = cluster.head;
  if (sizeBytes > MAX_CLUSTER_BYTES || cluster.offset + sizeBytes > reader.sizeBytes) return false;
  const bytes = await readRange(reader, cluster.offset, sizeBytes);
  return bytes.length === sizeBytes && clusterCrc(bytes, 0, sizeBytes) === crc;
}

async function findWholeCluster(reader: ScanReader, from: number): Promise<number | null> {
  for (let at = from; at < reader.sizeBytes; at += SEARCH_BYTES - CLUSTER_ID.length + 1) {
    const bytes = await readRange(reader, at, SEARCH_BYTES);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let hit = buffer.indexOf(CLUSTER_ID); hit !== -1; hit = buffer.indexOf(CLUSTER_ID, hit + 1)) {
      const offset = at + hit;
      const head = readClusterHead(await readRange(reader, offset, MAX_CLUSTER_HEAD_BYTES), 0);
      if (head !== null && (await isWhole(reader, { offset, head }))) return offset;
    }
  }
  return null;
}

interface Salvaged extends FoundCluster {
  readonly endOffset: number;
  readonly patch: Patch;
}

/** Keeps the whole frames of a torn cluster: its head gets a size that ends after the last of them. */
async function salvage(
  reader: ScanReader,
  cluster: FoundCluster,
  tracks: readonly TrackInfo[],
): Promise<Salvaged | null> {
  const { head, offset } = cluster;
  const bytes = await readRange(reader, offset, Math.min(head.sizeBytes, MAX_CLUSTER_BYTES));
  // After a power cut the end of a file may be zeros that were never written.
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const read = readWholeBlocks(bytes, head.blocksFromByte, end, head.timeMs);
  const clocks = new Map(tracks.map((track) => [track.number, createTrackClock(track.codecId, track.type)]));
  const strangerAt = read.blocks.findIndex((block: FileBlock) => !clocks.has(block.track) || block.timeMs < 0);
  if (read.blocks.length === 0 || strangerAt !== -1) return null;

  const note = noteBlocks(read.blocks, clocks);
  const [firstEnd] = note.ends;
  if (firstEnd === undefined) return null;
  // The head keeps its length, so a note with fewer tracks repeats one of them.
  const ends = [...note.ends];
  while (ends.length < head.note.ends.length) ends.push(firstEnd);
  if (ends.length > head.note.ends.length) return null;
  const mended = bytes.slice(0, read.endByte);
  const mendedNote = { cue: note.cue, ends };
  putClusterHead(mended, 0, mended.length, head.timeMs, mendedNote);
  return {
    offset,
    head: { ...head, sizeBytes: mended.length, note: mendedNote },
    endOffset: offset + mended.length,
    patch: { offset, bytes: mended.slice(0, head.blocksFromByte) },
  };
}
