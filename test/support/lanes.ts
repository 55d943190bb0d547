import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createInterleaver } from '../../main/media/matroska/interleaver.ts';
import { createLaneParser, type LaneBlock, type LaneItem } from '../../main/media/matroska/lane-parser.ts';
import { createLaneReader } from '../../main/media/matroska/lane-reader.ts';
import type { FinishPlan } from '../../main/media/matroska/finish-plan.ts';
import type { ScanReader } from '../../main/media/matroska/cluster-repair.ts';
import type { Container, Patch } from '../../main/media/matroska/segment-head.ts';
import { createSegmentWriter } from '../../main/media/matroska/segment-writer.ts';
import type { TimedBlock } from '../../main/media/matroska/interleaver.ts';

/** The lanes recorded by make-lane-fixtures.cjs. */
export const LANE_NAMES = [
  'audio-opus.webm',
  'video-vp8.webm',
  'video-h264.mkv',
  'mix-vp8.webm',
  'mix-h264.mkv',
  'received-h264-resized.mkv',
] as const;
export type LaneName = (typeof LANE_NAMES)[number];

const FOLDER = new URL('../fixtures/lanes/', import.meta.url);

/** The bytes that one real recorder gave out, and the same bytes cut as it gave them. */
export function loadLane(name: LaneName): { readonly bytes: Uint8Array; readonly chunks: readonly Uint8Array[] } {
  const bytes = new Uint8Array(readFileSync(fileURLToPath(new URL(name, FOLDER))));
  const all: unknown = JSON.parse(readFileSync(fileURLToPath(new URL('chunks.json', FOLDER)), 'utf8'));
  const { chunkSizes } = (all as Record<LaneName, { chunkSizes: number[] }>)[name];
  let at = 0;
  const chunks = chunkSizes.map((size) => {
    at += size;
    return bytes.subarray(at - size, at);
  });
  return { bytes, chunks };
}

/** All items that a parser gives for these chunks. */
export function parseAll(chunks: Iterable<Uint8Array>): LaneItem[] {
  const parser = createLaneParser();
  const items: LaneItem[] = [];
  for (const chunk of chunks) items.push(...parser.push(chunk));
  return items;
}

/** All items that a reader gives for these chunks: H.264 as it is written. */
export function readAll(chunks: Iterable<Uint8Array>): LaneItem[] {
  const reader = createLaneReader();
  const items: LaneItem[] = [];
  for (const chunk of chunks) items.push(...reader.push(chunk));
  return items;
}

/** The frames among items. */
export function blocksOf(items: readonly LaneItem[]): LaneBlock[] {
  return items.flatMap((item) => (item.kind === 'block' ? [item.block] : []));
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A file in memory that is written as one on disk would be. */
export interface MemoryFile {
  write(patch: Patch): void;
  truncate(sizeBytes: number): void;
  bytes(): Uint8Array;
}

/** Creates an empty file in memory. */
export function createMemoryFile(content: Uint8Array = new Uint8Array(0)): MemoryFile {
  let buffer = content.slice();
  let sizeBytes = content.length;
  return {
    write: ({ offset, bytes }) => {
      const end = offset + bytes.length;
      if (end > buffer.length) {
        const larger = new Uint8Array(end * 2);
        larger.set(buffer);
        buffer = larger;
      }
      buffer.set(bytes, offset);
      sizeBytes = Math.max(sizeBytes, end);
    },
    truncate: (bytes) => {
      sizeBytes = Math.min(sizeBytes, bytes);
      buffer.fill(0, sizeBytes);
    },
    bytes: () => buffer.slice(0, sizeBytes),
  };
}

/** The file after a finish plan was carried out on it. */
export function applyPlan(content: Uint8Array, plan: FinishPlan): Uint8Array {
  const file = createMemoryFile(content);
  file.truncate(plan.truncateTo);
  file.write({ offset: plan.truncateTo, bytes: plan.append });
  for (const patch of plan.patches) file.write(patch);
  return file.bytes();
}

/** Lets a scan read bytes in memory and counts what it read. */
export function memoryReader(bytes: Uint8Array): ScanReader & { readBytes(): number; reads(): number } {
  let readBytes = 0;
  let reads = 0;
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => {
      reads += 1;
      const part = bytes.subarray(offset, offset + length);
      readBytes += part.length;
      return Promise.resolve(part);
    },
    readBytes: () => readBytes,
    reads: () => reads,
  };
}

/** One lane of a segment that is to be written: its chunks come 250 ms apart, the first one at `startMs`. */
export interface LaneInput {
  readonly lane: string;
  readonly name: LaneName;
  readonly offsetMs: number;
  readonly startMs: number;
}

/** A segment as the recorder would have written it, before and after its end. */
export interface WrittenSegment {
  readonly unfinished: Uint8Array;
  readonly plan: FinishPlan;
  readonly finished: Uint8Array;
  readonly blocks: readonly TimedBlock[];
  /** What went to the end of the file, in order: the head, then clusters. */
  readonly appended: readonly Uint8Array[];
}

/** Runs recorded chunks through reader, interleaver and writer, as main does while recording. */
export function writeSegment(container: Container, lanes: readonly LaneInput[]): WrittenSegment {
  const writer = createSegmentWriter({ container, writingApp: 'Tallylight test' });
  const interleaver = createInterleaver<string>();
  const file = createMemoryFile();
  const blocks: TimedBlock[] = [];
  const appended: Uint8Array[] = [];
  const readers = new Map(lanes.map(({ lane }) => [lane, createLaneReader()]));
  const arrivals = lanes
    .flatMap((input) => loadLane(input.name).chunks.map((chunk, seq) => ({ ...input, chunk, seq })))
    .map((arrival) => ({ ...arrival, atMs: arrival.startMs + 250 * (arrival.seq + 1) }))
    .toSorted((a, b) => a.atMs - b.atMs);

  function write(drained: readonly TimedBlock[]): void {
    if (drained.length === 0) return;
    const patch = writer.appendCluster(drained);
    file.write(patch);
    appended.push(patch.bytes);
    blocks.push(...drained);
  }

  for (const { lane } of lanes) interleaver.setLane(lane, 0, 0);
  for (const { lane, offsetMs, chunk, seq, atMs } of arrivals) {
    const reader = readers.get(lane);
    if (reader === undefined) continue;
    if (seq === 0) interleaver.setLane(lane, offsetMs, atMs);
    const items = reader.push(chunk);
    for (const item of items) {
      if (item.kind === 'broken') throw item.error;
      if (item.kind === 'block') continue;
      const change = writer.addTracks(item.header.tracks.map((info) => ({ lane, info, name: `Ada ${lane}` })));
      if (change.kind === 'patch') file.write(change.patch);
      else {
        file.write({ offset: 0, bytes: change.bytes });
        appended.push(change.bytes);
      }
    }
    const chunkFrames = { blocks: blocksOf(items), openFrames: reader.openFrames() };
    interleaver.push(lane, { token: `${lane}/${seq}`, ...chunkFrames }, atMs);
    write(interleaver.drain(atMs).blocks);
  }
  write(interleaver.flush().blocks);
  const unfinished = file.bytes();
  const plan = writer.finish();
  return { unfinished, plan, finished: applyPlan(unfinished, plan), blocks, appended };
}
