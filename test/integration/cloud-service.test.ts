import { createHash } from 'node:crypto';
import { open, readFile, rename, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { Recording } from '../../contract/recording.ts';
import { BUCKET, makeCloud, memorySecrets } from '../support/cloud-harness.ts';
import type { CloudHarness } from '../support/cloud-harness.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import type { FinishedRecording } from '../support/finished-recording.ts';
import { createScriptedBucket } from '../support/scripted-bucket.ts';
import type { ScriptedBucket } from '../support/scripted-bucket.ts';
import { makeHarness } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

const PART = 64 * 1024;

let harness: Harness;
let bucket: ScriptedBucket;
let up: CloudHarness;
let secrets: ReturnType<typeof memorySecrets>;

beforeEach(async () => {
  harness = await makeHarness();
  bucket = createScriptedBucket();
  secrets = memorySecrets();
});
afterEach(async () => {
  await up.cloud.close(2_000);
  await harness.end();
});

/** Starts the app over the recordings that are there. */
async function start(changes: Omit<Partial<Parameters<typeof makeCloud>[0]>, 'recordings'> = {}): Promise<void> {
  await (
    await harness.recordings.recover()
  ).finished;
  up = makeCloud({ recordings: harness.recordings, openTarget: async () => bucket.open(), secrets, ...changes });
  harness.events.length = 0;
}

/** The app again, after it was killed: nothing of the old one may say anything any more. */
async function restart(changes: Parameters<typeof start>[0] = {}): Promise<void> {
  harness = harness.restart();
  await start(changes);
}

const get = (recording: FinishedRecording): Recording => harness.recordings.get({ recordingId: recording.id });

/** Resolves when the recording's upload is in one of these states. */
async function reached(recording: FinishedRecording, ...states: Recording['cloud']['state'][]): Promise<Recording> {
  const isThere = (): boolean => states.includes(get(recording).cloud.state);
  if (!isThere()) await up.until(() => isThere());
  return get(recording);
}

function expectInBucket(recording: FinishedRecording): void {
  for (const { file, sha256 } of recording.files) {
    const key = get(recording).cloud.files.find((each) => each.file === file)?.key ?? '';
    const bytes = bucket.objects.get(key) ?? Buffer.alloc(0);
    expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sha256);
  }
  expect(bucket.objects.size).toBe(recording.files.length);
  expect(bucket.uploads.size).toBe(0);
}

