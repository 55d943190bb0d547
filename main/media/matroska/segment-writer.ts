import { blockBytes, clusterBytes, putCluster, type ClusterNote, type FileBlock } from './cluster.ts';
import { containerFor } from './container-choice.ts';
import { addCluster, buildFinishPlan, createFinishNotes, type FinishPlan } from './finish-plan.ts';
import type { TimedBlock } from './interleaver.ts';
import { MAX_BLOCK_BYTES } from './lane-parser.ts';
import { MatroskaError } from './matroska-error.ts';
import {
  buildHead,
  buildTracksPatch,
  FIRST_SECTOR_BYTES,
  parseHead,
  type Container,
  type HeadLayout,
  type Patch,
} from './segment-head.ts';
import { createTrackClock, noteBlocks, type TrackClock } from './track-clock.ts';
import { buildTrackEntry, MAX_TRACKS, type TrackInfo } from './track-entry.ts';

/** A track of a lane that is to be part of the file. */
export interface NewTrack {
  readonly lane: string;
  readonly info: TrackInfo;
  /** Shown by players; cut to a sane length. */
  readonly name?: string;
  /** ISO 639-2, 'und' when not given. */
  readonly language?: string;
}

/** The first tracks make the head of the file; later ones are put into its reserved room. */
export type TracksWrite =
  | { readonly kind: 'head'; readonly bytes: Uint8Array }
  | { readonly kind: 'patch'; readonly patch: Patch };

/**
 * Makes the bytes of one segment file. It writes nothing itself: every answer says what to write where, and the state has moved
 * on. When a write fails, repeat it at its offset, or close the file and finish it by a scan: never go on after a hole.
 */
export interface SegmentWriter {
  /** Adds tracks, sound before picture; a codec that the container cannot hold is an error and changes nothing. */
  addTracks(tracks: readonly NewTrack[]): TracksWrite;
  /** Turns blocks into one or more clusters of known size, to be appended by one write at `offset`. */
  appendCluster(blocks: readonly TimedBlock[]): Patch;
  /** How to finish the file as it stands; changes nothing, so it may be asked at any time. */
  finish(): FinishPlan;
  /** Size of the file when everything given out so far is written. */
  sizeBytes(): number;
}

/** A cluster ends at this length or size, whichever comes first; far below the 32.7 s that its relative times can span. */
export const CLUSTER_MAX_MS = 5000;
export const CLUSTER_MAX_BYTES = 5_000_000;
const MAX_TIME_MS = 0xffffffff;

interface PlannedCluster {
  readonly blocks: readonly FileBlock[];
  readonly timeMs: number;
  readonly blocksBytes: number;
}

