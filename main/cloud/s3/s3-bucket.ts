import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { Destination } from '../../../contract/cloud.ts';
import { AppError } from '../../../contract/errors.ts';
import { oddAnswer } from '../cloud-errors.ts';
import type { CallOptions, CloudTarget, ObjectSpec, SentPart } from '../cloud-target.ts';
import type { Credentials } from '../credentials.ts';
import { base64Of } from './checksum.ts';
import { addressOf, clientConfig, endpointOf } from './s3-config.ts';
import type { S3Options } from './s3-config.ts';
import { s3Problem, saysGone, saysMissing } from './s3-errors.ts';
import { listParts, listUploads } from './s3-lists.ts';
import { declareSha256, openRequests } from './s3-requests.ts';
import type { S3Requests } from './s3-requests.ts';
import { contentOf, createVerifier, headObject } from './s3-verify.ts';

/** Limits of multipart uploads (S3 user guide, "Amazon S3 multipart upload limits"). */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

/** Opens a bucket with the provider's library. */
export async function openS3Bucket(
  destination: Destination,
  credentials: Credentials,
  { idleLimitMs, listPageSize = 1000, checksums }: S3Options,
): Promise<CloudTarget> {
  const endpoint = endpointOf(destination);
  const requests = openRequests(clientConfig(destination, credentials), destination.bucket, idleLimitMs);
  const { client, bucket, send } = requests;
  const withChecksums = (checksums ?? (endpoint === null ? 'sha256' : 'none')) === 'sha256';
  const region = await client.config.region().catch(() => null);
  const verify = createVerifier(requests, withChecksums);

  return {
    partsInFlight: 2,
    wantsMd5: false,
    sessionIsSecret: false,
    partGranularityBytes: 1,
    minPartBytes: MIN_PART_BYTES,
    maxParts: MAX_PARTS,
    address: addressOf(endpoint, region),

    begin: ({ key, contentType }, options) =>
      telling('Beginning an upload', async (what) => {
        const { UploadId } = await send(
          new CreateMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            ContentType: contentType,
            ...(withChecksums ? { ChecksumAlgorithm: 'SHA256' } : {}),
          }),
          options,
        );
        if (UploadId === undefined || UploadId === '') throw oddAnswer(what);
        return { session: UploadId };
      }),

    inspect: ({ key, sizeBytes }, session, options) =>
      telling('Asking how far an upload is', async (what) => {
        const parts = await listParts(requests, key, session, listPageSize, options).catch((error: unknown) => {
          if (saysGone(error)) return null;
          throw error;
        });
        if (parts !== null) return { kind: 'parts', parts: parts.map(({ sent }) => sent) };
        const head = await headObject(requests, key, options, what);
        return head?.sizeBytes === sizeBytes ? { kind: 'finished' } : { kind: 'gone' };
      }),

    sendPart: ({ key }, session, { number, bytes, sha256Hex }, options) =>
      tellingGone('Sending a part', async (what) => {
        const command = new UploadPartCommand({
          Bucket: bucket,
          Key: key,
          UploadId: session,
          PartNumber: number,
          Body: bytes,
          ContentLength: bytes.byteLength,
          ...(withChecksums ? { ChecksumSHA256: base64Of(sha256Hex) } : {}),
        });
        const { ETag } = await send(declareSha256(command, sha256Hex), options, { content: options });
        if (ETag === undefined || ETag === '') throw oddAnswer(what);
        return { number, sizeBytes: bytes.byteLength, etag: ETag };
      }),

    finish: ({ key }, session, parts, options) =>
      tellingGone('Finishing an upload', async (what) => {
        const completed = withChecksums
          ? await withChecksumsOf(parts, requests, key, session, listPageSize, options)
          : parts.map(plainPart);
        const answer = await send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: session,
            MultipartUpload: { Parts: completed.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)) },
          }),
          options,
        );
        // The status line goes out before the work is done: an error, or nothing, can follow a 200. The library sees only errors whose
        // last character ends the document. (An ETag may be empty: radosgw's is.)
        if (answer.ETag === undefined || (!answer.Key && !answer.Location)) throw oddAnswer(what);
      }),

    put: (object, bytes, options) =>
      telling('Sending a file', async (what) => {
        const sha256Hex = createHash('sha256').update(bytes).digest('hex');
        const command = putCommand(bucket, object, bytes, withChecksums ? base64Of(sha256Hex) : null);
        const { ETag } = await send(declareSha256(command, sha256Hex), options, { content: options });
        if (ETag === undefined || ETag === '') throw oddAnswer(what);
      }),

    verify: ({ key }, hash, options) => telling('Comparing', () => verify(key, hash, options)),

    abort: (key, session, options) =>
      telling('Ending an upload', async () => {
        await send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: session }), options).catch(
          (error: unknown) => {
            if (!saysGone(error)) throw error;
          },
        );
      }),

    openUploads: (prefix, options) =>
      telling('Listing unfinished uploads', () => listUploads(requests, prefix, listPageSize, options)),

    sizeBytes: (key, options) =>
      telling('Asking for a file', async (what) => (await headObject(requests, key, options, what))?.sizeBytes ?? null),

    read: (key, maxBytes, options) =>
      telling('Reading a file', async () => {
        const answer = await send(new GetObjectCommand({ Bucket: bucket, Key: key }), options, {
          answersContent: true,
        });
        const body = contentOf(answer.Body);
        try {
          return await readAll(body, maxBytes);
        } finally {
          body.destroy();
        }
      }),

    remove: (key, options) =>
      telling('Deleting a file', async () => {
        await send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), options);
      }),

    link: (key, validSeconds) =>
      telling('Making a link', async () => {
        const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
        return await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), {
          expiresIn: validSeconds,
        });
      }),

    close: requests.close,
  };
}

