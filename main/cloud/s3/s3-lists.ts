import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { oddAnswer } from '../cloud-errors.ts';
import type { CallOptions, OpenUpload, SentPart } from '../cloud-target.ts';
import type { S3Requests } from './s3-requests.ts';

export type ListedPart = { sent: SentPart; checksumSha256: string | undefined };

const MAX_PART_NUMBER = 10_000;
/** Far more than one app can have left behind; a list without an end is a server's fault. */
const MAX_UPLOADS = 20_000;

/** All parts of an upload that the server has, by number. Errors of the library go on: the caller knows what they mean. */
export async function listParts(
  { bucket, send }: S3Requests,
  key: string,
  session: string,
  pageSize: number,
  options: CallOptions,
): Promise<ListedPart[]> {
  const what = 'Asking how far an upload is';
  const parts = new Map<number, ListedPart>();
  let marker = 0;
  for (;;) {
    const page = await send(
      new ListPartsCommand({
        Bucket: bucket,
        Key: key,
        UploadId: session,
        MaxParts: pageSize,
        ...(marker === 0 ? {} : { PartNumberMarker: String(marker) }),
      }),
      options,
    );
    if (page.UploadId !== session) throw oddAnswer(what);
    let last = marker;
    for (const { PartNumber: number, Size: size, ETag: etag, ChecksumSHA256: checksumSha256 } of page.Parts ?? []) {
      if (number === undefined || !Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
        throw oddAnswer(what);
      }
      if (size === undefined || !Number.isSafeInteger(size) || size < 0) throw oddAnswer(what);
      parts.set(number, { sent: { number, sizeBytes: size, etag: etag ?? '' }, checksumSha256 });
      last = Math.max(last, number);
    }
    if (page.IsTruncated !== true) return [...parts.values()].toSorted((a, b) => a.sent.number - b.sent.number);
    // More is promised, and nothing came: asking on would never end.
    if (last === marker) throw oddAnswer(what);
    marker = last;
  }
}

/** Uploads below a prefix that were begun and not finished. */
export async function listUploads(
  { bucket, send }: S3Requests,
  prefix: string,
  pageSize: number,
  options: CallOptions,
): Promise<OpenUpload[]> {
  const what = 'Listing unfinished uploads';
  const uploads: OpenUpload[] = [];
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page = await send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, MaxUploads: pageSize, ...marker }),
      options,
    );
    for (const { Key: key, UploadId: session } of page.Uploads ?? []) {
      // What is not below the prefix was not asked for, whatever the server thinks.
      if (key?.startsWith(prefix) && session) uploads.push({ key, session });
    }
    if (page.IsTruncated !== true) return uploads;
    const { NextKeyMarker, NextUploadIdMarker } = page;
    const isStuck = NextKeyMarker === marker.KeyMarker && NextUploadIdMarker === marker.UploadIdMarker;
    if (NextKeyMarker === undefined || isStuck || uploads.length > MAX_UPLOADS) throw oddAnswer(what);
    marker = {
      KeyMarker: NextKeyMarker,
      ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
    };
  }
}
