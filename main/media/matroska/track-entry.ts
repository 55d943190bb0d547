import {
  concatBytes,
  element,
  ID,
  listChildren,
  readAscii,
  readFloat,
  readUint,
  textElement,
  uintElement,
  type ChildElement,
} from './ebml.ts';
import { MatroskaError } from './matroska-error.ts';

/** What is known of a track from its TrackEntry. */
export interface TrackInfo {
  readonly number: number;
  readonly type: 'audio' | 'video';
  readonly codecId: string;
  /** Null when the track has none; written by us it is the participant's. */
  readonly name: string | null;
  /** Null for VP8, VP9 and for H.264 as Chromium's MediaRecorder writes it (annex B, parameter sets in the key frames; see lane-reader.ts). */
  readonly codecPrivate: Uint8Array | null;
  readonly video: { readonly widthPx: number; readonly heightPx: number } | null;
  readonly audio: { readonly samplingHz: number; readonly channels: number } | null;
  /** The whole TrackEntry element as it came. */
  readonly raw: Uint8Array;
}

/** Says how a track is to be written. */
export interface TrackLabel {
  readonly number: number;
  readonly name: string | undefined;
  readonly language: string | undefined;
}

/** More tracks than this in one lane or file is taken for garbage. */
export const MAX_TRACKS = 16;
const MAX_CODEC_PRIVATE_BYTES = 32 * 1024;
const MAX_TRACK_ENTRY_BYTES = 48 * 1024;
const MAX_NAME_CHARACTERS = 60;
const TYPE_VIDEO = 1;
const TYPE_AUDIO = 2;
// WebM container guidelines: Opus tracks carry a SeekPreRoll of 80 ms; Chromium leaves it out.
const OPUS_SEEK_PRE_ROLL_NS = 80_000_000;

/** Parses the body of a Tracks element at bytes[start, end) into its tracks. */
export function parseTracks(bytes: Uint8Array, start: number, end: number): TrackInfo[] {
  const entries = listChildren(bytes, start, end).filter((child) => child.id === ID.trackEntry);
  if (entries.length === 0) throw new MatroskaError('bad-header', 'there is no track', start);
  if (entries.length > MAX_TRACKS) throw new MatroskaError('too-many-tracks', `over ${MAX_TRACKS} tracks`, start);
  const tracks = entries.map((entry) => parseTrackEntry(bytes.slice(entry.start, entry.end)));
  if (new Set(tracks.map((track) => track.number)).size !== tracks.length) {
    throw new MatroskaError('bad-header', 'two tracks have the same number', start);
  }
  return tracks;
}

function parseTrackEntry(raw: Uint8Array): TrackInfo {
  if (raw.length > MAX_TRACK_ENTRY_BYTES) throw new MatroskaError('element-too-large', 'a track entry is too large', 0);
  const children = entryChildren(raw);
  const find = (id: number): ChildElement | undefined => children.find((child) => child.id === id);
  const uintOf = (child: ChildElement | undefined): number | null =>
    child === undefined ? null : readUint(raw, child.bodyStart, child.end);

  const number = uintOf(find(ID.trackNumber));
  // A one-byte block track number holds 1 to 126; recorders use 1 and 2.
  if (number === null || number < 1 || number > 126) throw new MatroskaError('bad-header', 'bad track number', 0);
  const typeCode = uintOf(find(ID.trackType));
  if (typeCode !== TYPE_VIDEO && typeCode !== TYPE_AUDIO) {
    throw new MatroskaError('unsupported-track', 'only sound and picture tracks can be recorded', 0);
  }
  const codec = find(ID.codecId);
  if (codec === undefined) throw new MatroskaError('bad-header', 'a track names no codec', 0);
  const codecPrivate = find(ID.codecPrivate);
  if (codecPrivate !== undefined && codecPrivate.end - codecPrivate.bodyStart > MAX_CODEC_PRIVATE_BYTES) {
    throw new MatroskaError('element-too-large', 'codec data is too large', 0);
  }
  return {
    number,
    type: typeCode === TYPE_VIDEO ? 'video' : 'audio',
    codecId: readAscii(raw, codec.bodyStart, codec.end),
    name: parseName(raw, find(ID.name)),
    codecPrivate: codecPrivate === undefined ? null : raw.slice(codecPrivate.bodyStart, codecPrivate.end),
    video: typeCode === TYPE_VIDEO ? parseVideo(raw, find(ID.video)) : null,
    audio: typeCode === TYPE_AUDIO ? parseAudio(raw, find(ID.audio)) : null,
    raw,
  };
}

