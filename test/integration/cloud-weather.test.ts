import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { makeCloud } from '../support/cloud-harness.ts';
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
let recording: FinishedRecording;
/** The same numbers in each run, spread over [0, 1). */
let seed = 1;
const random = (): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};

let diskIsFull = false;

beforeEach(async () => {
  diskIsFull = false;
  harness = await makeHarness({
    files: {
      ...nodeFiles,
      open: async (path) => {
        const file = await nodeFiles.open(path);
        const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        return { ...file, write: (...write) => (diskIsFull ? Promise.reject(full) : file.write(...write)) };
      },
    },
  });
  bucket = createScriptedBucket();
  recording = await writeFinishedRecording(harness.recordingsFolder, [12 * PART]);
  await harness.recordings.recover();
  const { clock, scheduler } = harness.time;
  up = makeCloud({ recordings: harness.recordings, openTarget: async () => bucket.open(), clock, scheduler, random });
});
afterEach(async () => {
  await up.cloud.close(2_000);
  await harness.end();
});

const state = (): string => harness.recordings.get({ recordingId: recording.id }).cloud.state;

/** Lets so much time pass, in small steps between which everything that can happen does. */
async function pass(durationMs: number, stepMs = 250): Promise<void> {
  for (let doneMs = 0; doneMs < durationMs; doneMs += stepMs) {
    harness.time.advance(stepMs);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  }
}

/** Waits until the second part was asked for, which is then refused like everything that follows. */
async function storm(refusal: AppError): Promise<void> {
  const begun = Promise.withResolvers<void>();
  bucket.intercept = ({ part }) => {
    if (part !== 2) return;
    begun.resolve();
    bucket.intercept = () => {
      throw refusal;
    };
    throw refusal;
  };
  await up.cloud.upload(recording.id);
  await begun.promise;
  bucket.requests.length = 0;
}

test('a server that is busy for five minutes is asked at most once a second, and the upload is whole after it', async () => {
  await storm(new AppError('CLOUD_BUSY', 'busy', { retryable: true }));
  await pass(300_000, 500);
  expect(bucket.requests.length).toBeGreaterThan(3);
  expect(bucket.requests.length).toBeLessThan(100);
  expect(state()).toBe('uploading');
  expect(up.cloud.view(harness.recordings.get({ recordingId: recording.id })).cloud.waiting).toBe('busyServer');
  bucket.intercept = () => undefined;
  await pass(61_000);
  await expect.poll(state).toBe('verified');
});

test('a network that comes back after a minute is found within fifteen seconds', async () => {
  up.controls.reachable = false;
  await storm(new AppError('CLOUD_UNREACHABLE', 'away', { retryable: true }));
  await pass(60_000);
  expect(state()).toBe('uploading');
  expect(await up.cloud.status()).toMatchObject({ waiting: 'offline', queuedRecordings: 1 });
  bucket.intercept = () => undefined;
  up.controls.reachable = true;
  bucket.requests.length = 0;
  await pass(6_000);
  expect(bucket.requests).toContain('inspect');
  await expect.poll(state).toBe('verified');
});

test('a request that hangs over a way that was cut is given up for a new one once the way is back', async () => {
  let hanging = 0;
  bucket.intercept = async ({ part }, signal) => {
    if (part === null || part < 3) return;
    hanging += 1;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  };
  await up.cloud.upload(recording.id);
  await expect.poll(() => hanging).toBe(2);
  const asked = bucket.requests.length;
  // A server that only takes its time is waited for.
  await pass(60_000);
  expect(bucket.requests).toHaveLength(asked);
  up.controls.reachable = false;
  await pass(20_000);
  expect((await up.cloud.status()).waiting).toBe('offline');
  up.controls.reachable = true;
  bucket.intercept = () => undefined;
  await pass(10_000);
  await expect.poll(state).toBe('verified');
});

test('the progress is told at most twice a second, with speed and time left', async () => {
  up.controls.settings = { ...up.controls.settings, cloudCapBytesPerSecond: PART };
  harness.events.length = 0;
  const live = () => up.cloud.view(harness.recordings.get({ recordingId: recording.id })).cloud;
  await up.cloud.upload(recording.id);
  const begunMs = harness.time.nowMs();
  while (live().sentBytes < 8 * PART) {
    harness.time.advance(50);
    // The journal's way to the disk takes real time, which must not look long here.
    await sleep(5);
  }
  const cloud = live();
  const told = harness.events.filter(({ type }) => type === 'recordingUploading');
  expect(told.length).toBeGreaterThan(5);
  expect(told.length).toBeLessThanOrEqual((harness.time.nowMs() - begunMs) / 500 + 1);
  expect(cloud.bytesPerSecond).toBeGreaterThan(0.4 * PART);
  expect(cloud.bytesPerSecond).toBeLessThan(1.2 * PART);
  expect(cloud.secondsLeft).toBeGreaterThan(2);
  up.controls.settings = { ...up.controls.settings, cloudCapBytesPerSecond: 0 };
  up.controls.settingsChanged();
  await expect.poll(state).toBe('verified');
});

test('a full disk that takes no record of a part stops the upload, and it goes on when there is room again', async () => {
  bucket.intercept = ({ part }) => {
    if (part === 5) diskIsFull = true;
  };
  await up.cloud.upload(recording.id);
  await expect.poll(() => up.faults).toHaveLength(1);
  expect(up.faults[0]).toMatchObject({ code: 'DISK_FULL' });
  await pass(30_000);
  expect(bucket.requests).not.toContain('finish');
  diskIsFull = false;
  bucket.intercept = () => undefined;
  await pass(31_000);
  await expect.poll(state).toBe('verified');
});
