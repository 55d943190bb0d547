import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Destination } from '../../contract/cloud.ts';
import type { CloudTarget } from '../../main/cloud/cloud-target.ts';
import type { Credentials } from '../../main/cloud/credentials.ts';
import type { S3Options } from '../../main/cloud/s3/s3-config.ts';
import { createS3Target } from '../../main/cloud/s3/s3-target.ts';
import {
  calm,
  describeCloudTarget,
  makeSpecimen,
  partOf,
  problem,
  sendMissing,
} from '../support/cloud-target-suite.ts';
import { RADOSGW_KEYS, radosgwClient } from '../support/radosgw.ts';
import { RADOSGW_START_LIMIT_MS, sharedRadosgw } from '../support/shared-radosgw.ts';

const keys: Credentials = { kind: 's3Keys', ...RADOSGW_KEYS, sessionToken: null };
const open = (destination: Destination, credentials: Credentials = keys, options?: S3Options): Promise<CloudTarget> =>
  createS3Target(destination, credentials, options);

describeCloudTarget(
  'S3 on radosgw',
  async () => {
    const { destination } = await sharedRadosgw();
    return {
      target: await open(destination),
      reopen: () => open(destination),
      withWrongSecret: () => open(destination, { ...keys, secretAccessKey: 'WRONGSECRET' }),
      withoutBucket: () => open({ ...destination, bucket: 'there-is-no-such-bucket' }),
      checksLinks: true,
    };
  },
  RADOSGW_START_LIMIT_MS,
);

describe('what only S3 does, on radosgw', () => {
  let destination: Destination;
  let endpoint: string;
  let target: CloudTarget;
  beforeAll(async () => {
    ({ destination, endpoint } = await sharedRadosgw());
    // Small pages, so that a handful of parts is a long list.
    target = await open(destination, keys, { listPageSize: 2 });
  }, RADOSGW_START_LIMIT_MS);
  afterAll(() => target?.close());

  test('the parts of a long list are all found, page by page', async () => {
    const specimen = makeSpecimen(target, 6);
    const { session } = await target.begin(specimen.object, calm());
    for (const number of [6, 2, 5, 1, 3])
      await target.sendPart(specimen.object, session, partOf(specimen, number), calm());
    const state = await target.inspect(specimen.object, session, calm());
    expect(state.kind === 'parts' && state.parts.map(({ number }) => number)).toEqual([1, 2, 3, 5, 6]);
    await target.finish(specimen.object, session, await sendMissing(target, specimen, session), calm());
    expect(await target.verify(specimen.object, specimen.hash, calm())).toEqual({ kind: 'same', by: 'readBack' });
  });

  test('uploads left behind are all listed below their prefix, and gone when they were ended', async () => {
    const begun = await Promise.all(
      ['left/a 1', 'left/ü+2', 'left/ü+2', 'left/%41', 'leftover/no', 'left/z'].map(async (key) => {
        const { session } = await target.begin({ ...makeSpecimen(target, 1).object, key }, calm());
        return { key, session };
      }),
    );
    const mine = begun.filter(({ key }) => key.startsWith('left/'));
    const open = await target.openUploads('left/', calm());
    expect(new Set(open.map(({ session }) => session))).toEqual(new Set(mine.map(({ session }) => session)));
    expect(open.toSorted(bySession)).toEqual(mine.toSorted(bySession));
    for (const { key, session } of open) await target.abort(key, session, calm());
    expect(await target.openUploads('left/', calm())).toEqual([]);
    expect(await target.openUploads('leftover/', calm())).toHaveLength(1);
  });

  test('bytes that are not those of the declared SHA-256 are refused by the server, and sent again they are taken', async () => {
    const specimen = makeSpecimen(target, 2);
    const { session } = await target.begin(specimen.object, calm());
    const right = partOf(specimen, 1);
    const damaged = { ...right, bytes: Uint8Array.from(right.bytes) };
    damaged.bytes[1000] = (damaged.bytes[1000] ?? 0) ^ 1;
    const error = await problem(target.sendPart(specimen.object, session, damaged, calm()));
    expect(error).toMatchObject({ code: 'CLOUD_BUSY', retryable: true });
    expect(await target.inspect(specimen.object, session, calm())).toEqual({ kind: 'parts', parts: [] });
    await target.sendPart(specimen.object, session, right, calm());
    await target.abort(specimen.object.key, session, calm());
  });

  test('an upload that was finished and is finished again says that it is gone, and inspect that it is whole', async () => {
    const specimen = makeSpecimen(target, 2);
    const { object } = specimen;
    const { session } = await target.begin(object, calm());
    const parts = await sendMissing(target, specimen, session);
    await target.finish(object, session, parts, calm());
    const again = await target.finish(object, session, parts, calm()).then(
      () => null,
      (error: unknown) => error,
    );
    // A server may also remember, and answer as it did.
    if (again !== null) expect(again).toMatchObject({ code: 'CLOUD_UPLOAD_GONE' });
    expect(await target.inspect(object, session, calm())).toEqual({ kind: 'finished' });
  });

  test('the type of a file is kept, also past our own code', async () => {
    const specimen = makeSpecimen(target, 2);
    const { object } = specimen;
    const { session } = await target.begin(object, calm());
    await target.finish(object, session, await sendMissing(target, specimen, session), calm());
    const client = radosgwClient(endpoint);
    const head = await client.send(new HeadObjectCommand({ Bucket: destination.bucket, Key: object.key }));
    client.destroy();
    expect(head).toMatchObject({ ContentType: 'video/webm', ContentLength: object.sizeBytes });
  });

  test('a wrong key id is told as a wrong key', async () => {
    const wrong = await open(destination, { ...keys, accessKeyId: 'NOBODY' });
    expect((await problem(wrong.sizeBytes('x', calm()))).code).toMatch(/^CLOUD_(?:KEY_WRONG|FORBIDDEN)$/);
    expect((await problem(wrong.begin(makeSpecimen(wrong, 1).object, calm()))).code).toBe('CLOUD_KEY_WRONG');
    wrong.close();
  });

  test('the address to look for is the one of the server', () => {
    const { hostname, port } = new URL(endpoint);
    expect(target.address).toEqual({ host: hostname, port: Number(port) });
  });
});

