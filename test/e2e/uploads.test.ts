import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { press, startCall } from '../../scripts/demo/drive.ts';
import { viewS3Bucket, type BucketView } from '../support/bucket-view.ts';
import {
  backToStage,
  closeWindow,
  command,
  endCall,
  fillSetting,
  openCloudSettings,
  openFromStage,
  openLibrary,
  rowOf,
} from '../support/cloud-app.ts';
import { writeFinishedRecording, type FinishedRecording } from '../support/finished-recording.ts';
import { lampOn } from '../support/meeting.ts';
import { RADOSGW_KEYS, startRadosgw, type Radosgw } from '../support/radosgw.ts';
import { startUnkindProxy, type Seen, type UnkindProxy } from '../support/unkind-proxy.ts';

test.skip(process.platform !== 'linux', 'The S3 server for tests runs on Linux.');
// One recording on its way to the bucket goes through all of it.
test.describe.configure({ mode: 'serial' });

const BUCKET = 'calls';
const PART_BYTES = 8 * 1024 * 1024;
const PARTS = 6;
const FILE_BYTES = PARTS * PART_BYTES - 1000;
const GOING = /In your bucket \d+ %/;

let server: Radosgw;
/** Only counts. */
let proxy: UnkindProxy;
let bucket: BucketView;
let folder: string;
let recording: FinishedRecording;
let ana: LaunchedApp;

test.beforeAll(async () => {
  server = await startRadosgw();
  await server.bucket(BUCKET);
  bucket = viewS3Bucket(server.endpoint, BUCKET);
  proxy = await startUnkindProxy({ host: '127.0.0.1', port: Number(new URL(server.endpoint).port) });
  folder = await mkdtemp(join(tmpdir(), 'tallylight-uploads-'));
  recording = await writeFinishedRecording(join(folder, 'recordings'), [FILE_BYTES]);
});

test.afterAll(async () => {
  await ana?.close();
  bucket?.close();
  await proxy?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(isFirst: boolean): Promise<void> {
  const settings = {
    displayName: 'Ana',
    recordingsFolder: join(folder, 'recordings'),
    format: 'mkv' as const,
    signalingListenHost: '127.0.0.1',
    cloudProvider: 's3' as const,
    cloudBucket: BUCKET,
    cloudEndpoint: proxy.url,
    cloudAutomatic: false,
    cloudCapBytesPerSecond: 500_000,
  };
  const env = { RECORDING_STORAGE_CREDENTIALS: JSON.stringify(RADOSGW_KEYS) };
  ana = await launchApp({ profile: join(folder, 'profile'), env, ...(isFirst ? { settings } : {}) });
  await ana.page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
}

/** Requests that brought a part, also those that were cut off in the middle. */
const partsSent = (): Seen[] => proxy.log.filter(({ method, query }) => method === 'PUT' && query.has('partNumber'));

const partsKept = (): number => partsSent().filter(({ status }) => status === 200).length;

test('an upload waits while a call is on and says so, and while something is recorded whatever is set', async () => {
  await start(true);
  const { page } = ana;
  const row = rowOf(page, 'To be uploaded');
  await openLibrary(page);
  await command(row, 'Upload to bucket');
  await expect(row).toContainText(GOING);
  await expect.poll(() => partsSent().length).toBeGreaterThan(0);

  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await startCall({ ...ana, name: 'Ana' });
  await openFromStage(page, 'Library');
  await expect(row).toContainText('Waits until the call ends');
  await expect.poll(() => partsSent().every(({ endedAtMs }) => endedAtMs !== null)).toBe(true);

  await backToStage(page);
  await openFromStage(page, 'Settings');
  await page.getByRole('button', { name: 'Cloud', exact: true }).click();
  await page.getByLabel('Wait while in a call').click();
  await backToStage(page);
  await openFromStage(page, 'Library');
  await expect(row).toContainText(GOING);

  await backToStage(page);
  await press(page, 'Record');
  await lampOn(page);
  await openFromStage(page, 'Library');
  await expect(row).toContainText('Waits until the recording ends');
  await expect.poll(() => partsSent().every(({ endedAtMs }) => endedAtMs !== null)).toBe(true);
  const sent = partsSent().length;

  await backToStage(page);
  expect(partsSent().length).toBe(sent);
  await press(page, 'Stop recording');
  await openFromStage(page, 'Library');
  await expect(row).toContainText(GOING);
  await backToStage(page);
  await endCall(page);
});

test('an upload that a closed window cuts off goes on at the next start where it was', async () => {
  await openCloudSettings(ana.page);
  await fillSetting(ana.page, 'Speed limit', '64');
  await expect.poll(partsKept, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
  expect(await closeWindow(ana)).toBe(0);
  const kept = partsKept();
  expect(kept).toBeLessThan(PARTS);
  expect(await bucket.openUploads()).toBe(1);
  expect((await bucket.objects()).size).toBe(0);

  const before = partsSent().length;
  await start(false);
  const { page } = ana;
  await openCloudSettings(page);
  await expect(page.getByRole('textbox', { name: 'Speed limit' })).toHaveValue('64');
  await fillSetting(page, 'Speed limit', '0');
  await openLibrary(page);
  await expect(rowOf(page, 'To be uploaded')).toContainText('In your bucket, verified', { timeout: 30_000 });
  expect(partsSent().slice(before)).toHaveLength(PARTS - kept);
  expect(await bucket.openUploads()).toBe(0);

  const objects = [...(await bucket.objects())];
  expect(objects.map(([, sizeBytes]) => sizeBytes)).toEqual([FILE_BYTES]);
  expect(await bucket.sha256(objects[0]?.[0] ?? '')).toBe(recording.files[0]?.sha256);
  // What was cut off, twice by the call and once by the window, is at most two parts each time.
  const bytes = partsSent().reduce((sum, { requestBytes }) => sum + requestBytes, 0);
  expect(bytes).toBeLessThan(2 * FILE_BYTES);
});
