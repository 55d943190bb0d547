import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Destination } from '../../contract/cloud.ts';
import { AppError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import type { CallOptions, CloudTarget, ContentHash, ObjectSpec, Part } from '../../main/cloud/cloud-target.ts';
import type { Credentials } from '../../main/cloud/credentials.ts';
import { createGcsTarget } from '../../main/cloud/gcs/gcs-target.ts';
import { describeCloudTarget } from '../support/cloud-target-suite.ts';
import { BLOCK_BYTES } from '../support/gcs-store.ts';
import { startGcsServer } from '../support/gcs-server.ts';
import type { GcsServer } from '../support/gcs-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const PART_BYTES = 4 * BLOCK_BYTES;
/** Three parts, the last of an odd size. */
const BYTES = randomBytes(2 * PART_BYTES + 300_001);
const OBJECT: ObjectSpec = {
  key: 'Anna & Bob/call #1/mix ä.webm',
  sizeBytes: BYTES.length,
  contentType: 'video/webm',
  partBytes: PART_BYTES,
};
const PARTS = Math.ceil(BYTES.length / PART_BYTES);

let server: GcsServer;
const targets: CloudTarget[] = [];

beforeAll(async () => {
  server = await startGcsServer();
});
afterEach(() => {
  server.clearFaults();
  for (const target of targets.splice(0)) target.close();
});
afterAll(() => server.close());

function destinationOf(from: GcsServer = server): Destination {
  return { provider: 'gcs', bucket: from.bucket, region: '', endpoint: from.endpoint, pathStyle: false };
}

async function open(
  destination: Destination = destinationOf(),
  credentials: Credentials = { kind: 'default' },
  idleMs?: number,
): Promise<CloudTarget> {
  const target = await createGcsTarget(destination, credentials, idleMs);
  targets.push(target);
  return target;
}

function makeAccount(): { credentials: Extract<Credentials, { kind: 'gcsServiceAccount' }>; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const clientEmail = 'app@example.iam.gserviceaccount.com';
  return { credentials: { kind: 'gcsServiceAccount', clientEmail, privateKey, projectId: null }, publicKey };
}

const call = (more: Partial<CallOptions> = {}): CallOptions => ({ signal: AbortSignal.timeout(20_000), ...more });

function partAt(offsetBytes: number): Part {
  const bytes = BYTES.subarray(offsetBytes, offsetBytes + PART_BYTES);
  return {
    number: Math.floor(offsetBytes / PART_BYTES) + 1,
    offsetBytes,
    bytes,
    sha256Hex: createHash('sha256').update(bytes).digest('hex'),
    isLast: offsetBytes + bytes.length === BYTES.length,
  };
}

const HASH: ContentHash = {
  sizeBytes: BYTES.length,
  partBytes: PART_BYTES,
  partSha256: Array.from({ length: PARTS }, (_, index) => partAt(index * PART_BYTES).sha256Hex),
  md5Hex: createHash('md5').update(BYTES).digest('hex'),
};

/** Sends on from where the server says it is, until it is complete. */
async function goOn(target: CloudTarget, session: string): Promise<void> {
  for (;;) {
    const state = await target.inspect(OBJECT, session, call());
    if (state.kind === 'finished') return;
    if (state.kind !== 'offset') throw new Error(`the upload is ${state.kind}`);
    await target.sendPart(OBJECT, session, partAt(state.receivedBytes), call());
  }
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  return error;
}

async function expectFailure(work: Promise<unknown>, code: ErrorCode, retryable: boolean): Promise<AppError> {
  const error = await failure(work);
  expect({ code: error.code, retryable: error.retryable }).toEqual({ code, retryable });
  expect(error.cause).toBeUndefined();
  return error;
}

test('a cut that stored only some of a chunk goes on from the offset of the server, not from what was sent', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  const before = server.receivedBytes();
  server.fail('chunk', { kind: 'cut', afterBytes: 2 * BLOCK_BYTES + 100_000 });
  let handedOver = 0;
  await expectFailure(
    target.sendPart(OBJECT, session, partAt(0), call({ onBytes: (bytes) => (handedOver += bytes) })),
    'CLOUD_UNREACHABLE',
    true,
  );
  expect(await target.inspect(OBJECT, session, call())).toEqual({ kind: 'offset', receivedBytes: 2 * BLOCK_BYTES });
  // The count on this side ran ahead.
  expect(handedOver).toBeGreaterThan(2 * BLOCK_BYTES);
  await goOn(target, session);
  await target.finish(OBJECT, session, [], call());
  expect(server.read(OBJECT.key).equals(BYTES)).toBe(true);
  expect(await target.verify(OBJECT, HASH, call())).toEqual({ kind: 'same', by: 'checksum' });
  // What was sent twice is less than the part that was cut.
  expect(server.receivedBytes() - before).toBeLessThanOrEqual(BYTES.length + PART_BYTES);
});