/** Long enough for another part to be on its way. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const partsSent = (): string[] => bucket.requests.filter((request) => request.startsWith('part'));

test('a recording is sent file by file in parts, at most two at once, and is verified under readable names', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [5 * PART + 7, 3 * PART, 100]);
  await start();
  const queued = await up.cloud.upload(recording.id);
  bucket.intercept = ({ name }) => (name === 'sendPart' ? pause() : undefined);
  expect(queued.cloud).toMatchObject({ state: 'queued', totalBytes: 8 * PART + 107 });
  const uploaded = up.until(({ type }) => type === 'recordingUploaded');
  const after = await reached(recording, 'verified');
  await uploaded;
  expect(after.cloud).toMatchObject({ state: 'verified', complete: true, error: null, sentBytes: 8 * PART + 107 });
  expectInBucket(recording);
  expect(bucket.mostInFlight).toBe(2);
  expect(partsSent()).toHaveLength(9);
  expect(bucket.requests.filter((request) => request === 'put')).toHaveLength(1);
  expect([...bucket.objects.keys()].sort()).toEqual(
    ['mix', 'person-1', 'person-2'].map(
      (stem) => `calls/${after.startedAt.slice(0, 10)}-to-be-uploaded-${recording.id}/${stem}.mp4`,
    ),
  );
  expect(up.faults).toEqual([]);
});

test('after a kill only the parts that the server or the journal lacks are sent again', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [8 * PART]);
  await start();
  const died = Promise.withResolvers<void>();
  // The fifth part arrives, and the app is gone before its answer is.
  bucket.done = async ({ part }, signal) => {
    if (part !== 5) return;
    died.resolve();
    await untilAborted(signal);
  };
  await up.cloud.upload(recording.id);
  await died.promise;
  await up.cloud.close(2_000);
  const [upload] = bucket.uploads.values();
  const there = [...(upload?.parts.keys() ?? [])];
  expect(there).toContain(5);
  bucket.done = () => undefined;
  bucket.requests.length = 0;

  await restart();
  up.cloud.begin();
  const after = await reached(recording, 'verified');
  expect(after.cloud.complete).toBe(true);
  const missing = [1, 2, 3, 4, 5, 6, 7, 8].filter((part) => !there.includes(part) || part === 5);
  // A part in flight beside the fifth may have arrived without its answer too: at most two are sent twice.
  for (const part of missing) expect(partsSent()).toContain(`part ${part}`);
  expect(partsSent().length).toBeLessThanOrEqual(missing.length + 1);
  expect(bucket.requests).not.toContain('begin');
  expectInBucket(recording);
});

test('an upload whose session is a secret keeps it out of the journal and goes on at the offset of the server', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  const openTarget = async () => bucket.open('offset');
  await start({ openTarget });
  const died = holdPart(4);
  await up.cloud.upload(recording.id);
  await died;
  await up.cloud.close(2_000);
  expect([...secrets.all.keys()]).toEqual([expect.stringMatching(/^upload:/)]);
  const [session] = secrets.all.values();
  const journal = await readFile(join(recording.folder, 'journal.jsonl'), 'utf8');
  expect(journal).toContain('cloudBegun');
  expect(journal).not.toContain(session);
  // The server kept half of the part that was cut off.
  const [upload] = bucket.uploads.values();
  const half = (await readFile(join(recording.folder, recording.files[0]?.file ?? ''))).subarray(3 * PART, 3.5 * PART);
  upload?.parts.set(4, half);
  bucket.intercept = () => undefined;
  bucket.requests.length = 0;

  await restart({ openTarget });
  up.cloud.begin();
  await reached(recording, 'verified');
  expect(partsSent()).toEqual(['part 4', 'part 5', 'part 6']);
  expectInBucket(recording);
  expect(bucket.mostInFlight).toBe(1);
  expect([...secrets.all]).toEqual([]);
});

test('an upload whose secret session was kept until the app quit begins anew, as often as that happens', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  const openTarget = async () => bucket.open('offset');
  await start({ openTarget });
  for (let run = 0; run < 3; run += 1) {
    const died = holdPart(4);
    if (run === 0) await up.cloud.upload(recording.id);
    else up.cloud.begin();
    await died;
    await up.cloud.close(2_000);
    secrets.all.clear();
    bucket.uploads.clear();
    await restart({ openTarget });
  }
  bucket.intercept = () => undefined;
  up.cloud.begin();
  await reached(recording, 'verified', 'failed');
  expectInBucket(recording);
});

test.each([
  ['that was begun and never journaled', 'begin'],
  ['that was finished and never journaled', 'finish'],
  ['that was verified and never journaled', 'verify'],
])('an upload %s ends in one object and leaves no unfinished upload behind', async (_what, name) => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [4 * PART]);
  await start();
  const died = Promise.withResolvers<void>();
  bucket.done = async (request, signal) => {
    if (request.name !== name) return;
    died.resolve();
    await untilAborted(signal);
  };
  await up.cloud.upload(recording.id);
  await died.promise;
  await up.cloud.close(2_000);
  bucket.done = () => undefined;
  bucket.requests.length = 0;
  await restart();
  up.cloud.begin();
  await reached(recording, 'verified');
  expectInBucket(recording);
  if (name !== 'begin') expect(partsSent()).toEqual([]);
});

test.each([
  ['differs', { kind: 'different', why: 'other bytes.' }, 'CLOUD_CONTENT_DIFFERS'],
  ['is missing', { kind: 'missing' }, 'CLOUD_OBJECT_MISSING'],
] as const)(
  'an object that %s is never verified, and Retry sends it anew under the same key',
  async (_what, verdict, code) => {
    const recording = await writeFinishedRecording(harness.recordingsFolder, [2 * PART]);
    await start();
    bucket.verdict = verdict;
    await up.cloud.upload(recording.id);
    const failed = await reached(recording, 'failed', 'verified');
    expect(failed.cloud).toMatchObject({ state: 'failed', complete: false, error: { code } });
    bucket.verdict = null;
    await up.cloud.upload(recording.id);
    const after = await reached(recording, 'verified');
    expect(after.cloud.files[0]?.key).toBe(failed.cloud.files[0]?.key);
    expectInBucket(recording);
  },
);

test('a server that keeps one byte less than it was sent is found out', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [3 * PART, 50]);
  await start();
  bucket.done = ({ name, key }) => {
    const bytes = bucket.objects.get(key);
    if ((name === 'finish' || name === 'put') && bytes !== undefined) bucket.objects.set(key, bytes.subarray(0, -1));
  };
  await up.cloud.upload(recording.id);
  const failed = await reached(recording, 'failed', 'verified');
  expect(failed.cloud).toMatchObject({ state: 'failed', error: { code: 'CLOUD_CONTENT_DIFFERS' } });
  expect(failed.cloud.files.map(({ state }) => state)).toEqual(['failed', 'failed']);
});

test('a file that is written to on the way fails with its cause, and its upload is removed from the bucket', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  await start();
  const path = join(recording.folder, recording.files[0]?.file ?? '');
  bucket.intercept = async ({ part }) => {
    if (part === 3) await writeAt(path, 5 * PART, 'another');
  };
  await up.cloud.upload(recording.id);
  const failed = await reached(recording, 'failed', 'verified');
  expect(failed.cloud).toMatchObject({ state: 'failed', error: { code: 'SOURCE_CHANGED' } });
  await expect.poll(() => bucket.uploads.size).toBe(0);
  expect(bucket.objects.size).toBe(0);
});

test.each([
  ['', false],
  [' and whose time was set back', true],
])(
  'a file that was changed while the app was away%s is not joined with the parts of the old one',
  async (_what, setsTimeBack) => {
    const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
    const path = join(recording.folder, recording.files[0]?.file ?? '');
    const writtenAt = new Date('2026-11-22T12:00:00Z');
    await utimes(path, writtenAt, writtenAt);
    await start();
    const died = holdPart(4);
    await up.cloud.upload(recording.id);
    await died;
    await up.cloud.close(2_000);
    bucket.intercept = () => undefined;
    await writeAt(path, 0, 'another');
    // Somebody who also sets the time back does not get through: the parts were hashed.
    if (setsTimeBack) await utimes(path, writtenAt, writtenAt);
    await restart();
    up.cloud.begin();
    const failed = await reached(recording, 'failed', 'verified');
    expect(failed.cloud).toMatchObject({ state: 'failed', error: { code: 'SOURCE_CHANGED' } });
    await expect.poll(() => bucket.uploads.size).toBe(0);
  },
);

test('a link in the place of a finished file is not followed', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [2 * PART]);
  await start();
  const path = join(recording.folder, recording.files[0]?.file ?? '');
  await rename(path, `${path}.away`);
  await symlink(`${path}.away`, path);
  await up.cloud.upload(recording.id);
  const failed = await reached(recording, 'failed', 'verified');
  expect(failed.cloud.error?.code).toBe('SOURCE_CHANGED');
  expect(bucket.objects.size).toBe(0);
});

test('an upload that the server forgot begins anew once, and fails the second time', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [4 * PART]);
  await start();
  let forgets = 1;
  bucket.intercept = ({ part }) => {
    if (part !== 3 || forgets === 0) return;
    forgets -= 1;
    bucket.uploads.clear();
  };
  await up.cloud.upload(recording.id);
  await reached(recording, 'verified', 'failed');
  expectInBucket(recording);
  expect(bucket.requests.filter((request) => request === 'begin')).toHaveLength(2);

  const second = await writeFinishedRecording(harness.recordingsFolder, [4 * PART]);
  await harness.recordings.recover();
  forgets = 2;
  await up.cloud.upload(second.id);
  const failed = await reached(second, 'verified', 'failed');
  expect(failed.cloud).toMatchObject({ state: 'failed', error: { code: 'CLOUD_UPLOAD_GONE' } });
});

test('a server that is busy or away is tried again until it is not, and progress forgives what failed before', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  await start();
  let refusals = 0;
  bucket.intercept = ({ name }) => {
    refusals += 1;
    if (refusals % 3 === 0) throw new AppError('CLOUD_BUSY', `${name}: busy`, { retryable: true });
    if (refusals % 5 === 0) throw new AppError('CLOUD_UNREACHABLE', `${name}: away`, { retryable: true });
  };
  await up.cloud.upload(recording.id);
  await reached(recording, 'verified', 'failed');
  expectInBucket(recording);
});

test('pause gives up what is on its way, survives a restart, and resume sends only the rest', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  await start();
  const held = holdPart(4);
  await up.cloud.upload(recording.id);
  await held;
  const paused = await up.cloud.pause(recording.id);
  expect(paused.cloud).toMatchObject({ state: 'uploading', paused: true, waiting: null });
  await expect(harness.recordings.delete({ recordingId: recording.id })).rejects.toMatchObject({
    message: 'It is being uploaded.',
  });
  await up.cloud.close(2_000);
  bucket.intercept = () => undefined;
  bucket.requests.length = 0;
  await restart();
  up.cloud.begin();
  await expect.poll(() => bucket.requests).toContain('openUploads');
  expect(get(recording).cloud.paused).toBe(true);
  await up.cloud.resume(recording.id);
  await reached(recording, 'verified');
  expect(partsSent().length).toBeLessThanOrEqual(4);
  expectInBucket(recording);
});

test('cancel removes the unfinished upload from the bucket and its secret, and the recording can be deleted', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  await start({ openTarget: async () => bucket.open('offset') });
  const held = holdPart(4);
  await up.cloud.upload(recording.id);
  await held;
  const cancelled = await up.cloud.cancel(recording.id);
  expect(cancelled.cloud).toMatchObject({ state: 'none', files: [] });
  await expect.poll(() => get(recording).cloud.unsettled).toBe(false);
  expect(bucket.uploads.size).toBe(0);
  expect([...secrets.all]).toEqual([]);
  await harness.recordings.delete({ recordingId: recording.id });
});

test('an upload that was cancelled while the network was away is removed at the next start', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  await start();
  const held = holdPart(4);
  await up.cloud.upload(recording.id);
  await held;
  bucket.intercept = () => {
    throw new AppError('CLOUD_UNREACHABLE', 'away', { retryable: true });
  };
  await up.cloud.cancel(recording.id);
  await up.cloud.close(2_000);
  expect(bucket.uploads.size).toBe(1);
  bucket.intercept = () => undefined;
  await restart();
  up.cloud.begin();
  await expect.poll(() => bucket.uploads.size).toBe(0);
  await expect.poll(() => get(recording).cloud.unsettled).toBe(false);
});

test('uploads give way at once when something is recorded, or in a call if the settings say so, and go on after it', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [6 * PART]);
  await start();
  let holds = Promise.withResolvers<void>();
  bucket.intercept = async ({ part }, signal) => {
    if (part === null || part < 3) return;
    holds.resolve();
    await untilAborted(signal);
  };
  await up.cloud.upload(recording.id);
  for (const doing of ['recording', 'call'] as const) {
    holds = Promise.withResolvers<void>();
    if (doing === 'call') up.controls.activityChanged();
    await holds.promise;
    up.controls.doing = doing;
    up.controls.activityChanged();
    await up.until(({ type }) => type === 'recordingUploading');
    expect(get(recording).cloud.state).toBe('uploading');
    expect(up.cloud.view(get(recording)).cloud.waiting).toBe(doing);
    expect(await up.cloud.status()).toMatchObject({ waiting: doing, queuedRecordings: 1 });
    const before = bucket.requests.length;
    await pause();
    expect(bucket.requests).toHaveLength(before);
    up.controls.doing = null;
  }
  // A call counts only where it is set so.
  bucket.intercept = () => undefined;
  up.controls.doing = 'call';
  up.controls.settings = { ...up.controls.settings, cloudPauseInCall: false };
  up.controls.settingsChanged();
  await reached(recording, 'verified');
  expectInBucket(recording);
  expect(partsSent().filter((part) => part === 'part 1')).toHaveLength(1);
});

test('what was queued for another bucket fails in words, and Retry sends it to the one in the settings', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [2 * PART]);
  await start();
  up.controls.doing = 'recording';
  await up.cloud.upload(recording.id);
  up.controls.destination = { ...BUCKET, bucket: 'other' };
  up.controls.doing = null;
  up.controls.setUpChanged();
  const failed = await reached(recording, 'failed', 'verified');
  expect(failed.cloud).toMatchObject({ state: 'failed', error: { code: 'CLOUD_NOT_SET_UP' } });
  await up.cloud.upload(recording.id);
  const after = await reached(recording, 'verified');
  expect(after.cloud.destination?.bucket).toBe('other');
});

test('a wrong key fails an upload, and new credentials let it go on by itself with what is there', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [5 * PART]);
  await start();
  let isWrong = true;
  bucket.intercept = ({ part }) => {
    if (part === 4 && isWrong) throw new AppError('CLOUD_KEY_WRONG', 'The key is not accepted.');
  };
  await up.cloud.upload(recording.id);
  const failed = await reached(recording, 'failed', 'verified');
  expect(failed.cloud.error?.code).toBe('CLOUD_KEY_WRONG');
  isWrong = false;
  bucket.requests.length = 0;
  up.controls.setUpChanged();
  await reached(recording, 'verified');
  expect(partsSent().length).toBeLessThanOrEqual(2);
  expect(bucket.requests).not.toContain('begin');
  expectInBucket(recording);
});

test('without credentials a recording waits to be set up and does not fail', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [PART]);
  await start({ openTarget: () => Promise.reject(new AppError('CLOUD_NOT_SET_UP', 'There are no credentials.')) });
  await up.cloud.upload(recording.id);
  await expect.poll(async () => (await up.cloud.status()).waiting).toBe('setUp');
  expect(get(recording).cloud.state).toBe('queued');
  up.controls.openTarget = async () => bucket.open();
  up.controls.setUpChanged();
  await reached(recording, 'verified');
});

test('a cap on bandwidth is kept within a fifth, and counts anew as soon as it is changed', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [8 * PART]);
  await start({ settings: { cloudCapBytesPerSecond: 4 * PART } });
  const begunMs = performance.now();
  await up.cloud.upload(recording.id);
  await reached(recording, 'verified');
  const tookMs = performance.now() - begunMs;
  expect(tookMs).toBeGreaterThan(1_600);
  expect(tookMs).toBeLessThan(2_600);
  const slow = await writeFinishedRecording(harness.recordingsFolder, [8 * PART]);
  await harness.recordings.recover();
  up.controls.settings = { ...up.controls.settings, cloudCapBytesPerSecond: 1_000 };
  const sending = up.until(({ type }) => type === 'recordingUploading');
  await up.cloud.upload(slow.id);
  await sending;
  up.controls.settings = { ...up.controls.settings, cloudCapBytesPerSecond: 0 };
  up.controls.settingsChanged();
  await reached(slow, 'verified');
});

test('one recording is sent after the other, and the one that waits says so', async () => {
  const first = await writeFinishedRecording(harness.recordingsFolder, [2 * PART]);
  const second = await writeFinishedRecording(harness.recordingsFolder, [2 * PART]);
  await start();
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  bucket.intercept = async ({ part, key }) => {
    if (part === null || !key.includes(first.id)) return;
    held.resolve();
    await release.promise;
  };
  await up.cloud.upload(first.id);
  await held.promise;
  await up.cloud.upload(second.id);
  expect(up.cloud.view(get(second)).cloud.waiting).toBe('turn');
  expect(up.cloud.view(get(first)).cloud.waiting).toBeNull();
  release.resolve();
  await reached(second, 'verified');
  expect(get(first).cloud.state).toBe('verified');
});

test('links are for verified files only, and removing the files in the bucket leaves none', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [2 * PART, 10]);
  await start();
  const [file] = recording.files;
  await expect(up.cloud.link(recording.id, file?.file ?? '', 60)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await up.cloud.upload(recording.id);
  await reached(recording, 'verified');
  const { url } = await up.cloud.link(recording.id, file?.file ?? '', 60);
  expect(decodeURIComponent(url)).toContain(`${recording.id}/mix.mp4?seconds=60`);
  const removed = await up.cloud.removeFiles(recording.id);
  expect(removed.cloud).toMatchObject({ state: 'none', complete: false, unsettled: false });
  expect(bucket.objects.size).toBe(0);
});

test('what was verified is confirmed only as long as the bucket has all of it, and what is gone there is told', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [2 * PART, 10]);
  await start();
  await up.cloud.upload(recording.id);
  await reached(recording, 'verified');
  expect(await up.cloud.confirm(recording.id)).toBeNull();

  up.controls.openTarget = () => Promise.reject(new AppError('CLOUD_UNREACHABLE', 'No way.', { retryable: true }));
  up.controls.setUpChanged();
  expect(await up.cloud.confirm(recording.id)).toMatchObject({ silent: true });
  expect(get(recording).cloud.state).toBe('verified');

  up.controls.openTarget = async () => bucket.open();
  up.controls.setUpChanged();
  const key = get(recording).cloud.files[1]?.key ?? '';
  bucket.objects.delete(key);
  expect(await up.cloud.confirm(recording.id)).toMatchObject({ silent: false });
  expect(get(recording).cloud).toMatchObject({
    state: 'failed',
    complete: false,
    error: { code: 'CLOUD_OBJECT_MISSING' },
  });

  await up.cloud.upload(recording.id);
  await reached(recording, 'verified');
  expectInBucket(recording);
  expect(await up.cloud.confirm(recording.id)).toBeNull();
});

/** Holds a part back until it is given up; resolves when it would be on its way. */
function holdPart(number: number): Promise<void> {
  const held = Promise.withResolvers<void>();
  bucket.intercept = async ({ part }, signal) => {
    if (part !== number) return;
    held.resolve();
    await untilAborted(signal);
  };
  return held.promise;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function writeAt(path: string, offset: number, text: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(text, offset);
  await file.close();
}
