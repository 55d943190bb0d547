import { randomUUID } from 'node:crypto';
import type { Destination } from '../../contract/cloud.ts';
import { actOfGcs, actOfS3 } from '../support/bucket-requests.ts';
import type { BucketAct } from '../support/bucket-requests.ts';
import { viewGcsBucket, viewS3Bucket } from '../support/bucket-view.ts';
import type { BucketView } from '../support/bucket-view.ts';
import { startGcsServer } from '../support/gcs-server.ts';
import { startRadosgw } from '../support/radosgw.ts';
import type { Radosgw } from '../support/radosgw.ts';
import { startUnkindProxy } from '../support/unkind-proxy.ts';
import type { Seen, UnkindProxy } from '../support/unkind-proxy.ts';

/** A bucket on a real server, a proxy in front of it, and a look past both. */
export type BucketStage = {
  provider: 's3' | 'gcs';
  proxy: UnkindProxy;
  /** Through the proxy. */
  destination: Destination;
  view: BucketView;
  actOf: (seen: Seen) => BucketAct;
  /** Requests whose bodies are pieces of files. */
  mediaActs: readonly BucketAct[];
  partsInFlight: number;
  /** What the provider's form of a request adds to a file that is sent in one piece, at most. */
  framingBytes: number;
  /** How every upload ends: what is asked of the bucket to compare. */
  comparesBy: 'stat' | 'read';
  /** Done when the stage is closed. */
  atEnd: (work: () => void) => void;
  close: () => Promise<void>;
};

let radosgw: Promise<Radosgw> | null = null;

/** The address of the one S3 server of a fault run, started when the first scenario asks. */
export async function s3Server(): Promise<Radosgw> {
  radosgw ??= startRadosgw();
  return await radosgw;
}

/** Ends what the scenarios of a run share. */
export async function endSharedServers(): Promise<void> {
  await (await radosgw?.catch(() => null))?.stop();
  radosgw = null;
}

/** A new bucket of its own on the shared S3 server. */
export async function openS3Stage(): Promise<BucketStage> {
  const { endpoint, bucket: makeBucket } = await s3Server();
  const bucket = `faults-${randomUUID()}`;
  await makeBucket(bucket);
  const { hostname, port } = new URL(endpoint);
  const proxy = await startUnkindProxy({ host: hostname, port: Number(port) });
  const view = viewS3Bucket(endpoint, bucket);
  const ends: (() => void)[] = [];
  return {
    provider: 's3',
    proxy,
    destination: { provider: 's3', bucket, region: 'us-east-1', endpoint: proxy.url, pathStyle: true },
    view,
    actOf: actOfS3,
    mediaActs: ['part', 'put'],
    partsInFlight: 2,
    framingBytes: 0,
    comparesBy: 'read',
    atEnd: (work) => void ends.push(work),
    close: async () => {
      await proxy.close();
      for (const work of ends) work();
      await view.clear('');
      view.close();
    },
  };
}

/** A server of Google's protocol with one bucket; see gcs-server.ts for how true it is. */
export async function openGcsStage(): Promise<BucketStage> {
  const server = await startGcsServer();
  const { hostname, port } = new URL(server.endpoint);
  const proxy = await startUnkindProxy({ host: hostname, port: Number(port) });
  const ends: (() => void)[] = [];
  return {
    provider: 'gcs',
    proxy,
    destination: { provider: 'gcs', bucket: server.bucket, region: '', endpoint: proxy.url, pathStyle: false },
    view: viewGcsBucket(server),
    actOf: actOfGcs,
    mediaActs: ['part', 'finish', 'put'],
    partsInFlight: 1,
    framingBytes: 1_024,
    // By the checksum that it tells of the object.
    comparesBy: 'stat',
    atEnd: (work) => void ends.push(work),
    close: async () => {
      await proxy.close();
      for (const work of ends) work();
      await server.close();
    },
  };
}
