import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { AppError } from '../../../contract/errors.ts';
import { oddAnswer } from '../cloud-errors.ts';
import type { CallOptions, ContentHash, Verdict } from '../cloud-target.ts';
import { judgeChecksum } from './checksum.ts';
import { freeReadBuffers } from '../free-read-buffers.ts';
import { compareParts } from './read-back.ts';
import { s3Problem, saysMissing } from './s3-errors.ts';
import type { S3Requests } from './s3-requests.ts';

export type Head = { sizeBytes: number; etag: string; checksumSha256: string | undefined };

/** What an object was found to be so far: a check that was cut goes on behind the last part that was right. */
type Progress = { key: string; etag: string; digest: string; parts: number };

const WHAT = 'Comparing';

/** What the server says of an object; null when there is none. */
export async function headObject(
  requests: S3Requests,
  key: string,
  options: CallOptions,
  what: string,
  withChecksum = false,
): Promise<Head | null> {
  try {
    const { ContentLength, ETag, ChecksumSHA256 } = await requests.send(
      new HeadObjectCommand({
        Bucket: requests.bucket,
        Key: key,
        ...(withChecksum ? { ChecksumMode: 'ENABLED' } : {}),
      }),
      options,
    );
    if (ContentLength === undefined || !Number.isSafeInteger(ContentLength) || ContentLength < 0) throw oddAnswer(what);
    return { sizeBytes: ContentLength, etag: ETag ?? '', checksumSha256: ChecksumSHA256 };
  } catch (error) {
    if (saysMissing(error)) return null;
    throw s3Problem(error, what);
  }
}

/** Compares objects with what they must be: by the server's SHA-256 where it is to be believed, else by reading every byte. */
export function createVerifier(
  requests: S3Requests,
  believesChecksums: boolean,
): (key: string, hash: ContentHash, options: CallOptions) => Promise<Verdict> {
  let progress: Progress | null = null;

  const readBack = async (key: string, etag: string, hash: ContentHash, options: CallOptions): Promise<Verdict> => {
    const digest = hash.partSha256.join();
    let from = progress?.key === key && progress.etag === etag && progress.digest === digest ? progress.parts : 0;
    for (;;) {
      const startedFrom = from;
      try {
        const verdict = await readFrom(requests, key, etag, hash, from, options, (parts) => {
          freeReadBuffers();
          from = parts;
          progress = { key, etag, digest, parts };
        });
        // Whoever asks again wants it read again.
        progress = null;
        return verdict;
      } catch (error) {
        const problem = s3Problem(error, WHAT);
        // Cut after it had come further: the rest may come too. Otherwise it is for the caller to wait.
        if (!problem.retryable || from === startedFrom) throw problem;
      }
    }
  };

  return async (key, hash, options) => {
    const head = await headObject(requests, key, options, WHAT, believesChecksums);
    if (head === null) return { kind: 'missing' };
    if (head.sizeBytes !== hash.sizeBytes) {
      return { kind: 'different', why: `${head.sizeBytes} bytes instead of ${hash.sizeBytes}` };
    }
    const told = believesChecksums ? judgeChecksum(head.checksumSha256, hash) : 'unknown';
    if (told === 'same') return { kind: 'same', by: 'checksum' };
    if (told === 'different') return { kind: 'different', why: "the server's checksum is another" };
    return await readBack(key, head.etag, hash, options);
  };
}

async function readFrom(
  requests: S3Requests,
  key: string,
  etag: string,
  hash: ContentHash,
  from: number,
  options: CallOptions,
  onRight: (parts: number) => void,
): Promise<Verdict> {
  const offset = Math.min(from * hash.partBytes, hash.sizeBytes);
  // All of it is right already, or there is nothing in it.
  if (offset === hash.sizeBytes) return { kind: 'same', by: 'readBack' };
  const answer = await requests
    .send(
      new GetObjectCommand({
        Bucket: requests.bucket,
        Key: key,
        ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
        ...(etag === '' ? {} : { IfMatch: etag }),
      }),
      options,
      { answersContent: true },
    )
    .catch((error: unknown) => {
      if (saysMissing(error)) return null;
      throw error;
    });
  if (answer === null) return { kind: 'missing' };
  const body = contentOf(answer.Body);
  try {
    if (offset > 0 && !(answer.ContentRange ?? '').startsWith(`bytes ${offset}-`)) throw oddAnswer(WHAT);
    const length = answer.ContentLength;
    if (length !== undefined && length !== hash.sizeBytes - offset) {
      return { kind: 'different', why: `the server sends ${length} bytes instead of ${hash.sizeBytes - offset}` };
    }
    const found = await compareParts(slowed(body, options), hash, from, onRight);
    if (found.kind === 'wrong') return { kind: 'different', why: `part ${found.part + 1} is another` };
    if (found.kind === 'tooLong') return { kind: 'different', why: 'it is longer than it should be' };
    // Ended without an error and yet too early: whatever it was, not the whole object.
    if (found.bytes !== hash.sizeBytes) return { kind: 'different', why: `it ends after ${found.bytes} bytes` };
    return { kind: 'same', by: 'readBack' };
  } finally {
    body.destroy();
  }
}

/** Content that can be read piece by piece and let go of in the middle. */
export type Content = AsyncIterable<Uint8Array> & { destroy: () => void };

/** The content of an answer to GET. */
export function contentOf(body: unknown): Content {
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body && 'destroy' in body) {
    return body as Content;
  }
  throw new AppError('INTERNAL', 'An answer has no content that can be read.');
}

/** A cap of the bandwidth holds for what is read back, too. */
async function* slowed(body: Content, { throttle, signal }: CallOptions): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (throttle !== undefined) await throttle(chunk.byteLength, signal);
    yield chunk;
  }
}