test('a server that kept only some of a part is not believed to have all of it', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  server.fail('chunk', { kind: 'keepPart', keptBytes: BLOCK_BYTES });
  await expectFailure(target.sendPart(OBJECT, session, partAt(0), call()), 'CLOUD_BUSY', true);
  expect(await target.inspect(OBJECT, session, call())).toEqual({ kind: 'offset', receivedBytes: BLOCK_BYTES });
  await goOn(target, session);
  expect(server.read(OBJECT.key).equals(BYTES)).toBe(true);
});

test('an answer 308 without a Range means that nothing is stored', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  server.fail('chunk', { kind: 'keepPart', keptBytes: 1000 });
  await expectFailure(target.sendPart(OBJECT, session, partAt(0), call()), 'CLOUD_BUSY', true);
  expect(await target.inspect(OBJECT, session, call())).toEqual({ kind: 'offset', receivedBytes: 0 });
  await goOn(target, session);
  expect(await target.verify(OBJECT, HASH, call())).toMatchObject({ kind: 'same' });
});

test('a part ahead of the server is refused for now, and the upload goes on from what the server has', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  await expectFailure(target.sendPart(OBJECT, session, partAt(PART_BYTES), call()), 'CLOUD_BUSY', true);
  await goOn(target, session);
  expect(server.read(OBJECT.key).equals(BYTES)).toBe(true);
});

test.for([404, 410] as const)('a session that is gone in the middle (%i) is known as gone', async (status) => {
  const target = await open();
  const object = { ...OBJECT, key: `gone-${status}` };
  const { session } = await target.begin(object, call());
  await target.sendPart(object, session, partAt(0), call());
  server.fail('chunk', { kind: 'forget', status });
  await expectFailure(target.sendPart(object, session, partAt(PART_BYTES), call()), 'CLOUD_UPLOAD_GONE', true);
  expect(await target.inspect(object, session, call())).toEqual({ kind: 'gone' });
});

test('an upload whose last answer was lost is found finished, also when its session is gone', async () => {
  const target = await open();
  const object = { ...OBJECT, key: 'last answer lost' };
  const { session } = await target.begin(object, call());
  await target.sendPart(object, session, partAt(0), call());
  await target.sendPart(object, session, partAt(PART_BYTES), call());
  server.fail('chunk', { kind: 'loseAnswer' });
  const last = partAt(2 * PART_BYTES);
  await expectFailure(target.sendPart(object, session, last, call()), 'CLOUD_UNREACHABLE', true);
  expect(await target.inspect(object, session, call())).toEqual({ kind: 'finished' });
  server.fail('query', { kind: 'forget', status: 410 });
  expect(await target.inspect(object, session, call())).toEqual({ kind: 'finished' });
});

