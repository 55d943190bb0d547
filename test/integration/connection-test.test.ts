import { createServer } from 'node:http';
import { once } from 'node:events';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as later, clearTimeout } from 'node:timers';
import { ListObjectsV2Command, PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionTest, Destination } from '../../contract/cloud.ts';
import { testConnection } from '../../main/cloud/connection-test.ts';
import type { Credentials } from '../../main/cloud/credentials.ts';
import { cloudOpeners } from '../../main/cloud/open-target.ts';
import { RADOSGW_KEYS, radosgwClient } from '../support/radosgw.ts';
import { RADOSGW_START_LIMIT_MS, sharedRadosgw } from '../support/shared-radosgw.ts';

let destination: Destination;
let client: S3Client;

const right: Credentials = { kind: 's3Keys', ...RADOSGW_KEYS, sessionToken: null };
const ports = {
  monotonicMs: () => performance.now(),
  after: (delayMs: number, run: () => void) => {
    const timer = later(run, delayMs);
    return () => clearTimeout(timer);
  },
  randomBytes,
  randomId: randomUUID,
};

const test = (to: Destination = destination, credentials: Credentials = right): Promise<ConnectionTest> =>
  testConnection(() => cloudOpeners.s3(to, credentials), 'team/a', ports);

async function keysIn(bucket: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

/** A bucket of its own in which one action is denied to everybody, its owner too. */
async function bucketWithout(action: string): Promise<Destination> {
  const made = (await sharedRadosgw()).destination;
  const statement = { Effect: 'Deny', Principal: '*', Action: action, Resource: `arn:aws:s3:::${made.bucket}/*` };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await client.send(new PutBucketPolicyCommand({ Bucket: made.bucket, Policy: policy }));
  return made;
}

beforeAll(async () => {
  const server = await sharedRadosgw();
  destination = server.destination;
  client = radosgwClient(server.endpoint);
}, RADOSGW_START_LIMIT_MS);
afterAll(() => client.destroy());

describe('the test of a connection to a real S3 server', () => {
  it('works, and leaves nothing in the bucket', async () => {
    expect(await test()).toEqual({ kind: 'works', tookMs: expect.any(Number) });
    expect(await keysIn(destination.bucket)).toEqual([]);
  });

  it('says that the key is wrong, and not which', async () => {
    for (const wrong of [{ secretAccessKey: 'HUSH-wrong-secret' }, { accessKeyId: 'HUSHNOSUCHKEY' }]) {
      const found = await test(destination, { ...right, ...wrong });
      expect(found).toMatchObject({ kind: 'fails', step: 'write', error: { code: 'CLOUD_KEY_WRONG' } });
      expect(JSON.stringify(found)).not.toContain('HUSH');
    }
  });

  it('says that there is no such bucket', async () => {
    expect(await test({ ...destination, bucket: `none-${randomUUID()}` })).toMatchObject({
      step: 'write',
      error: { code: 'CLOUD_BUCKET_MISSING' },
    });
  });

  it.each([
    ['s3:PutObject', 'write'],
    ['s3:GetObject', 'read'],
    ['s3:DeleteObject', 'delete'],
  ])('says what the key may not do: without %s it fails at “%s”', async (action, step) => {
    const made = await bucketWithout(action);
    expect(await test(made)).toMatchObject({ kind: 'fails', step, error: { code: 'CLOUD_FORBIDDEN' } });
    // What was written is gone, unless just that was forbidden.
    expect(await keysIn(made.bucket)).toHaveLength(step === 'delete' ? 1 : 0);
  });

  it('says that nothing answers there', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    server.close();
    await once(server, 'close');
    expect(await test({ ...destination, endpoint: `http://127.0.0.1:${port}` })).toMatchObject({
      step: 'write',
      error: { code: 'CLOUD_UNREACHABLE' },
    });
  });

  it('says that the clock is wrong (a fake server: it answers as Amazon does to a clock that is an hour off)', async () => {
    const body = '<?xml version="1.0"?><Error><Code>RequestTimeTooSkewed</Code><Message>hush</Message></Error>';
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(403, { 'content-type': 'application/xml' }).end(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const found = await test({ ...destination, endpoint: `http://127.0.0.1:${port}` });
    server.closeAllConnections();
    server.close();
    expect(found).toMatchObject({ step: 'write', error: { code: 'CLOUD_CLOCK_WRONG' } });
    expect(JSON.stringify(found)).not.toContain('hush');
  });
});
