import { createHash } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import type { ContentHash, ObjectSpec } from './cloud-target.ts';
import { changed } from './source-file.ts';
import type { SourceFile } from './source-file.ts';
import { partCount, partPlace } from './upload-plan.ts';

/** Bytes that are hashed in one go: a few milliseconds, so that nothing else of the app waits for it. */
const STEP_BYTES = 1024 * 1024;

/** A file and the hashes of its parts: each byte is hashed once in order, and again only where a part is read again. */
export type HashedFile = {
  /**
   * Reads a part into the beginning of the buffer and gives its SHA-256. Parts before it that were not read yet are hashed on the
   * way. Rejects with SOURCE_CHANGED when it is not what it was.
   */
  readPart: (
    number: number,
    into: Uint8Array,
    signal: AbortSignal,
  ) => Promise<{ bytes: Uint8Array; sha256Hex: string }>;
  /** The SHA-256 of a part that was read; null when it was not read yet. */
  hashOf: (number: number) => string | null;
  /** The hashes of all of it. */
  whole: (signal: AbortSignal) => Promise<ContentHash>;
};

/** Makes the hashes of an open file. `known` are the hashes that the journal has of its parts, by number. */
export function createHashedFile(options: {
  source: SourceFile;
  object: ObjectSpec;
  wantsMd5: boolean;
  known: ReadonlyMap<number, string>;
}): HashedFile {
  const { source, object, known } = options;
  const count = partCount(object);
  const partSha256: string[] = [];
  // Not for safety: it is the checksum that a server has of the whole object.
  const md5 = options.wantsMd5 ? createHash('md5') : null;
  let md5Hex: string | null = null;
  let step: Uint8Array | null = null;
  /** For bytes that are only looked at. */
  const passing = (): Uint8Array => (step ??= new Uint8Array(STEP_BYTES));

  /** Reads and hashes one part; with `into` its bytes are there afterwards. */
  const hashPart = async (number: number, into: Uint8Array | null, signal: AbortSignal): Promise<string> => {
    const { offsetBytes, sizeBytes } = partPlace(object, number);
    const sha256 = createHash('sha256');
    const isNext = number === partSha256.length + 1;
    for (let done = 0; done < sizeBytes; done += STEP_BYTES) {
      if (signal.aborted) throw new AppError('ABORTED', 'Stopped.');
      const length = Math.min(STEP_BYTES, sizeBytes - done);
      const bytes = into === null ? passing().subarray(0, length) : into.subarray(done, done + length);
      await source.read(bytes, offsetBytes + done);
      sha256.update(bytes);
      if (isNext) md5?.update(bytes);
    }
    return sha256.digest('hex');
  };

  /** Takes the next part in order; one whose hash was cut off in the middle would spoil what runs over the whole. */
  const takeNext = async (into: Uint8Array | null, signal: AbortSignal): Promise<string> => {
    const number = partSha256.length + 1;
    const sha256Hex = await hashPart(number, into, signal);
    const before = known.get(number);
    if (before !== undefined && before !== sha256Hex) throw changed('its content is another one');
    partSha256.push(sha256Hex);
    return sha256Hex;
  };

  return {
    readPart: async (number, into, signal) => {
      const { sizeBytes } = partPlace(object, number);
      const bytes = into.subarray(0, sizeBytes);
      while (partSha256.length + 1 < number) await takeNext(null, signal);
      const before = partSha256[number - 1];
      if (before === undefined) return { bytes, sha256Hex: await takeNext(bytes, signal) };
      const sha256Hex = await hashPart(number, bytes, signal);
      if (sha256Hex !== before) throw changed('its content is another one');
      return { bytes, sha256Hex };
    },
    hashOf: (number) => partSha256[number - 1] ?? null,
    whole: async (signal) => {
      while (partSha256.length < count) await takeNext(null, signal);
      md5Hex ??= md5?.digest('hex') ?? null;
      return { sizeBytes: object.sizeBytes, partBytes: object.partBytes, partSha256: [...partSha256], md5Hex };
    },
  };
}

/** One hash for all parts: SHA-256 over their SHA-256, lower-case hex. */
export function sha256OfParts(partSha256: readonly string[]): string {
  const hash = createHash('sha256');
  for (const each of partSha256) hash.update(Buffer.from(each, 'hex'));
  return hash.digest('hex');
}
