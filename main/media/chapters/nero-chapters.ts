import { startsInUnits } from './chapter-list.ts';
import type { Chapter } from './chapter-list.ts';

/** Size and name before the body of an MP4 box. */
export const BOX_HEAD_BYTES = 8;

const TITLE_MAX_BYTES = 255;
const UNITS_PER_MS = 10_000;

/**
 * Builds Nero's chapter box, `chpl`, of tidied chapters: the form that FFmpeg (libavformat/mov.c, mov_read_chpl) and VLC
 * (modules/demux/mp4/libmp4.c, MP4_ReadBox_chpl: version 1 only) read. Times are in 100 ns.
 */
export function buildNeroChapters(chapters: readonly Chapter[]): Uint8Array {
  const titles = chapters.map(({ name }) => cutUtf8(name, TITLE_MAX_BYTES));
  const bodyBytes = 4 + 4 + 1 + titles.reduce((sum, title) => sum + 8 + 1 + title.length, 0);
  const body = new Uint8Array(bodyBytes);
  const view = new DataView(body.buffer);
  body[0] = 1;
  body[8] = chapters.length;
  let at = 9;
  for (const [index, start] of startsInUnits(chapters, UNITS_PER_MS).entries()) {
    const title = titles[index] ?? new Uint8Array(0);
    view.setBigUint64(at, BigInt(start));
    body[at + 8] = title.length;
    body.set(title, at + 9);
    at += 9 + title.length;
  }
  return box('chpl', body);
}

/** Builds an MP4 box around a body. */
export function box(type: string, ...body: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = body.reduce((sum, part) => sum + part.length, BOX_HEAD_BYTES);
  const bytes = new Uint8Array(sizeBytes);
  new DataView(bytes.buffer).setUint32(0, sizeBytes);
  bytes.set(new TextEncoder().encode(type), 4);
  let at = BOX_HEAD_BYTES;
  for (const part of body) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** As much of a text as fits into so many bytes of UTF-8, cut between two characters. */
export function cutUtf8(text: string, maxBytes: number): Uint8Array {
  const bytes = new Uint8Array(maxBytes);
  // encodeInto never writes half of a character.
  const { written } = new TextEncoder().encodeInto(text, bytes);
  return bytes.subarray(0, written);
}