test.for([
  [500, 'CLOUD_BUSY'],
  [503, 'CLOUD_BUSY'],
  [429, 'CLOUD_BUSY'],
] as const)('%i on the offset query is a busy server, and the session stays', async ([status, code]) => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  await target.sendPart(OBJECT, session, partAt(0), call());
  server.fail('query', { kind: 'status', status, retryAfterSeconds: 7 });
  const error = await expectFailure(target.inspect(OBJECT, session, call()), code, true);
  expect(error.details).toEqual({ retryAfterMs: 7000 });
  expect(await target.inspect(OBJECT, session, call())).toEqual({ kind: 'offset', receivedBytes: PART_BYTES });
});

test('one call is one request: nothing is tried again in here', async () => {
  const target = await open();
  const asked = server.requests().length;
  server.fail('begin', { kind: 'status', status: 503 }, 5);
  await expectFailure(target.begin(OBJECT, call()), 'CLOUD_BUSY', true);
  server.fail('metadata', { kind: 'status', status: 500 }, 5);
  await expectFailure(target.sizeBytes('x', call()), 'CLOUD_BUSY', true);
  expect(server.requests().length - asked).toBe(2);
});

test.for([
  ['wrongMd5', /MD5/],
  ['shortSize', /bytes in place of/],
] as const)('metadata with %s are never the same', async ([kind, why]) => {
  const target = await open();
  await target.put(OBJECT, BYTES, call());
  server.fail('metadata', { kind });
  const verdict = await target.verify(OBJECT, HASH, call());
  expect(verdict.kind === 'different' && why.test(verdict.why)).toBe(true);
  expect(await target.verify(OBJECT, HASH, call())).toEqual({ kind: 'same', by: 'checksum' });
});

test('an object that lost its last byte is another one', async () => {
  const target = await open();
  const object = { ...OBJECT, key: 'short' };
  const { session } = await target.begin(object, call());
  server.fail('chunk', { kind: 'loseLastByte' }, PARTS);
  for (let at = 0; at < BYTES.length; at += PART_BYTES) await target.sendPart(object, session, partAt(at), call());
  expect(await target.verify(object, HASH, call())).toMatchObject({ kind: 'different' });
});

test('an object without an MD5 hash is read back, part by part', async () => {
  const target = await open();
  await target.put(OBJECT, BYTES, call());
  server.fail('metadata', { kind: 'noMd5' }, 4);
  expect(await target.verify(OBJECT, HASH, call())).toEqual({ kind: 'same', by: 'readBack' });
  expect(
    server
      .requests()
      .filter(({ operation }) => operation === 'media')
      .slice(-PARTS)
      .map(({ status, range }) => `${status} ${range}`),
  ).toEqual([
    `206 bytes=0-${PART_BYTES - 1}`,
    `206 bytes=${PART_BYTES}-${2 * PART_BYTES - 1}`,
    `206 bytes=${2 * PART_BYTES}-${BYTES.length - 1}`,
  ]);
  server.fail('media', { kind: 'wrongByte' });
  expect(await target.verify(OBJECT, HASH, call())).toMatchObject({ kind: 'different' });
  server.fail('media', { kind: 'shortMedia' });
  expect(await target.verify(OBJECT, HASH, call())).toMatchObject({ kind: 'different' });
  server.fail('media', { kind: 'cut', afterBytes: 1000 });
  await expectFailure(target.verify(OBJECT, HASH, call()), 'CLOUD_UNREACHABLE', true);
});

test('a status 200 with an error in its body is no success', async () => {
  const target = await open();
  const object = { ...OBJECT, key: 'error in 200' };
  const lie = { kind: 'errorIn200' } as const;
  const { session } = await target.begin(object, call());
  for (let at = 0; at < 2 * PART_BYTES; at += PART_BYTES) {
    await target.sendPart(object, session, partAt(at), call());
  }
  server.fail('chunk', lie);
  await expectFailure(target.sendPart(object, session, partAt(2 * PART_BYTES), call()), 'CLOUD_BUSY', true);
  server.fail('query', lie);
  await expectFailure(target.inspect(object, session, call()), 'CLOUD_BUSY', true);
  server.fail('insert', lie);
  await expectFailure(target.put(object, BYTES.subarray(0, 10), call()), 'CLOUD_BUSY', true);
  server.fail('metadata', lie);
  await expectFailure(target.verify(object, HASH, call()), 'CLOUD_BUSY', true);
});

