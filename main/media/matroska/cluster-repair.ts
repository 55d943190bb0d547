import {
  clusterCrc,
  MAX_CLUSTER_HEAD_BYTES,
  putClusterHead,
  readClusterHead,
  readWholeBlocks,
  type ClusterHead,
} from './cluster.ts';
import { MAX_BLOCK_BYTES } from './lane-parser.ts';
import type { Patch } from './segment-head.ts';
import { createTrackClock, noteBlocks } from './track-clock.ts';
import type { TrackInfo } from './track-entry.ts';

/** The file that is scanned; `read` answers fewer bytes only at the end of the file. */
export interface ScanReader {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A cluster and where it starts. */
export interface FoundCluster {
  readonly offset: number;
  readonly head: ClusterHead;
}

/** More than the writer ever puts into one cluster. */
export const MAX_CLUSTER_BYTES = 2 * MAX_BLOCK_BYTES;
const SEARCH_BYTES = 1024 * 1024;
const CLUSTER_ID = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);

/** Reads what the file has of a range. */
export async function readRange(reader: ScanReader, offset: number, length: number): Promise<Uint8Array> {
  const available = Math.max(0, Math.min(length, reader.sizeBytes - offset));
  return available === 0 ? new Uint8Array(0) : reader.read(offset, available);
}

/** Tells whether a cluster is in the file from its first byte to its last, with the checksum it was written with. */
export async function isWhole(reader: ScanReader, cluster: FoundCluster): Promise<boolean> {
  const { sizeBytes, crc } = cluster.head;
  if (sizeBytes > MAX_CLUSTER_BYTES || cluster.offset + sizeBytes > reader.sizeBytes) return false;
  const bytes = await readRange(reader, cluster.offset, sizeBytes);
  return bytes.length === sizeBytes && clusterCrc(bytes, 0, sizeBytes) === crc;
}

/** Finds the next cluster at or after `from` that is whole beyond doubt; null when there is none. */
export async function findWholeCluster(reader: ScanReader, from: number): Promise<number | null> {
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
export async function salvage(
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
  const strangerAt = read.blocks.findIndex((block) => !clocks.has(block.track) || block.timeMs < 0);
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
