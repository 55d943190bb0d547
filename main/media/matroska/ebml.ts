import { MatroskaError } from './matroska-error.ts';

/** Element ids with their length marker, RFC 8794 (EBML) and RFC 9559 (Matroska). */
export const ID = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  void: 0xec,
  crc32: 0xbf,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  dateUtc: 0x4461,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagDefault: 0x88,
  flagLacing: 0x9c,
  name: 0x536e,
  language: 0x22b59c,
  languageBcp47: 0x22b59d,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  seekPreRoll: 0x56bb,
  maxBlockAdditionId: 0x55ee,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  alphaMode: 0x53c0,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  prevSize: 0xab,
  position: 0xa7,
  silentTracks: 0x5854,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  referenceBlock: 0xfb,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
  cueClusterPosition: 0xf1,
  tags: 0x1254c367,
  chapters: 0x1043a770,
  editionEntry: 0x45b9,
  chapterAtom: 0xb6,
  chapterUid: 0x73c4,
  chapterTimeStart: 0x91,
  chapterTimeEnd: 0x92,
  chapterDisplay: 0x80,
  chapString: 0x85,
  chapLanguage: 0x437c,
  attachments: 0x1941a469,
} as const;

/** The head of an element: its id, the size of its body (null: unknown) and how many bytes the head itself takes. */
export interface ElementHead {
  readonly id: number;
  readonly sizeBytes: number | null;
  readonly headBytes: number;
}

/** The longest element head that the format allows: a 4-byte id and an 8-byte size. */
export const MAX_ELEMENT_HEAD_BYTES = 12;

/** Reads an element head at `offset`; 'short' when more bytes are needed before `end`, 'bad' when it can be none. */
export function readElementHead(bytes: Uint8Array, offset: number, end: number): ElementHead | 'short' | 'bad' {
  const first = bytes[offset];
  if (first === undefined || offset >= end) return 'short';
  if (first < 0x10) return 'bad';
  const idBytes = Math.clz32(first) - 23;
  const sizeAt = offset + idBytes;
  if (sizeAt >= end) return 'short';
  let id = first;
  for (let i = 1; i < idBytes; i += 1) id = id * 256 + (bytes[offset + i] ?? 0);
  const sizeFirst = bytes[sizeAt] ?? 0;
  if (sizeFirst === 0) return 'bad';
  const sizeBytes = Math.clz32(sizeFirst) - 23;
  if (sizeAt + sizeBytes > end) return 'short';
  const marker = 1 << (8 - sizeBytes);
  let size = sizeFirst & (marker - 1);
  let allOnes = size === marker - 1;
  for (let i = 1; i < sizeBytes; i += 1) {
    const byte = bytes[sizeAt + i] ?? 0;
    size = size * 256 + byte;
    if (byte !== 0xff) allOnes = false;
  }
  if (!allOnes && !Number.isSafeInteger(size)) return 'bad';
  return { id, sizeBytes: allOnes ? null : size, headBytes: idBytes + sizeBytes };
}

/** One child of a master element: where its body starts and ends inside the bytes that were walked. */
export interface ChildElement {
  readonly id: number;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

/** Lists the children in bytes[start, end); a child that does not fit exactly is a MatroskaError. */
export function listChildren(bytes: Uint8Array, start: number, end: number): ChildElement[] {
  const children: ChildElement[] = [];
  let at = start;
  while (at < end) {
    const head = readElementHead(bytes, at, end);
    if (typeof head === 'string' || head.sizeBytes === null || at + head.headBytes + head.sizeBytes > end) {
      throw new MatroskaError('bad-element', 'an element does not fit into its parent', at);
    }
    const bodyStart = at + head.headBytes;
    children.push({ id: head.id, start: at, bodyStart, end: bodyStart + head.sizeBytes });
    at = bodyStart + head.sizeBytes;
  }
  return children;
}

/** Reads an unsigned integer of 0 to 8 bytes that fits into a JavaScript number. */
export function readUint(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 8) throw new MatroskaError('bad-element', 'an integer is longer than 8 bytes', start);
  let value = 0;
  for (let i = start; i < end; i += 1) value = value * 256 + (bytes[i] ?? 0);
  if (!Number.isSafeInteger(value)) throw new MatroskaError('bad-element', 'an integer is too large', start);
  return value;
}

/** Reads a float of 0, 4 or 8 bytes. */
export function readFloat(bytes: Uint8Array, start: number, end: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  switch (end - start) {
    case 0:
      return 0;
    case 4:
      return view.getFloat32(0);
    case 8:
      return view.getFloat64(0);
    default:
      throw new MatroskaError('bad-element', 'a float has an odd length', start);
  }
}