describe('a profile of the shared AWS config', () => {
  let destination: Destination;
  let folder: string;
  const before = { ...process.env };
  beforeAll(async () => {
    ({ destination } = await sharedRadosgw());
    folder = await mkdtemp(join(tmpdir(), 'tallylight-aws-'));
    const { accessKeyId, secretAccessKey } = RADOSGW_KEYS;
    const file = join(folder, 'credentials');
    await writeFile(
      file,
      `[default]\naws_access_key_id = NOBODY\naws_secret_access_key = NOTHING\n[studio]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    process.env.AWS_SHARED_CREDENTIALS_FILE = file;
    process.env.AWS_CONFIG_FILE = join(folder, 'none');
  }, RADOSGW_START_LIMIT_MS);
  afterAll(async () => {
    for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await rm(folder, { recursive: true });
  });

  test('its keys open the bucket', async () => {
    const target = await open(destination, { kind: 's3Profile', profile: 'studio' });
    expect(await target.openUploads('', calm())).toEqual([]);
    target.close();
  });

  test('a profile that is not there is told as missing credentials', async () => {
    const target = await open(destination, { kind: 's3Profile', profile: 'nowhere' });
    expect((await problem(target.openUploads('', calm()))).code).toBe('CLOUD_CREDENTIALS_INVALID');
    target.close();
  });

  test('an abort ends a request also while a program that should bring the key takes its time', async () => {
    await writeFile(join(folder, 'config'), '[profile slow]\ncredential_process = sleep 30\n');
    process.env.AWS_CONFIG_FILE = join(folder, 'config');
    const target = await open(destination, { kind: 's3Profile', profile: 'slow' });
    const controller = new AbortController();
    const asking = problem(target.openUploads('', { signal: controller.signal }));
    setImmediate(() => controller.abort());
    expect((await asking).code).toBe('ABORTED');
    target.close();
  }, 5_000);

  test('what this computer offers by itself is used when nothing else is chosen', async () => {
    const target = await open(destination, { kind: 'default' });
    expect((await problem(target.openUploads('', calm()))).code).toBe('CLOUD_KEY_WRONG');
    target.close();
  });
});

const bySession = (a: { session: string }, b: { session: string }): number => (a.session < b.session ? -1 : 1);
