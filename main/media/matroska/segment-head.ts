import {
  concatBytes,
  dateElement,
  element,
  floatElement,
  ID,
  listChildren,
  putSize,
  readAscii,
  readDate,
  readElementHead,
  readFloat,
  textElement,
  uintElement,
  voidElement,
  voidHead,
  type ElementHead,
} from './ebml.ts';
import { MatroskaError } from './matroska-error.ts';
import { parseTracks, type TrackInfo } from './track-entry.ts';

/** The two kinds of file that are written. */
export type Container = 'webm' | 'matroska';

/** Where everything is in the head of a segment file. */
export interface HeadLayout {
  readonly container: Container;
  /** Positions in SeekHead and Cues count from here. */
  readonly segmentDataStart: number;
  readonly infoStart: number;
  readonly durationAt: number;
  readonly tracksStart: number;
  /** The Tracks element and the room kept behind it for tracks that come later. */
  readonly tracksRoomBytes: number;
  readonly clustersStart: number;
}

/** Bytes to be put over others that are in the file already. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Everything that finishing changes in the head lies in the first 512 bytes, the smallest sector a disk writes as a whole:
 * one patch, which happens or does not. The Tracks element follows, so that adding a short track stays in one sector too.
 */
export const FIRST_SECTOR_BYTES = 512;
const TRACKS_ROOM_BYTES = 4096 - FIRST_SECTOR_BYTES;
const SPARE_TRACKS_BYTES = 2048;
const UNKNOWN_SIZE_8 = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const DURATION_BYTES = 11;
const MIN_SEEK_ROOM_BYTES = 160;
const MAX_APP_BYTES = 48;
const MUXING_APP = 'Tallylight';
/** No head is longer: 16 tracks of the largest size that is accepted. */
export const MAX_HEAD_BYTES = 1024 * 1024;

/**
 * Builds the first bytes of a segment file: no duration, no index, no size yet, but the room for them. `dateMs` is the wall clock
 * at the file's time 0, milliseconds since 1970.
 */
export function buildHead(
  container: Container,
  writingApp: string,
  trackEntries: readonly Uint8Array[],
  dateMs: number | null = null,
): Uint8Array {
  const app = new TextEncoder().encode(writingApp.replace(/[^\x20-\x7e]/g, '')).subarray(0, MAX_APP_BYTES);
  const ebml = element(
    ID.ebml,
    uintElement(ID.ebmlVersion, 1),
    uintElement(ID.ebmlReadVersion, 1),
    uintElement(ID.ebmlMaxIdLength, 4),
    uintElement(ID.ebmlMaxSizeLength, 8),
    textElement(ID.docType, container),
    uintElement(ID.docTypeVersion, 4),
    uintElement(ID.docTypeReadVersion, 2),
  );
  const segment = new Uint8Array(12);
  segment.set([0x18, 0x53, 0x80, 0x67]);
  segment.set(UNKNOWN_SIZE_8, 4);
  const info = element(
    ID.info,
    uintElement(ID.timestampScale, 1_000_000),
    // A duration of 0 is not allowed (RFC 9559): until there is one, its place is a gap of the same length.
    voidElement(DURATION_BYTES),
    textElement(ID.muxingApp, MUXING_APP),
    element(ID.writingApp, app),
    ...(dateMs === null ? [] : [dateElement(ID.dateUtc, dateMs)]),
  );
  const seekRoomBytes = FIRST_SECTOR_BYTES - ebml.length - segment.length - info.length;
  if (seekRoomBytes < MIN_SEEK_ROOM_BYTES) throw new MatroskaError('no-room', 'no room for the seek head');
  const tracks = element(ID.tracks, ...trackEntries);
  const sectors = Math.ceil((tracks.length + SPARE_TRACKS_BYTES) / FIRST_SECTOR_BYTES);
  const roomBytes = Math.max(TRACKS_ROOM_BYTES, sectors * FIRST_SECTOR_BYTES);
  return concatBytes([ebml, segment, voidElement(seekRoomBytes), info, tracks, voidElement(roomBytes - tracks.length)]);
}

/** Builds the patch that puts a longer Tracks element in place of the one in the file. */
export function buildTracksPatch(layout: HeadLayout, trackEntries: readonly Uint8Array[]): Patch {
  const tracks = element(ID.tracks, ...trackEntries);
  const restBytes = layout.tracksRoomBytes - tracks.length;
  if (restBytes < 2) throw new MatroskaError('no-room', 'no room for another track in this file');
  return { offset: layout.tracksStart, bytes: concatBytes([tracks, voidHead(restBytes)]) };
}

/** Builds the one patch that makes a file complete: seek head, duration and segment size in its first sector. */
export function buildFinishedSector(
  layout: HeadLayout,
  sector: Uint8Array,
  finish: { readonly cuesAt: number | null; readonly fileBytes: number; readonly durationMs: number },
): Patch {
  const bytes = sector.slice(0, FIRST_SECTOR_BYTES);
  putSize(bytes, layout.segmentDataStart - 8, finish.fileBytes - layout.segmentDataStart, 8);
  const seeks = [seek(ID.info, layout, layout.infoStart), seek(ID.tracks, layout, layout.tracksStart)];
  if (finish.cuesAt !== null) seeks.push(seek(ID.cues, layout, finish.cuesAt));
  const seekHead = element(ID.seekHead, ...seeks);
  const seekRoomBytes = layout.infoStart - layout.segmentDataStart;
  bytes.set(seekHead, layout.segmentDataStart);
  bytes.set(voidElement(seekRoomBytes - seekHead.length), layout.segmentDataStart + seekHead.length);
  // Without a single frame there is no duration to tell.
  bytes.set(
    finish.durationMs > 0 ? floatElement(ID.duration, finish.durationMs) : voidElement(DURATION_BYTES),
    layout.durationAt,
  );
  return { offset: 0, bytes };
}

