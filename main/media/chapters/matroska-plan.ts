import { crc32 } from 'node:zlib';
import type { ScanReader } from '../matroska/cluster-repair.ts';
import {
  concatBytes,
  element,
  ID,
  idLength,
  listChildren,
  MAX_ELEMENT_HEAD_BYTES,
  putId,
  putSize,
  readElementHead,
  readUint,
  sizeLength,
  uintElement,
  voidElement,
} from '../matroska/ebml.ts';
import { FIRST_SECTOR_BYTES } from '../matroska/segment-head.ts';
import type { Chapter } from './chapter-list.ts';
import { isStartOf, refuseChapters, sameBytes } from './chapter-plan.ts';
import type { ChapterPlan, ChapterStep } from './chapter-plan.ts';
import { buildMatroskaChapters } from './matroska-chapters.ts';

/** The first bytes of a Chapters element, by which a half-written one behind the segment is known. */
const CHAPTERS_ID = Uint8Array.of(0x10, 0x43, 0xa7, 0x70);
const SEGMENT_SIZE_BYTES = 8;

/** The part of a file that a change of chapters touches, all of it within the first sector. */
interface SeekFront {
  readonly sector: Uint8Array;
  readonly segmentDataStart: number;
  readonly segmentEnd: number;
  /** How many bytes the size of the seek head takes; kept, so that what is put in can be taken out again exactly. */
  readonly sizeFieldBytes: number;
  readonly hasCrc: boolean;
  /** The entries as they are in the file, without the one for chapters. */
  readonly seeks: readonly Uint8Array[];
  /** End of the seek head and the gap behind it. */
  readonly roomEnd: number;
  readonly chaptersAt: number | null;
}

/**
 * Plans the chapters of a finished Matroska or WebM file, ours or one of FFmpeg's: the last element of its segment, found
 * through the seek head. Old ones are first left behind the segment's end by one write to the first sector, which a disk does
 * or does not do, then cut off; new ones are written behind the end and taken in by another such write.
 */
export async function planMatroskaChapters(
  reader: ScanReader,
  chapters: readonly Chapter[],
  durationMs: number,
): Promise<ChapterPlan> {
  const front = readFront(await reader.read(0, FIRST_SECTOR_BYTES));
  const { segmentEnd, chaptersAt } = front;
  if (segmentEnd > reader.sizeBytes) throw refuseChapters('cut', 'its end is missing');
  const behind = await reader.read(segmentEnd, CHAPTERS_ID.length);
  if (!isStartOf(behind, CHAPTERS_ID) && behind.some((byte) => byte !== 0)) {
    throw refuseChapters('unknown', 'something else stands behind its segment');
  }
  if (chaptersAt !== null) await expectLastElement(reader, chaptersAt, segmentEnd);
  const mediaEnd = chaptersAt ?? segmentEnd;
  const wanted = chapters.length === 0 ? new Uint8Array(0) : buildMatroskaChapters(chapters, durationMs);
  const sizeBytes = mediaEnd + wanted.length;
  if (sizeBytes === segmentEnd && sameBytes(await reader.read(mediaEnd, wanted.length), wanted)) {
    return { steps: sizeBytes === reader.sizeBytes ? [] : [{ kind: 'truncate', sizeBytes }], sizeBytes };
  }
  // Built first: a file without room for the entry must be refused before anything is changed.
  const withChapters = wanted.length === 0 ? null : sectorStep(front, sizeBytes, mediaEnd);
  const steps: ChapterStep[] = [];
  if (chaptersAt !== null) steps.push(sectorStep(front, mediaEnd, null));
  if (reader.sizeBytes !== mediaEnd) steps.push({ kind: 'truncate', sizeBytes: mediaEnd });
  if (withChapters !== null) steps.push({ kind: 'write', offset: mediaEnd, bytes: wanted }, withChapters);
  return { steps, sizeBytes };
}

async function expectLastElement(reader: ScanReader, at: number, segmentEnd: number): Promise<void> {
  const bytes = await reader.read(at, MAX_ELEMENT_HEAD_BYTES);
  const head = readElementHead(bytes, 0, bytes.length);
  const end = typeof head === 'string' || head.sizeBytes === null ? null : at + head.headBytes + head.sizeBytes;
  if (typeof head === 'string' || head.id !== ID.chapters || end !== segmentEnd) {
    throw refuseChapters('layout', 'it has chapters of somebody else');
  }
}