/** Runs one of the port's functions so that it fails with an AppError only. */
async function telling<T>(what: string, work: (what: string) => Promise<T>): Promise<T> {
  try {
    return await work(what);
  } catch (error) {
    if (saysMissing(error)) throw new AppError('CLOUD_OBJECT_MISSING', `${what}: it is not in the bucket.`);
    throw s3Problem(error, what);
  }
}

/** The same for what needs an upload that the server still knows. */
async function tellingGone<T>(what: string, work: (what: string) => Promise<T>): Promise<T> {
  return await telling(what, async () => {
    try {
      return await work(what);
    } catch (error) {
      if (!saysGone(error)) throw error;
      throw new AppError('CLOUD_UPLOAD_GONE', `${what}: the server does not know this upload any more.`, {
        retryable: true,
      });
    }
  });
}

function putCommand(
  bucket: string,
  { key, contentType }: ObjectSpec,
  bytes: Uint8Array,
  checksum: string | null,
): PutObjectCommand {
  return new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentLength: bytes.byteLength,
    ContentType: contentType,
    ...(checksum === null ? {} : { ChecksumSHA256: checksum }),
  });
}

function plainPart({ number, etag }: SentPart): CompletedPart {
  return { PartNumber: number, ETag: etag };
}

/** An upload with checksums is only finished with the checksum of each part, which the server itself keeps. */
async function withChecksumsOf(
  parts: readonly SentPart[],
  requests: S3Requests,
  key: string,
  session: string,
  pageSize: number,
  options: CallOptions,
): Promise<CompletedPart[]> {
  const listed = await listParts(requests, key, session, pageSize, options);
  const checksums = new Map(listed.map(({ sent, checksumSha256 }) => [sent.number, checksumSha256]));
  return parts.map((part) => {
    const checksum = checksums.get(part.number);
    return { ...plainPart(part), ...(checksum === undefined ? {} : { ChecksumSHA256: checksum }) };
  });
}

async function readAll(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new AppError('CLOUD_CONTENT_DIFFERS', 'The file in the bucket is larger than expected.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
