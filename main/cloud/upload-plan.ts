import type { Destination } from '../../contract/cloud.ts';
import { AppError } from '../../contract/errors.ts';
import type { Deliverable, Recording } from '../../contract/recording.ts';
import type { Settings } from '../../contract/settings.ts';
import { fileSlug } from '../recording/recording-folder.ts';
import type { CloudTarget, ObjectSpec } from './cloud-target.ts';

/** Longest name of an object in bytes, on both providers (docs.aws.amazon.com, "Naming Amazon S3 objects"; cloud.google.com, "Objects"). */
export const MAX_KEY_BYTES = 1024;

/** Size of a part where the file does not ask for larger ones: two of them are all the memory that an upload takes. */
export const DEFAULT_PART_BYTES = 8 * 1024 * 1024;

/** S3 takes 10,000 (docs.aws.amazon.com, "Amazon S3 multipart upload limits"); a margin for those who take fewer. */
const MOST_PARTS = 9_000;

const CONTENT_TYPES = { mp4: 'video/mp4', webm: 'video/webm', mkv: 'video/x-matroska' } as const;

/**
 * The finished files of a recording that go to the bucket. Where only the mix is wanted and there is none, everything goes: that
 * choice is there to save room, not to leave a recording without any copy.
 */
export function filesToSend(
  recording: Pick<Recording, 'status' | 'deliverables' | 'mediaLeftAt'>,
  what: Settings['cloudWhat'],
): Deliverable[] {
  if (recording.status !== 'completed' || recording.mediaLeftAt !== null) return [];
  const mixes = recording.deliverables.filter(({ kind }) => kind === 'mix');
  return what === 'mix' && mixes.length > 0 ? mixes : [...recording.deliverables];
}

/** The folder of a recording in the bucket, without a `/` at its end: `<prefix>/<yyyy-mm-dd, UTC>-<title>-<recordingId>`. */
export function recordingPrefix(prefix: string, recording: Pick<Recording, 'id' | 'startedAt' | 'title'>): string {
  const title = /[\p{L}\p{N}]/u.test(recording.title) ? fileSlug(recording.title) : 'recording';
  const name = `${recording.startedAt.slice(0, 10)}-${title}-${recording.id}`;
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The folder part of a key, without a `/` at its end. */
export function prefixOfKey(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}

/** The name of a file in the bucket, different from every one in `taken`; throws CLOUD_NOT_SET_UP when it is too long. */
export function keyFor(prefix: string, file: string, taken: ReadonlySet<string>): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  let key = `${prefix}/${name}`;
  for (let n = 2; taken.has(key); n += 1) key = `${prefix}/${stem}-${n}${extension}`;
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new AppError('CLOUD_NOT_SET_UP', 'The folder in the bucket has too long a name: choose a shorter prefix.');
  }
  return key;
}

/** Size of the parts of a file: as small as memory likes it, as large as the number of parts wants it. */
export function partBytesFor(
  sizeBytes: number,
  target: Pick<CloudTarget, 'minPartBytes' | 'maxParts' | 'partGranularityBytes'>,
  preferredBytes: number = DEFAULT_PART_BYTES,
): number {
  const mostParts = Math.min(MOST_PARTS, target.maxParts);
  const wantedBytes = Math.max(preferredBytes, target.minPartBytes, Math.ceil(sizeBytes / mostParts), 1);
  const step = Math.max(1, target.partGranularityBytes);
  return Math.ceil(wantedBytes / step) * step;
}

/** How an object is to be made of a file. */
export function objectFor(file: { file: string; key: string; sizeBytes: number }, partBytes: number): ObjectSpec {
  const extension = file.file.slice(file.file.lastIndexOf('.') + 1);
  const contentType = Object.entries(CONTENT_TYPES).find(([format]) => format === extension)?.[1];
  return {
    key: file.key,
    sizeBytes: file.sizeBytes,
    contentType: contentType ?? 'application/octet-stream',
    partBytes,
  };
}

/** Whether a file goes in one request. */
export function isSmall({ sizeBytes, partBytes }: Pick<ObjectSpec, 'sizeBytes' | 'partBytes'>): boolean {
  return sizeBytes <= partBytes;
}

/** One part's place in a file. */
export type PartPlace = { number: number; offsetBytes: number; sizeBytes: number };

/** Where the part with this number (from 1) lies. */
export function partPlace(
  { sizeBytes, partBytes }: Pick<ObjectSpec, 'sizeBytes' | 'partBytes'>,
  number: number,
): PartPlace {
  const offsetBytes = (number - 1) * partBytes;
  return { number, offsetBytes, sizeBytes: Math.max(0, Math.min(partBytes, sizeBytes - offsetBytes)) };
}

/** How many parts a file has; an empty one has one. */
export function partCount({ sizeBytes, partBytes }: Pick<ObjectSpec, 'sizeBytes' | 'partBytes'>): number {
  return Math.max(1, Math.ceil(sizeBytes / partBytes));
}

/** Whether two buckets are the same one, reached the same way. */
export function sameDestination(a: Destination, b: Destination): boolean {
  return (
    a.provider === b.provider &&
    a.bucket === b.bucket &&
    a.region === b.region &&
    a.endpoint === b.endpoint &&
    a.pathStyle === b.pathStyle
  );
}

/** The buckets that these name, each once. */
export function distinctDestinations(of: readonly { destination: Destination }[]): Destination[] {
  const all = of.map(({ destination }) => destination);
  return all.filter((each, index) => all.findIndex((other) => sameDestination(other, each)) === index);
}