test('refusals say what is wrong: bucket, key, permission', async () => {
  const elsewhere = await open({ ...destinationOf(), bucket: 'nobodys' });
  await expectFailure(elsewhere.begin(OBJECT, call()), 'CLOUD_BUCKET_MISSING', false);
  await expectFailure(elsewhere.put(OBJECT, BYTES, call()), 'CLOUD_BUCKET_MISSING', false);
  await expectFailure(elsewhere.sizeBytes('x', call()), 'CLOUD_BUCKET_MISSING', false);
  await expectFailure(elsewhere.remove('x', call()), 'CLOUD_BUCKET_MISSING', false);
  const target = await open();
  for (const [status, reason, code] of [
    [401, 'authError', 'CLOUD_KEY_WRONG'],
    [403, 'forbidden', 'CLOUD_FORBIDDEN'],
  ] as const) {
    for (const operation of ['begin', 'insert', 'metadata', 'delete'] as const) {
      server.fail(operation, { kind: 'status', status, reason });
    }
    await expectFailure(target.begin(OBJECT, call()), code, false);
    await expectFailure(target.put(OBJECT, BYTES, call()), code, false);
    await expectFailure(target.sizeBytes('x', call()), code, false);
    await expectFailure(target.remove('x', call()), code, false);
  }
  server.fail('begin', { kind: 'status', status: 403, reason: 'rateLimitExceeded' });
  await expectFailure(
    target.put({ ...OBJECT, key: 'ok' }, BYTES, call()).then(() => target.begin(OBJECT, call())),
    'CLOUD_BUSY',
    true,
  );
});

test('a server with a token lets nobody in without it', async () => {
  const guarded = await startGcsServer({ token: 'the-token' });
  try {
    const target = await open(destinationOf(guarded));
    await expectFailure(target.begin(OBJECT, call()), 'CLOUD_KEY_WRONG', false);
    await expectFailure(target.put(OBJECT, BYTES, call()), 'CLOUD_KEY_WRONG', false);
  } finally {
    await guarded.close();
  }
});

test('with a service account, nothing is asked of the bucket before the sign-in worked', async () => {
  // A proxy that is not there stands for Google's token service: the test must not reach out.
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9');
  try {
    const { credentials } = makeAccount();
    const target = await open(destinationOf(), credentials);
    const asked = server.requests().length;
    await expectFailure(target.begin(OBJECT, call()), 'CLOUD_UNREACHABLE', true);
    await expectFailure(target.sizeBytes('x', call()), 'CLOUD_UNREACHABLE', true);
    const broken = await open(destinationOf(), { ...credentials, privateKey: 'no key' });
    await expectFailure(broken.begin(OBJECT, call()), 'CLOUD_CREDENTIALS_INVALID', false);
    await expectFailure(broken.link('x', 60), 'CLOUD_CREDENTIALS_INVALID', false);
    expect(server.requests().length).toBe(asked);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('bytes pass the throttle in pieces and are reported as they go', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  const asked: number[] = [];
  const told: number[] = [];
  await target.sendPart(
    OBJECT,
    session,
    partAt(0),
    call({
      throttle: (bytes) => {
        asked.push(bytes);
        return Promise.resolve();
      },
      onBytes: (bytes) => told.push(bytes),
    }),
  );
  expect(told).toEqual(Array.from({ length: PART_BYTES / 16_384 }, () => 16_384));
  expect(asked).toEqual(told);
});

test('an abort in the middle of a part ends it at once', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  const stop = new AbortController();
  let sent = 0;
  const sending = target.sendPart(OBJECT, session, partAt(0), {
    signal: stop.signal,
    // Holds the second piece for ever: only the abort can end this.
    throttle: (_bytes, signal) =>
      sent === 0
        ? Promise.resolve()
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new AppError('ABORTED', 'Stopped.')));
            stop.abort();
          }),
    onBytes: (bytes) => (sent += bytes),
  });
  await expectFailure(sending, 'ABORTED', false);
  await expectFailure(target.begin(OBJECT, { signal: stop.signal }), 'ABORTED', false);
  await expectFailure(target.sizeBytes('x', { signal: stop.signal }), 'ABORTED', false);
});

