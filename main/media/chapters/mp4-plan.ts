import type { ScanReader } from '../matroska/cluster-repair.ts';
import type { Chapter } from './chapter-list.ts';
import { refuseChapters, sameBytes } from './chapter-plan.ts';
import type { ChapterPlan, ChapterStep } from './chapter-plan.ts';
import { findMoov, readChildren } from './mp4-boxes.ts';
import type { Box } from './mp4-boxes.ts';
import { box, BOX_HEAD_BYTES, buildNeroChapters } from './nero-chapters.ts';

/*
 * Nero's chapters are `moov/udta/chpl`. In a file of FFmpeg's moov is the last box and udta the last one in it, so chapters are
 * the last bytes of the file, and taking them in is a matter of two sizes and a name:
 *
 *   [mdat] [moov [trak..] [udta ..]]                      no chapters
 *   [mdat] [moov [trak..] [udta ..]]  [xhpl ..] [free]    written behind the end under a name that nobody knows
 *   [mdat] [moov [trak..] [udta ..]   [xhpl ..] [free]]   moov has grown
 *   [mdat] [moov [trak..] [udta ..    [xhpl ..] [free]]]  udta has grown
 *   [mdat] [moov [trak..] [udta ..    [chpl ..] [free]]]  and they are seen
 *
 * Each line is a whole file, which readers show alike but for the chapters (unknown boxes are to be ignored: ISO/IEC 14496-12,
 * 4.2), and each step from line to line changes one byte: the free box pads both sizes to a number that differs in one byte
 * only, so that there is no half of a step. Old chapters go the same way backwards, so a file without chapters is what it was.
 * No second moov, which readers would have to choose from, and nothing that depends on how long the file is. A moov without a udta
 * gets one of ours (`xdta`, then `udta`) in the same way.
 */
const HIDDEN = 'x';
const hiddenNames: ReadonlySet<string> = new Set(['xhpl', 'xdta']);
const ourNames: ReadonlySet<string> = new Set(['chpl', 'xhpl', 'free']);
const PAD_STEP_BYTES = 256;
const MAX_PAD_BYTES = 1024 * 1024;

/** Where a file stands on the way above. */
interface Mp4State {
  readonly moov: Box;
  /** The udta that was there before us; null when there was none. */
  readonly udta: Box | null;
  /** Where our bytes begin or would begin: the end of the file as FFmpeg wrote it. */
  readonly addedAt: number;
  /** The name of our box is the one that readers know. */
  readonly isSeen: boolean;
}

/** Plans the chapters of an MP4 file whose index stands at its end. */
export async function planMp4Chapters(reader: ScanReader, chapters: readonly Chapter[]): Promise<ChapterPlan> {
  const state = await readState(reader);
  const { moov, udta, addedAt } = state;
  await expectOurTail(reader, moov.end);
  const added = chapters.length === 0 ? null : buildAddition(chapters, moov, udta, addedAt);
  const addedBytes = added?.length ?? 0;
  const sizeBytes = addedAt + addedBytes;
  const isTakenIn = moov.end === sizeBytes && (udta === null || udta.end === sizeBytes);
  const isSeen = added === null || state.isSeen;
  if (isTakenIn && isSeen && sameBytes(await reader.read(addedAt, addedBytes), added ?? new Uint8Array(0))) {
    return { steps: reader.sizeBytes === sizeBytes ? [] : [{ kind: 'truncate', sizeBytes }], sizeBytes };
  }
  const steps: ChapterStep[] = [...takeOut(state)];
  if (reader.sizeBytes !== addedAt) steps.push({ kind: 'truncate', sizeBytes: addedAt });
  if (added !== null) steps.push(...takeIn(state, added));
  return { steps, sizeBytes };
}

async function readState(reader: ScanReader): Promise<Mp4State> {
  const moov = await findMoov(reader);
  const children = await readChildren(reader, moov);
  const udtaAt = children.findIndex((child) => child.type === 'udta');
  const udta = children[udtaAt] ?? null;
  const last = children.at(-1);
  if (last === undefined) throw refuseChapters('layout', 'its index is empty');
  if (children.some((child) => child.type === 'mvex')) throw refuseChapters('layout', 'it is made of fragments');
  if (udta === null) {
    // Either untouched, or with a udta of ours that is still hidden.
    return { moov, udta, addedAt: last.type === 'xdta' ? last.start : moov.end, isSeen: false };
  }
  const behind = children.slice(udtaAt + 1);
  if (!isOurs(behind)) throw refuseChapters('layout', 'its index is in an order of somebody else');
  const inside = await readChildren(reader, udta);
  const oursAt = firstOfOurs(inside);
  // Could not be told from one of ours later; FFmpeg writes none.
  if (inside.length === 0) throw refuseChapters('layout', 'its user data is empty');
  // A udta with nothing but chapters was made by us, and goes with them.
  if (oursAt === 0 && behind.length === 0) {
    return { moov, udta: null, addedAt: udta.start, isSeen: true };
  }
  const ours = inside[oursAt];
  if (ours !== undefined && behind.length > 0) throw refuseChapters('layout', 'it has chapters twice');
  return { moov, udta, addedAt: ours?.start ?? udta.end, isSeen: ours?.type === 'chpl' };
}