function readFront(sector: Uint8Array): SeekFront {
  const ebml = headAt(sector, 0, ID.ebml);
  const segmentAt = ebml.headBytes + (ebml.sizeBytes ?? 0);
  const segment = headAt(sector, segmentAt, ID.segment);
  const segmentDataStart = segmentAt + segment.headBytes;
  if (segment.sizeBytes === null) throw refuseChapters('unfinished', 'it is not finished');
  if (segment.headBytes !== idLength(ID.segment) + SEGMENT_SIZE_BYTES) {
    throw refuseChapters('layout', 'its size has no room to grow');
  }
  const seekHead = headAt(sector, segmentDataStart, ID.seekHead);
  const bodyStart = segmentDataStart + seekHead.headBytes;
  const bodyEnd = bodyStart + (seekHead.sizeBytes ?? 0);
  let roomEnd = bodyEnd;
  for (;;) {
    const next = readElementHead(sector, roomEnd, sector.length);
    if (typeof next === 'string' || next.id !== ID.void || next.sizeBytes === null) break;
    roomEnd += next.headBytes + next.sizeBytes;
  }
  if (bodyEnd > sector.length || roomEnd > sector.length) throw refuseChapters('layout', 'its seek head is too long');
  let hasCrc = false;
  let chaptersAt: number | null = null;
  const seeks: Uint8Array[] = [];
  for (const child of listChildren(sector, bodyStart, bodyEnd)) {
    if (child.id === ID.crc32) hasCrc = true;
    if (child.id !== ID.seek) continue;
    const [id, position] = listChildren(sector, child.bodyStart, child.end);
    if (id === undefined || position === undefined) throw refuseChapters('layout', 'its seek head is damaged');
    if (readUint(sector, id.bodyStart, id.end) === ID.chapters) {
      if (chaptersAt !== null) throw refuseChapters('layout', 'it has chapters twice');
      chaptersAt = segmentDataStart + readUint(sector, position.bodyStart, position.end);
    } else {
      seeks.push(sector.subarray(child.start, child.end));
    }
  }
  return {
    sector,
    segmentDataStart,
    segmentEnd: segmentDataStart + segment.sizeBytes,
    sizeFieldBytes: seekHead.headBytes - idLength(ID.seekHead),
    hasCrc,
    seeks,
    roomEnd,
    chaptersAt,
  };
}

function headAt(bytes: Uint8Array, at: number, id: number): { sizeBytes: number | null; headBytes: number } {
  const head = readElementHead(bytes, at, bytes.length);
  if (typeof head === 'string' || head.id !== id) {
    throw refuseChapters('layout', `its head has no element ${id.toString(16)} where one is needed`);
  }
  return head;
}

function sectorStep(front: SeekFront, segmentEnd: number, chaptersAt: number | null): ChapterStep {
  const { segmentDataStart, roomEnd } = front;
  const bytes = front.sector.slice();
  putSize(bytes, segmentDataStart - SEGMENT_SIZE_BYTES, segmentEnd - segmentDataStart, SEGMENT_SIZE_BYTES);
  const seekHead = buildSeekHead(front, chaptersAt);
  const restBytes = roomEnd - segmentDataStart - seekHead.length;
  if (restBytes !== 0 && restBytes < 2) throw refuseChapters('layout', 'its seek head has no room for another entry');
  bytes.set(seekHead, segmentDataStart);
  if (restBytes > 0) bytes.set(voidElement(restBytes), segmentDataStart + seekHead.length);
  return { kind: 'write', offset: 0, bytes };
}

function buildSeekHead(front: SeekFront, chaptersAt: number | null): Uint8Array {
  const seeks = [...front.seeks];
  if (chaptersAt !== null) {
    const position = chaptersAt - front.segmentDataStart;
    seeks.push(
      element(ID.seek, uintElement(ID.seekId, ID.chapters), uintElement(ID.seekPosition, position, SEGMENT_SIZE_BYTES)),
    );
  }
  const entries = concatBytes(seeks);
  const body = front.hasCrc ? concatBytes([crcElement(entries), entries]) : entries;
  const sizeFieldBytes = Math.max(front.sizeFieldBytes, sizeLength(body.length));
  const head = new Uint8Array(idLength(ID.seekHead) + sizeFieldBytes);
  putSize(head, putId(head, 0, ID.seekHead), body.length, sizeFieldBytes);
  return concatBytes([head, body]);
}

// RFC 8794, 11.3.1: over all bytes of the parent behind it, little-endian.
function crcElement(bytes: Uint8Array): Uint8Array {
  const sum = new Uint8Array(4);
  new DataView(sum.buffer).setUint32(0, crc32(bytes), true);
  return element(ID.crc32, sum);
}