test('an abort while the server does not answer ends the wait', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  for (const operation of ['chunk', 'query', 'begin'] as const) {
    server.fail(operation, { kind: 'silent' });
    const stop = new AbortController();
    const asked = server.requests().length;
    const options = { signal: stop.signal };
    const works = {
      chunk: () => target.sendPart(OBJECT, session, partAt(0), options),
      query: () => target.inspect(OBJECT, session, options),
      begin: () => target.begin(OBJECT, options),
    };
    const work = works[operation]();
    work.catch(() => undefined);
    await expect.poll(() => server.requests().length, { timeout: 10_000 }).toBe(asked + 1);
    stop.abort();
    await expectFailure(work, 'ABORTED', false);
  }
});

test('a server that moves no byte is not there, however long it stays connected', async () => {
  const { session } = await (await open()).begin(OBJECT, call());
  const target = await open(destinationOf(), { kind: 'default' }, 300);
  for (const operation of ['chunk', 'query', 'begin', 'media'] as const) server.fail(operation, { kind: 'silent' });
  await expectFailure(target.sendPart(OBJECT, session, partAt(0), call()), 'CLOUD_UNREACHABLE', true);
  await expectFailure(target.inspect(OBJECT, session, call()), 'CLOUD_UNREACHABLE', true);
  await expectFailure(target.begin(OBJECT, call()), 'CLOUD_UNREACHABLE', true);
  await expectFailure(target.read('x', 10, call()), 'CLOUD_UNREACHABLE', true);
});

test('a bandwidth cap that lets nothing pass for a while is no silent server', async () => {
  const target = await open(destinationOf(), { kind: 'default' }, 1000);
  const { session } = await target.begin(OBJECT, call());
  const waits: Promise<void>[] = [];
  await target.sendPart(
    OBJECT,
    session,
    partAt(0),
    call({
      throttle: () => {
        const wait = waits.length === 1 ? new Promise<void>((resolve) => setTimeout(resolve, 1500)) : Promise.resolve();
        waits.push(wait);
        return wait;
      },
    }),
  );
  expect(waits.length).toBe(PART_BYTES / 16_384);
});

test('a kept connection that the server gave up meanwhile is no failure', async () => {
  const passing = await startTcpProxy(server.port);
  try {
    const target = await open({ ...destinationOf(), endpoint: `http://127.0.0.1:${passing.port}` });
    const { session } = await target.begin(OBJECT, call());
    expect(await target.inspect(OBJECT, session, call())).toEqual({ kind: 'offset', receivedBytes: 0 });
    passing.cut();
    expect(await target.inspect(OBJECT, session, call())).toEqual({ kind: 'offset', receivedBytes: 0 });
    passing.target(null);
    passing.cut();
    await expectFailure(target.inspect(OBJECT, session, call()), 'CLOUD_UNREACHABLE', true);
  } finally {
    await passing.close();
  }
});

test('no message and no detail of an error holds the address of a session', async () => {
  const target = await open();
  const { session } = await target.begin(OBJECT, call());
  const id = new URL(session).searchParams.get('upload_id') ?? '';
  expect(id.length).toBeGreaterThan(20);
  const errors: AppError[] = [];
  for (const fault of [
    { kind: 'status', status: 400, reason: 'invalid' },
    { kind: 'status', status: 403 },
    { kind: 'cut', afterBytes: 10 },
    { kind: 'loseAnswer' },
    { kind: 'forget', status: 410 },
  ] as const) {
    server.fail('chunk', fault);
    errors.push(await failure(target.sendPart(OBJECT, session, partAt(0), call())));
  }
  const away = await open({ ...destinationOf(), endpoint: 'http://127.0.0.1:9' });
  errors.push(await failure(away.inspect(OBJECT, session.replace(String(server.port), '9'), call())));
  errors.push(await failure(away.begin(OBJECT, call())));
  for (const error of errors) {
    const all = `${error.message} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.details)}`;
    expect(all).not.toContain(id);
    expect(all).not.toContain('upload_id');
    expect(all).not.toContain(server.endpoint);
  }
});