/** Creates a writer for one segment file. */
export function createSegmentWriter(options: {
  readonly container: Container;
  readonly writingApp: string;
  /** The wall clock at the file's time 0, milliseconds since 1970. */
  readonly dateMs?: number;
}): SegmentWriter {
  let entries: readonly Uint8Array[] = [];
  let numbers: ReadonlyMap<string, number> = new Map();
  const clocks = new Map<number, TrackClock>();
  const notes = createFinishNotes();
  let head: { readonly layout: HeadLayout; readonly firstSector: Uint8Array } | null = null;
  let endOffset = 0;

  function addTracks(tracks: readonly NewTrack[]): TracksWrite {
    const refusal = containerFor(
      tracks.map((track) => track.info.codecId),
      options.container,
    );
    if (refusal.container !== options.container) {
      throw new MatroskaError('unsupported-track', refusal.reason ?? 'the container cannot hold this track');
    }
    if (tracks.length === 0) throw new MatroskaError('bad-header', 'there is no track to add');
    if (entries.length + tracks.length > MAX_TRACKS) {
      throw new MatroskaError('too-many-tracks', `over ${MAX_TRACKS} tracks`);
    }
    const ordered = tracks.toSorted((a, b) => rank(a) - rank(b));
    const nextNumbers = new Map(numbers);
    const nextEntries = [...entries];
    for (const { lane, info, name, language } of ordered) {
      const key = keyOf(lane, info.number);
      if (nextNumbers.has(key)) throw new MatroskaError('wrong-state', `track ${key} is in the file already`);
      const number = nextEntries.length + 1;
      nextNumbers.set(key, number);
      nextEntries.push(buildTrackEntry(info, { number, name, language }));
    }

    let write: TracksWrite;
    if (head === null) {
      const bytes = buildHead(options.container, options.writingApp, nextEntries, options.dateMs ?? null);
      head = { layout: parseHead(bytes).layout, firstSector: bytes.slice(0, FIRST_SECTOR_BYTES) };
      endOffset = bytes.length;
      write = { kind: 'head', bytes };
    } else {
      write = { kind: 'patch', patch: buildTracksPatch(head.layout, nextEntries) };
    }
    for (const { lane, info } of ordered) {
      const number = nextNumbers.get(keyOf(lane, info.number)) ?? 0;
      clocks.set(number, createTrackClock(info.codecId, info.type));
    }
    numbers = nextNumbers;
    entries = nextEntries;
    return write;
  }

  function appendCluster(blocks: readonly TimedBlock[]): Patch {
    if (head === null) throw new MatroskaError('wrong-state', 'frames before the first track');
    const planned = planClusters(blocks.map(toFileBlock));
    const clusters: { readonly plan: PlannedCluster; readonly note: ClusterNote }[] = [];
    let length = 0;
    for (const plan of planned) {
      const note = noteBlocks(plan.blocks, clocks);
      clusters.push({ plan, note });
      length += clusterBytes(note.ends.length, plan.blocksBytes);
    }
    const offset = endOffset;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const { plan, note } of clusters) {
      addCluster(notes, offset + at, note);
      at = putCluster(bytes, at, plan.blocks, plan.timeMs, note);
    }
    endOffset += length;
    return { offset, bytes };
  }

  function toFileBlock(block: TimedBlock): FileBlock {
    const track = numbers.get(keyOf(block.lane, block.trackNumber));
    if (track === undefined) throw new MatroskaError('unknown-track', `no track for lane ${block.lane}`);
    if (!Number.isInteger(block.timeMs) || block.timeMs < 0 || block.timeMs > MAX_TIME_MS) {
      throw new MatroskaError('time-out-of-range', `a frame at ${block.timeMs} ms`);
    }
    if (block.payload.length > MAX_BLOCK_BYTES) throw new MatroskaError('element-too-large', 'a frame is too large');
    return { track, timeMs: block.timeMs, isKeyFrame: block.isKeyFrame, payload: block.payload };
  }

  function finish(): FinishPlan {
    if (head === null) throw new MatroskaError('wrong-state', 'a file without tracks cannot be finished');
    const tracks = entries.map((entry, index) => ({ number: index + 1, entry }));
    return buildFinishPlan({ ...head, tracks }, notes, endOffset);
  }

  return { addTracks, appendCluster, finish, sizeBytes: () => endOffset };
}

function rank(track: NewTrack): number {
  return track.info.type === 'audio' ? 0 : 1;
}

function keyOf(lane: string, trackNumber: number): string {
  return `${lane}:${trackNumber}`;
}

function planClusters(blocks: readonly FileBlock[]): PlannedCluster[] {
  const planned: PlannedCluster[] = [];
  let from = 0;
  let minMs = 0;
  let maxMs = 0;
  let bytes = 0;
  for (const [index, block] of blocks.entries()) {
    const size = blockBytes(block);
    const isNew = index === from;
    const nextMinMs = isNew ? block.timeMs : Math.min(minMs, block.timeMs);
    const nextMaxMs = isNew ? block.timeMs : Math.max(maxMs, block.timeMs);
    if (!isNew && (nextMaxMs - nextMinMs > CLUSTER_MAX_MS || bytes + size > CLUSTER_MAX_BYTES)) {
      planned.push({ blocks: blocks.slice(from, index), timeMs: minMs, blocksBytes: bytes });
      from = index;
      bytes = 0;
      minMs = block.timeMs;
      maxMs = block.timeMs;
    } else {
      minMs = nextMinMs;
      maxMs = nextMaxMs;
    }
    bytes += size;
  }
  if (blocks.length > from) planned.push({ blocks: blocks.slice(from), timeMs: minMs, blocksBytes: bytes });
  return planned;
}