/** The same track with this codec data, in its TrackEntry too; everything else in it stays as it came. */
export function withCodecPrivate(track: TrackInfo, codecPrivate: Uint8Array): TrackInfo {
  const kept = entryChildren(track.raw)
    .filter((child) => child.id !== ID.codecPrivate)
    .map((child) => track.raw.subarray(child.start, child.end));
  return { ...track, codecPrivate, raw: element(ID.trackEntry, ...kept, element(ID.codecPrivate, codecPrivate)) };
}

function entryChildren(raw: Uint8Array): ChildElement[] {
  const [entry] = listChildren(raw, 0, raw.length);
  return entry === undefined ? [] : listChildren(raw, entry.bodyStart, entry.end);
}

function parseName(raw: Uint8Array, name: ChildElement | undefined): string | null {
  if (name === undefined) return null;
  const text = cleanName(new TextDecoder().decode(raw.subarray(name.bodyStart, name.end)));
  return text === '' ? null : text;
}

function parseVideo(raw: Uint8Array, video: ChildElement | undefined): TrackInfo['video'] {
  let widthPx = 0;
  let heightPx = 0;
  for (const child of video === undefined ? [] : listChildren(raw, video.bodyStart, video.end)) {
    if (child.id === ID.pixelWidth) widthPx = readUint(raw, child.bodyStart, child.end);
    if (child.id === ID.pixelHeight) heightPx = readUint(raw, child.bodyStart, child.end);
  }
  return { widthPx, heightPx };
}

function parseAudio(raw: Uint8Array, audio: ChildElement | undefined): TrackInfo['audio'] {
  // Defaults of RFC 9559, 5.1.4.1.29.
  let samplingHz = 8000;
  let channels = 1;
  for (const child of audio === undefined ? [] : listChildren(raw, audio.bodyStart, audio.end)) {
    if (child.id === ID.samplingFrequency) samplingHz = readFloat(raw, child.bodyStart, child.end);
    if (child.id === ID.channels) channels = readUint(raw, child.bodyStart, child.end);
  }
  return { samplingHz, channels };
}

/** Tells whether a track that came again still describes the same stream; uid and first picture size may differ. */
export function sameStream(a: TrackInfo, b: TrackInfo): boolean {
  return (
    a.number === b.number &&
    a.type === b.type &&
    a.codecId === b.codecId &&
    sameBytes(a.codecPrivate, b.codecPrivate) &&
    a.audio?.samplingHz === b.audio?.samplingHz &&
    a.audio?.channels === b.audio?.channels
  );
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

const REPLACED = new Set<number>([
  ID.trackNumber,
  ID.trackUid,
  ID.trackType,
  ID.flagDefault,
  ID.flagLacing,
  ID.name,
  ID.language,
  ID.languageBcp47,
  // Chromium announces alpha for every VP8, VP9 and AV1 track; block additions are not copied, so neither is the announcement.
  ID.maxBlockAdditionId,
]);

/** Builds the TrackEntry of the segment file: number, uid and names are ours, all that describes the stream is copied. */
export function buildTrackEntry(track: TrackInfo, label: TrackLabel): Uint8Array {
  const children = entryChildren(track.raw);
  const copied = children
    .filter((child) => !REPLACED.has(child.id))
    .map((child) =>
      child.id === ID.video ? withoutAlpha(track.raw, child) : track.raw.subarray(child.start, child.end),
    );
  const preRoll =
    track.codecId === 'A_OPUS' && !children.some((child) => child.id === ID.seekPreRoll)
      ? [uintElement(ID.seekPreRoll, OPUS_SEEK_PRE_ROLL_NS)]
      : [];
  const name = cleanName(label.name);
  return element(
    ID.trackEntry,
    uintElement(ID.trackNumber, label.number),
    uintElement(ID.trackUid, label.number),
    uintElement(ID.trackType, track.type === 'video' ? TYPE_VIDEO : TYPE_AUDIO),
    uintElement(ID.flagLacing, 0),
    textElement(ID.language, /^[a-z]{3}$/.test(label.language ?? '') ? (label.language ?? 'und') : 'und'),
    ...(name === '' ? [] : [textElement(ID.name, name)]),
    ...copied,
    ...preRoll,
  );
}

function withoutAlpha(raw: Uint8Array, video: ChildElement): Uint8Array {
  const kept = listChildren(raw, video.bodyStart, video.end).filter((child) => child.id !== ID.alphaMode);
  return element(ID.video, concatBytes(kept.map((child) => raw.subarray(child.start, child.end))));
}

function cleanName(name: string | undefined): string {
  return Array.from(
    (name ?? '')
      .toWellFormed()
      .replace(/\p{Cc}+/gu, ' ')
      .trim(),
  )
    .slice(0, MAX_NAME_CHARACTERS)
    .join('');
}