/** Reads printable ASCII up to the first zero byte. */
export function readAscii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end && bytes[i] !== 0; i += 1) {
    const code = bytes[i] ?? 0;
    if (code < 0x20 || code > 0x7e) throw new MatroskaError('bad-element', 'a name holds unprintable bytes', i);
    text += String.fromCharCode(code);
  }
  return text;
}

/** How many bytes an id takes. */
export function idLength(id: number): number {
  if (id > 0xffffff) return 4;
  if (id > 0xffff) return 3;
  return id > 0xff ? 2 : 1;
}

/** The fewest bytes (1 to 4) that hold this size; the value with all bits set means "unknown" and is stepped over. */
export function sizeLength(size: number): number {
  if (size < 0x7f) return 1;
  if (size < 0x3fff) return 2;
  return size < 0x1fffff ? 3 : 4;
}

/** Writes an id at `offset` and returns the offset after it. */
export function putId(bytes: Uint8Array, offset: number, id: number): number {
  let at = offset;
  for (let shift = (idLength(id) - 1) * 8; shift >= 0; shift -= 8) {
    bytes[at] = (id >>> shift) & 0xff;
    at += 1;
  }
  return at;
}

/** Writes a size in exactly `length` bytes (1 to 8) at `offset` and returns the offset after it. */
export function putSize(bytes: Uint8Array, offset: number, size: number, length: number): number {
  let rest = size;
  for (let i = length - 1; i >= 0; i -= 1) {
    bytes[offset + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[offset] = (bytes[offset] ?? 0) | (1 << (8 - length));
  return offset + length;
}

/** Writes an unsigned integer in exactly `length` bytes at `offset` and returns the offset after it. */
export function putUint(bytes: Uint8Array, offset: number, value: number, length: number): number {
  let rest = value;
  for (let i = length - 1; i >= 0; i -= 1) {
    bytes[offset + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return offset + length;
}

/** Joins byte arrays into one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Builds an element around a body. */
export function element(id: number, ...body: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of body) size += part.length;
  const head = new Uint8Array(idLength(id) + sizeLength(size));
  putSize(head, putId(head, 0, id), size, sizeLength(size));
  return concatBytes([head, ...body]);
}

/** Builds an unsigned integer element of the fewest bytes, or of `length` bytes. */
export function uintElement(id: number, value: number, length?: number): Uint8Array {
  let bytes = length ?? 1;
  if (length === undefined)
    for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) bytes += 1;
  const body = new Uint8Array(bytes);
  putUint(body, 0, value, bytes);
  return element(id, body);
}

/** Builds an 8-byte float element. */
export function floatElement(id: number, value: number): Uint8Array {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setFloat64(0, value);
  return element(id, body);
}

// RFC 8794, 7.6: nanoseconds since the beginning of the third millennium.
const DATE_EPOCH_MS = Date.UTC(2001, 0, 1);

/** Builds a date element; `wallMs` is milliseconds since 1970. */
export function dateElement(id: number, wallMs: number): Uint8Array {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setBigInt64(0, BigInt(Math.round((wallMs - DATE_EPOCH_MS) * 1000)) * 1000n);
  return element(id, body);
}

/** Reads a date of 0 or 8 bytes as milliseconds since 1970. */
export function readDate(bytes: Uint8Array, start: number, end: number): number {
  if (end === start) return DATE_EPOCH_MS;
  if (end - start !== 8) throw new MatroskaError('bad-element', 'a date has an odd length', start);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, 8);
  return DATE_EPOCH_MS + Number(view.getBigInt64(0) / 1000n) / 1000;
}

/** Builds a UTF-8 text element. */
export function textElement(id: number, text: string): Uint8Array {
  return element(id, new TextEncoder().encode(text));
}

/** The first bytes of a Void element that takes `totalBytes` in all; its body is left as it is. */
export function voidHead(totalBytes: number): Uint8Array {
  if (totalBytes < 2) throw new MatroskaError('no-room', 'a gap of one byte cannot be filled');
  const length = totalBytes < 9 ? 1 : 8;
  const head = new Uint8Array(1 + length);
  head[0] = ID.void;
  putSize(head, 1, totalBytes - 1 - length, length);
  return head;
}

/** A Void element of zeros that takes `totalBytes` in all. */
export function voidElement(totalBytes: number): Uint8Array {
  const bytes = new Uint8Array(totalBytes);
  bytes.set(voidHead(totalBytes));
  return bytes;
}