test('giving up ends the session, and once more is no error', async () => {
  const target = await open();
  const open0 = server.openSessions();
  const { session } = await target.begin({ ...OBJECT, key: 'given up' }, call());
  await target.sendPart(OBJECT, session, partAt(0), call());
  expect(server.openSessions()).toBe(open0 + 1);
  await target.abort('given up', session, call());
  expect(server.openSessions()).toBe(open0);
  await target.abort('given up', session, call());
  expect(await target.inspect({ ...OBJECT, key: 'given up' }, session, call())).toEqual({ kind: 'gone' });
});

test('a link runs out when it was to run out, and only the key of a service account makes one', async () => {
  const { credentials, publicKey } = makeAccount();
  const signing = await startGcsServer({ signedUrlKey: publicKey });
  try {
    const plain = await open(destinationOf(signing));
    await plain.put(OBJECT, BYTES, call());
    const owner = await open(destinationOf(signing), credentials);
    const url = new URL(await owner.link(OBJECT.key, 600));
    expect(url.searchParams.get('X-Goog-Expires')).toBe('600');
    expect((await fetch(url)).status).toBe(200);
    url.searchParams.set('X-Goog-Expires', '604800');
    expect((await fetch(url)).status).toBe(403);
    // The longest that there is.
    expect((await fetch(await owner.link(OBJECT.key, 604_800))).status).toBe(200);
    await expectFailure(plain.link(OBJECT.key, 600), 'CLOUD_CREDENTIALS_INVALID', false);
  } finally {
    await signing.close();
  }
});

describeCloudTarget('Google Cloud Storage, the fake server', async () => {
  const { credentials, publicKey } = makeAccount();
  const own = await startGcsServer({ signedUrlKey: publicKey });
  const guarded = await startGcsServer({ token: 'the-token' });
  const target = await createGcsTarget(destinationOf(own), { kind: 'default' });
  // Signing a link needs a key but no sign-in, which could not be had here.
  const signer = await createGcsTarget(destinationOf(own), credentials);
  return {
    target: { ...target, link: signer.link },
    reopen: () => createGcsTarget(destinationOf(own), { kind: 'default' }),
    withWrongSecret: () => createGcsTarget(destinationOf(guarded), { kind: 'default' }),
    withoutBucket: () => createGcsTarget({ ...destinationOf(own), bucket: 'nobodys' }, { kind: 'default' }),
    checksLinks: true,
    close: async () => {
      signer.close();
      await Promise.all([own.close(), guarded.close()]);
    },
  };
});

/** A real endpoint, where somebody has one: with this computer's own credentials at Google's, without any elsewhere. */
const realEndpoint = process.env['TALLYLIGHT_GCS_ENDPOINT'] ?? '';
if (realEndpoint !== '') {
  const real: Destination = {
    provider: 'gcs',
    bucket: process.env['TALLYLIGHT_GCS_BUCKET'] ?? 'tallylight-test',
    region: '',
    endpoint: realEndpoint,
    pathStyle: false,
  };
  const openReal = (destination: Destination = real): Promise<CloudTarget> =>
    createGcsTarget(destination, { kind: 'default' });
  describeCloudTarget('Google Cloud Storage, TALLYLIGHT_GCS_ENDPOINT', async () => ({
    target: await openReal(),
    reopen: () => openReal(),
    withoutBucket: () => openReal({ ...real, bucket: 'tallylight-no-such-bucket-5f1c' }),
    checksLinks: false,
  }));
}
