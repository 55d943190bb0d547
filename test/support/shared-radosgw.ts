import { inject } from 'vitest';
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { Destination } from '../../contract/cloud.ts';
import { radosgwClient } from './radosgw.ts';

/** Time for a `beforeAll` that may be the one that starts the server, on a busy machine. */
export const RADOSGW_START_LIMIT_MS = 150_000;

/** The radosgw of this test run, with a new bucket for the caller. */
export async function sharedRadosgw(): Promise<{ endpoint: string; destination: Destination }> {
  const response = await fetch(inject('radosgwDesk'));
  const endpoint = await response.text();
  if (!response.ok) throw new Error(endpoint);
  const bucket = `test-${randomUUID()}`;
  const client = radosgwClient(endpoint);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { endpoint, destination: { provider: 's3', bucket, region: '', endpoint, pathStyle: true } };
}
