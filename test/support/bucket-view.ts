import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { GcsServer } from './gcs-server.ts';
import { radosgwClient } from './radosgw.ts';

/** A bucket as it is, seen past our own code and past any proxy. */
export type BucketView = {
  /** Every object, by key. */
  objects: () => Promise<Map<string, number>>;
  sha256: (key: string) => Promise<string>;
  read: (key: string) => Promise<Buffer>;
  /** Puts another object in its place. */
  write: (key: string, bytes: Buffer) => Promise<void>;
  /** Uploads that somebody began and did not end; null where a server does not tell. */
  openUploads: () => Promise<number | null>;
  /** Removes all objects and open uploads whose key has this beginning. */
  clear: (prefix: string) => Promise<void>;
  close: () => void;
};

/** Looks at a bucket of an S3 server with the plain library. */
export function viewS3Bucket(endpoint: string, bucket: string): BucketView {
  const client = radosgwClient(endpoint);
  const at = { Bucket: bucket };
  const listed = async (prefix = ''): Promise<Map<string, number>> => {
    const found = new Map<string, number>();
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          ...at,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      for (const { Key, Size } of page.Contents ?? []) found.set(Key ?? '', Size ?? 0);
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  };
  const uploads = async () => (await client.send(new ListMultipartUploadsCommand(at))).Uploads ?? [];
  const open = async (key: string): Promise<AsyncIterable<Uint8Array>> => {
    const { Body } = await client.send(new GetObjectCommand({ ...at, Key: key }));
    if (Body === undefined) throw new Error(`${key} has no body.`);
    return Body as AsyncIterable<Uint8Array>;
  };
  return {
    objects: () => listed(),
    sha256: async (key) => {
      const hash = createHash('sha256');
      for await (const piece of await open(key)) hash.update(piece);
      return hash.digest('hex');
    },
    read: async (key) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of await open(key)) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    write: async (key, bytes) => {
      await client.send(new PutObjectCommand({ ...at, Key: key, Body: bytes }));
    },
    openUploads: async () => (await uploads()).length,
    clear: async (prefix) => {
      for (const { Key, UploadId } of await uploads()) {
        if (Key?.startsWith(prefix) !== true) continue;
        await client.send(new AbortMultipartUploadCommand({ ...at, Key, UploadId }));
      }
      for (const key of (await listed(prefix)).keys()) await client.send(new DeleteObjectCommand({ ...at, Key: key }));
    },
    close: () => client.destroy(),
  };
}

/** Looks at the bucket of a server of gcs-server.ts. */
export function viewGcsBucket(server: GcsServer): BucketView {
  const names = (prefix = ''): string[] =>
    server.objects().flatMap(({ name }) => (name.startsWith(prefix) ? [name] : []));
  const ask = async (path: string, init: RequestInit): Promise<void> => {
    const response = await fetch(`${server.endpoint}${path}`, init);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${init.method} of ${path} was answered with ${response.status}.`);
  };
  const inBucket = `/b/${encodeURIComponent(server.bucket)}/o`;
  return {
    objects: async () => new Map(server.objects().map(({ name, sizeBytes }) => [name, sizeBytes])),
    sha256: async (key) => createHash('sha256').update(server.read(key)).digest('hex'),
    read: async (key) => server.read(key),
    write: (key, bytes) =>
      ask(`/upload/storage/v1${inBucket}?uploadType=media&name=${encodeURIComponent(key)}`, {
        method: 'POST',
        body: new Uint8Array(bytes),
      }),
    // The service does not list sessions: what nobody remembers goes by itself after a week.
    openUploads: async () => null,
    clear: async (prefix) => {
      for (const name of names(prefix)) {
        await ask(`/storage/v1${inBucket}/${encodeURIComponent(name)}`, { method: 'DELETE' });
      }
    },
    close: () => undefined,
  };
}
