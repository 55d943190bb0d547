import type { ScanReader } from '../matroska/cluster-repair.ts';
import { refuseChapters } from './chapter-plan.ts';
import { BOX_HEAD_BYTES } from './nero-chapters.ts';

/** A box of an MP4 file; `bodyStart` is behind its size and name. */
export type Box = { readonly type: string; readonly start: number; readonly bodyStart: number; readonly end: number };

const LARGE_HEAD_BYTES = 16;
/** More than any file of ours has side by side; whoever sends us further round has not written one. */
const MAX_BOXES = 64;

/** Reads the head of the box at `start`; null when none can stand there (too short, or a size that ends nowhere). */
async function readBox(reader: ScanReader, start: number, end: number): Promise<Box | null> {
  const head = await reader.read(start, Math.min(LARGE_HEAD_BYTES, end - start));
  if (head.length < BOX_HEAD_BYTES) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const type = String.fromCharCode(...head.subarray(4, BOX_HEAD_BYTES));
  const size = view.getUint32(0);
  if (size !== 1) return size < BOX_HEAD_BYTES ? null : boxOf(type, start, BOX_HEAD_BYTES, size);
  // ISO/IEC 14496-12, 4.2: size 1 means that 64 bits follow the name.
  if (head.length < LARGE_HEAD_BYTES) return null;
  const largeSize = Number(view.getBigUint64(BOX_HEAD_BYTES));
  const isPossible = Number.isSafeInteger(start + largeSize) && largeSize >= LARGE_HEAD_BYTES;
  return isPossible ? boxOf(type, start, LARGE_HEAD_BYTES, largeSize) : null;
}

function boxOf(type: string, start: number, headBytes: number, sizeBytes: number): Box {
  return { type, start, bodyStart: start + headBytes, end: start + sizeBytes };
}

/** The children of a box, which must fill it exactly. */
export async function readChildren(reader: ScanReader, parent: Box): Promise<readonly Box[]> {
  const children: Box[] = [];
  let at = parent.bodyStart;
  while (at < parent.end) {
    const child = await readBox(reader, at, parent.end);
    if (child === null || child.end > parent.end || children.length === MAX_BOXES) {
      throw refuseChapters('layout', `its ${parent.type} box is damaged or not one of ours`);
    }
    children.push(child);
    at = child.end;
  }
  return children;
}

/** Finds the moov box behind the media; all that stands before it is known to be whole. */
export async function findMoov(reader: ScanReader): Promise<Box> {
  let hasMedia = false;
  let at = 0;
  for (let count = 0; count < MAX_BOXES; count += 1) {
    const found = await readBox(reader, at, reader.sizeBytes);
    if (found === null) throw refuseChapters('unfinished', 'it has no index');
    if (found.end > reader.sizeBytes) throw refuseChapters('cut', 'its end is missing');
    if (at === 0 && found.type !== 'ftyp') throw refuseChapters('layout', 'it is not an MP4 file');
    if (found.type === 'moof') throw refuseChapters('layout', 'it is made of fragments');
    if (found.type === 'moov') {
      if (!hasMedia) throw refuseChapters('layout', 'its index stands before the media');
      if (found.bodyStart !== found.start + BOX_HEAD_BYTES) throw refuseChapters('layout', 'its index is too large');
      return found;
    }
    if (found.type === 'mdat') hasMedia = true;
    at = found.end;
  }
  throw refuseChapters('layout', 'it has too many parts');
}