function isOurs(boxes: readonly Box[]): boolean {
  return boxes.every(({ type }, index) => type === (index === 0 ? 'xhpl' : 'free')) && boxes.length <= 2;
}

/** The index of the chapters at the end of a udta; the number of its boxes when there are none. */
function firstOfOurs(inside: readonly Box[]): number {
  const at = inside.findIndex(({ type }) => type === 'chpl' || type === 'xhpl');
  if (at === -1) return inside.length;
  if (inside.slice(at).some(({ type }) => !ourNames.has(type))) {
    throw refuseChapters('layout', 'it has chapters of somebody else');
  }
  return at;
}

/** What stands behind the index must be a write of ours that was cut, or room that a disk never filled. */
async function expectOurTail(reader: ScanReader, at: number): Promise<void> {
  const head = await reader.read(at, BOX_HEAD_BYTES);
  if (head.length < BOX_HEAD_BYTES || head.every((byte) => byte === 0)) return;
  if (!hiddenNames.has(String.fromCharCode(...head.subarray(4)))) {
    throw refuseChapters('unknown', 'something else stands behind its index');
  }
}

/** Our bytes as they are when everything is done, padded so that both sizes change in one byte. */
function buildAddition(chapters: readonly Chapter[], moov: Box, udta: Box | null, addedAt: number): Uint8Array {
  const list = buildNeroChapters(chapters);
  const headBytes = udta === null ? BOX_HEAD_BYTES : 0;
  const leastBytes = headBytes + list.length;
  const sizes = [addedAt - moov.start, ...(udta === null ? [] : [addedAt - udta.start])];
  const paddedBytes = paddedSize(leastBytes, sizes);
  const padBytes = paddedBytes - leastBytes;
  const parts = padBytes === 0 ? [list] : [list, box('free', new Uint8Array(padBytes - BOX_HEAD_BYTES))];
  return udta === null ? box('udta', ...parts) : box('', ...parts).slice(BOX_HEAD_BYTES);
}

/** The least size of at least `leastBytes` by which every one of these sizes grows in a single byte. */
function paddedSize(leastBytes: number, sizes: readonly number[]): number {
  const first = Math.ceil(leastBytes / PAD_STEP_BYTES) * PAD_STEP_BYTES;
  for (let bytes = first; bytes <= first + MAX_PAD_BYTES; bytes += PAD_STEP_BYTES) {
    const padBytes = bytes - leastBytes;
    if (padBytes !== 0 && padBytes < BOX_HEAD_BYTES) continue;
    if (sizes.every((size) => changedBytes(size, size + bytes).length === 1)) return bytes;
  }
  // One moov in some thousands lies just below a multiple of 16 MiB; its size changes in two neighbouring bytes.
  return first + PAD_STEP_BYTES;
}

function takeOut({ moov, udta, addedAt, isSeen }: Mp4State): ChapterStep[] {
  const steps: ChapterStep[] = [];
  if (isSeen) steps.push(rename(addedAt, HIDDEN));
  if (udta !== null) steps.push(...resize(udta, udta.end, addedAt));
  steps.push(...resize(moov, moov.end, addedAt));
  return steps;
}

function takeIn({ moov, udta, addedAt }: Mp4State, added: Uint8Array): ChapterStep[] {
  const end = addedAt + added.length;
  const hidden = added.slice();
  const seenName = hidden[4] ?? 0;
  hidden[4] = HIDDEN.charCodeAt(0);
  return [
    { kind: 'write', offset: addedAt, bytes: hidden },
    ...resize(moov, addedAt, end),
    ...(udta === null ? [] : resize(udta, addedAt, end)),
    rename(addedAt, String.fromCharCode(seenName)),
  ];
}

function rename(boxAt: number, firstLetter: string): ChapterStep {
  return { kind: 'write', offset: boxAt + 4, bytes: Uint8Array.of(firstLetter.charCodeAt(0)) };
}

/** Changes the size of a box by writing only the bytes that differ. */
function resize(parent: Box, oldEnd: number, newEnd: number): ChapterStep[] {
  const places = changedBytes(oldEnd - parent.start, newEnd - parent.start);
  const [first] = places;
  const last = places.at(-1);
  if (first === undefined || last === undefined) return [];
  const bytes = sizeField(newEnd - parent.start).subarray(first, last + 1);
  return [{ kind: 'write', offset: parent.start + first, bytes }];
}

/** Which of the four bytes of a size differ. */
function changedBytes(oldSize: number, newSize: number): readonly number[] {
  const [before, after] = [sizeField(oldSize), sizeField(newSize)];
  return [0, 1, 2, 3].filter((place) => before[place] !== after[place]);
}

function sizeField(size: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, size);
  return bytes;
}
