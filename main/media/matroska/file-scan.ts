import { MAX_CLUSTER_HEAD_BYTES, readClusterHead } from './cluster.ts';
import {
  findWholeCluster,
  isWhole,
  MAX_CLUSTER_BYTES,
  readRange,
  salvage,
  type FoundCluster,
  type ScanReader,
} from './cluster-repair.ts';
import { ID, listChildren, MAX_ELEMENT_HEAD_BYTES, readElementHead, readUint, voidHead } from './ebml.ts';
import { addCluster, buildFinishPlan, createFinishNotes, type FinishPlan } from './finish-plan.ts';
import { MatroskaError } from './matroska-error.ts';
import {
  FIRST_SECTOR_BYTES,
  MAX_HEAD_BYTES,
  mendFirstSector,
  parseHead,
  type HeadLayout,
  type ParsedHead,
  type Patch,
} from './segment-head.ts';
import type { TrackInfo } from './track-entry.ts';

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
/** How far back from the end the checksums are looked at: more than the second that a power cut can take. */
const TAIL_CLUSTERS = 40;

/** Finds how to finish a file of the segment writer, whatever became of it, by hopping from cluster to cluster. */
export async function scanSegmentFile(reader: ScanReader): Promise<ScanResult> {
  let firstBytes: Uint8Array;
  let head: ParsedHead;
  try {
    firstBytes = await readRange(reader, 0, HEAD_READ_BYTES);
    try {
      head = parseHead(firstBytes);
    } catch (error) {
      if (!(error instanceof MatroskaError)) throw error;
      if (reader.sizeBytes > HEAD_READ_BYTES) firstBytes = await readRange(reader, 0, MAX_HEAD_BYTES);
      firstBytes = mendFirstSector(firstBytes) ?? firstBytes;
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
  const plan = buildFinishPlan(
    {
      layout: head.layout,
      firstSector: firstBytes.subarray(0, FIRST_SECTOR_BYTES),
      tracks: head.tracks.map(({ number, raw }) => ({ number, entry: raw })),
    },
    found.notes,
    found.endOffset,
  );
  return {
    kind: 'unfinished',
    // The first sector comes last: it is what says "finished".
    plan: { ...plan, patches: [...found.patches, ...plan.patches] },
    tracks: heardTracks(head.tracks, found.notes.endMsByTrack),
    damage: found.damage,
  };
}

function heardTracks(tracks: readonly TrackInfo[], ends: ReadonlyMap<number, number>): readonly TrackInfo[] {
  const heard = tracks.filter((track) => ends.has(track.number));
  return heard.length === 0 ? tracks : heard;
}

async function isFinished(reader: ScanReader, head: ParsedHead, firstBytes: Uint8Array): Promise<boolean> {
  const { layout, segmentSizeBytes } = head;
  if (segmentSizeBytes === null || layout.segmentDataStart + segmentSizeBytes !== reader.sizeBytes) return false;
  // Without a duration the sector that says "finished" is torn: disks promise whole sectors, but not all keep it.
  if (head.durationMs < 1 && reader.sizeBytes !== layout.clustersStart) return false;
  const cuesAt = readCuesPosition(layout, firstBytes);
  // A file in which no player can jump: nothing but the head, or pictures that never had a key frame.
  if (cuesAt === null) return true;
  const cuesEnd = await endOfElement(reader, cuesAt, ID.cues);
  if (cuesEnd === null || cuesEnd === reader.sizeBytes) return cuesEnd !== null;
  // Chapters come behind everything else, long after the file was finished.
  return (await endOfElement(reader, cuesEnd, ID.chapters)) === reader.sizeBytes;
}

/** Where the element at `offset` ends; null when it is another one or has no size. */
async function endOfElement(reader: ScanReader, offset: number, id: number): Promise<number | null> {
  const bytes = await readRange(reader, offset, MAX_ELEMENT_HEAD_BYTES);
  const head = readElementHead(bytes, 0, bytes.length);
  if (typeof head === 'string' || head.id !== id || head.sizeBytes === null) return null;
  return offset + head.headBytes + head.sizeBytes;
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
  let indexBytes = 0;
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
    // Neither is lost: cues are made again, and so are chapters, by whoever knows them.
    if (typeof other !== 'string' && (other.id === ID.cues || other.id === ID.chapters)) {
      const chaptersEnd = await endOfElement(reader, at + (other.id === ID.cues ? otherBytes : 0), ID.chapters);
      indexBytes = Math.min(chaptersEnd ?? at + otherBytes, reader.sizeBytes) - at;
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
      droppedBytes: reader.sizeBytes - indexBytes - endOffset + heldBytes,
      holes: patches.length - (salvaged === null ? 0 : 1),
      hasSalvagedCluster: salvaged !== null,
    },
  };
}