function seek(id: number, layout: HeadLayout, offset: number): Uint8Array {
  return element(
    ID.seek,
    uintElement(ID.seekId, id),
    uintElement(ID.seekPosition, offset - layout.segmentDataStart, 8),
  );
}

/** What a head says: its layout, its tracks, and, in a finished file, segment size and duration. */
export interface ParsedHead {
  readonly layout: HeadLayout;
  readonly tracks: readonly TrackInfo[];
  /** Null while the size is unknown, that is while the file is not finished. */
  readonly segmentSizeBytes: number | null;
  readonly durationMs: number;
  /** The wall clock at the file's time 0, milliseconds since 1970; null when the file does not say. */
  readonly dateMs: number | null;
}

/** Reads the head that buildHead wrote, finished or not; a MatroskaError when it is damaged or somebody else's. */
export function parseHead(bytes: Uint8Array): ParsedHead {
  const ebml = expectElement(bytes, 0, ID.ebml);
  const docTypeChild = listChildren(bytes, ebml.bodyStart, ebml.end).find((child) => child.id === ID.docType);
  const docType = docTypeChild === undefined ? '' : readAscii(bytes, docTypeChild.bodyStart, docTypeChild.end);
  if (docType !== 'webm' && docType !== 'matroska') throw new MatroskaError('head-damaged', 'no file type', 0);

  const segment = readElementHead(bytes, ebml.end, bytes.length);
  if (typeof segment === 'string' || segment.id !== ID.segment || segment.headBytes !== 12) {
    throw new MatroskaError('head-damaged', 'no segment', ebml.end);
  }
  const segmentDataStart = ebml.end + 12;
  let infoStart = segmentDataStart;
  for (;;) {
    const head = fittingHead(bytes, infoStart);
    if (head.id !== ID.void && head.id !== ID.seekHead) break;
    infoStart += head.headBytes + head.sizeBytes;
  }
  const info = expectElement(bytes, infoStart, ID.info);
  const facts = listChildren(bytes, info.bodyStart, info.end);
  // The second always, so that its place is known while it is still a gap.
  const [, duration] = facts;
  if (duration === undefined || duration.end - duration.start !== DURATION_BYTES || info.end !== FIRST_SECTOR_BYTES) {
    throw new MatroskaError('head-damaged', 'no room for a duration', infoStart);
  }
  const date = facts.find((fact) => fact.id === ID.dateUtc);
  const tracks = expectElement(bytes, info.end, ID.tracks);
  const gap = expectElement(bytes, tracks.end, ID.void);
  return {
    layout: {
      container: docType,
      segmentDataStart,
      infoStart,
      durationAt: duration.start,
      tracksStart: info.end,
      tracksRoomBytes: gap.end - info.end,
      clustersStart: gap.end,
    },
    tracks: parseTracks(bytes, tracks.bodyStart, tracks.end),
    segmentSizeBytes: segment.sizeBytes,
    durationMs: duration.id === ID.duration ? readFloat(bytes, duration.bodyStart, duration.end) : 0,
    dateMs: date === undefined ? null : readDate(bytes, date.bodyStart, date.end),
  };
}

/**
 * Gives the first bytes of a file a readable first sector when a cut went through the one patch that finishes it: all that the
 * patch changes becomes a gap again, as it was while the file was being written. Null when that does not make it readable.
 */
export function mendFirstSector(bytes: Uint8Array): Uint8Array | null {
  try {
    const segmentDataStart = expectElement(bytes, 0, ID.ebml).end + 12;
    const infoStart = findInfo(bytes, segmentDataStart);
    if (infoStart === null) return null;
    const mended = bytes.slice();
    mended.set(UNKNOWN_SIZE_8, segmentDataStart - 8);
    mended.set(voidElement(infoStart - segmentDataStart), segmentDataStart);
    const info = expectElement(mended, infoStart, ID.info);
    const scale = expectElement(mended, info.bodyStart, ID.timestampScale);
    mended.set(voidElement(DURATION_BYTES), scale.end);
    parseHead(mended);
    return mended;
  } catch (error) {
    if (error instanceof MatroskaError || error instanceof RangeError) return null;
    throw error;
  }
}

/** The Info element is the one that ends where the first sector does. */
function findInfo(bytes: Uint8Array, from: number): number | null {
  for (let at = from; at < FIRST_SECTOR_BYTES; at += 1) {
    const head = readElementHead(bytes, at, bytes.length);
    if (typeof head === 'string' || head.id !== ID.info || head.sizeBytes === null) continue;
    if (at + head.headBytes + head.sizeBytes === FIRST_SECTOR_BYTES) return at;
  }
  return null;
}

function fittingHead(bytes: Uint8Array, offset: number): ElementHead & { readonly sizeBytes: number } {
  const head = readElementHead(bytes, offset, bytes.length);
  if (typeof head === 'string' || head.sizeBytes === null || offset + head.headBytes + head.sizeBytes > bytes.length) {
    throw new MatroskaError('head-damaged', 'the head of the file is cut or damaged', offset);
  }
  return { id: head.id, headBytes: head.headBytes, sizeBytes: head.sizeBytes };
}

function expectElement(bytes: Uint8Array, offset: number, id: number): { bodyStart: number; end: number } {
  const head = fittingHead(bytes, offset);
  if (head.id !== id) throw new MatroskaError('head-damaged', `element ${id.toString(16)} is missing`, offset);
  return { bodyStart: offset + head.headBytes, end: offset + head.headBytes + head.sizeBytes };
}
