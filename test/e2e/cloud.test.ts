import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Recording } from '../../contract/recording.ts';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { press, startCall } from '../../scripts/demo/drive.ts';
import { viewS3Bucket, type BucketView } from '../support/bucket-view.ts';
import {
  command,
  endCall,
  fillSetting,
  openCloudSettings,
  openLibrary,
  readableIn,
  rowOf,
  saveKey,
  testConnection,
} from '../support/cloud-app.ts';
import { completed, record, recordedFor } from '../support/meeting.ts';
import { RADOSGW_KEYS, startRadosgw, type Radosgw } from '../support/radosgw.ts';

test.skip(process.platform !== 'linux', 'The S3 server for tests runs on Linux.');
// One app with one recording goes through all of it, as a person does.
test.describe.configure({ mode: 'serial' });

const BUCKET = 'calls';
const UPLOADED = { timeout: 60_000 };
const ALL_THERE = 'In your bucket, verified';

let server: Radosgw;
let bucket: BucketView;
let folder: string;
let ana: LaunchedApp;
let recording: Recording;

test.beforeAll(async () => {
  server = await startRadosgw();
  await server.bucket(BUCKET);
  bucket = viewS3Bucket(server.endpoint, BUCKET);
  folder = await mkdtemp(join(tmpdir(), 'tallylight-cloud-'));
  ana = await start();
});

test.afterAll(async () => {
  await ana?.close();
  bucket?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Starts the app of the one profile; what its settings were stays. */
async function start(env: Readonly<Record<string, string>> = {}): Promise<LaunchedApp> {
  const first = ana === undefined;
  const launched = await launchApp({
    profile: join(folder, 'profile'),
    env,
    ...(first
      ? {
          settings: {
            displayName: 'Ana',
            recordingsFolder: join(folder, 'recordings'),
            format: 'mkv' as const,
            signalingListenHost: '127.0.0.1',
          },
        }
      : {}),
  });
  await launched.page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
  return launched;
}

async function restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
  await ana.close();
  ana = await start(env);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('the bucket is set up by hand, and "Test connection" says in words what is wrong until it works', async () => {
  const { page } = ana;
  await openCloudSettings(page);
  await page.getByLabel('Provider').selectOption({ label: 'Amazon S3 or compatible' });
  await fillSetting(page, 'Bucket', 'no-such-bucket');
  await fillSetting(page, 'Endpoint', server.endpoint);
  await saveKey(page, RADOSGW_KEYS.accessKeyId, 'a-wrong-secret');
  expect(await testConnection(page)).toBe('The bucket does not accept these credentials.');

  await page.getByRole('button', { name: 'Replace' }).click();
  await saveKey(page, RADOSGW_KEYS.accessKeyId, RADOSGW_KEYS.secretAccessKey);
  expect(await readableIn(page)).not.toContain(RADOSGW_KEYS.secretAccessKey);
  expect(await testConnection(page)).toBe('There is no bucket of this name.');

  await fillSetting(page, 'Bucket', BUCKET);
  expect(await testConnection(page)).toMatch(/^Works: written, read back and deleted in \d+\.\d s\.$/);
  expect((await bucket.objects()).size).toBe(0);
});

test('a recording goes to the bucket by itself and is called verified when it is there', async () => {
  const { page } = ana;
  const unprotected = page.getByLabel('Keep it on this computer unprotected');
  // A computer with a keyring has nothing to ask.
  if ((await unprotected.count()) > 0) await unprotected.click();

  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await startCall({ ...ana, name: 'Ana' });
  await record({ ...ana, name: 'Ana' }, [{ ...ana, name: 'Ana' }]);
  await recordedFor(page, 3);
  await press(page, 'Stop recording');
  recording = await completed(page);
  await endCall(page);

  await openLibrary(page);
  await expect(rowOf(page, /Ana/)).toContainText(ALL_THERE, UPLOADED);
  const sizes = [...(await bucket.objects()).values()].sort((a, b) => a - b);
  expect(sizes).toEqual(recording.deliverables.map(({ sizeBytes }) => sizeBytes).sort((a, b) => a - b));
});

test('a link that was copied opens the file, byte for byte, without any key', async () => {
  const { page } = ana;
  await command(rowOf(page, /Ana/), 'Copy link');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Works for').selectOption({ label: '1 hour' });
  await dialog.getByRole('button', { name: 'Copy link' }).click();
  await expect(dialog.getByText(/^Copied\. It works until /)).toBeVisible();
  const link = await ana.app.evaluate(({ clipboard }) => clipboard.readText());
  expect(link.startsWith(server.endpoint)).toBe(true);
  expect(await readableIn(page)).not.toContain(link);

  const response = await fetch(link);
  expect(response.status).toBe(200);
  const mix = recording.deliverables.find(({ kind }) => kind === 'mix');
  const here = await readFile(join(recording.folder, mix?.file ?? ''));
  expect(sha256(await response.bytes())).toBe(sha256(here));
  await dialog.getByRole('button', { name: 'Done' }).click();
});

test('what is pinned says that it stays, until it is unpinned', async () => {
  const row = rowOf(ana.page, /Ana/);
  await command(row, /^Pin/);
  await expect(row).toContainText('Stays: you pinned it');
  await command(row, 'Unpin');
  await expect(row).not.toContainText('Stays: you pinned it');
});

test('a deletion is undone where one is, and from the bin', async () => {
  const { page } = ana;
  const row = rowOf(page, /Ana/);
  const bin = page.getByRole('button', { name: /^Bin/ });
  await command(row, 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Move to bin' }).click();
  await expect(row).toHaveCount(0);
  await expect(bin).toHaveText('Bin (1)');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toContainText(ALL_THERE);
  await expect(bin).toHaveText('Bin');

  await command(row, 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Move to bin' }).click();
  await expect(row).toHaveCount(0);
  await bin.click();
  await page.getByRole('button', { name: /^Restore / }).click();
  await expect(page.getByRole('heading', { name: 'The bin is empty' })).toBeVisible();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(row).toContainText(ALL_THERE);
});

test('the next start knows the bucket, the key and what is there, and sends nothing twice', async () => {
  const before = await bucket.objects();
  await restart();
  const { page } = ana;
  await openLibrary(page);
  await expect(rowOf(page, /Ana/)).toContainText(ALL_THERE);
  await openCloudSettings(page);
  await expect(page.getByRole('textbox', { name: 'Bucket', exact: true })).toHaveValue(BUCKET);
  await expect(page.getByText(/^Key ending in /)).toBeVisible();
  expect(await testConnection(page)).toMatch(/^Works: /);
  expect(await bucket.objects()).toEqual(before);
  expect(await bucket.openUploads()).toBe(0);
});

test('what an environment variable decides is shown with its value and locked', async () => {
  await restart({
    RECORDING_STORAGE_PROVIDER: 'aws',
    RECORDING_STORAGE_BUCKET: 'of-the-environment',
    RECORDING_STORAGE_CREDENTIALS: JSON.stringify({ accessKeyId: 'ENVKEY123', secretAccessKey: 'env-canary' }),
    AUDIO_BITRATE: 'loud',
  });
  const { page } = ana;
  await openCloudSettings(page);
  const field = page.getByRole('textbox', { name: 'Bucket', exact: true });
  await expect(field).toHaveValue('of-the-environment');
  await expect(field).toHaveAttribute('readonly', '');
  await expect(page.getByText('Set by RECORDING_STORAGE_BUCKET.')).toBeVisible();
  await expect(page.getByText('Set by RECORDING_STORAGE_PROVIDER.')).toBeVisible();
  await expect(page.getByText('Set by RECORDING_STORAGE_CREDENTIALS.')).toBeVisible();
  await expect(page.getByText(/^AUDIO_BITRATE: /)).toBeVisible();
  expect(await readableIn(page)).not.toContain('env-canary');
  await restart();
});

test('the files in the bucket go only by an explicit choice, and then for good', async () => {
  const { page } = ana;
  await openLibrary(page);
  await command(rowOf(page, /Ana/), 'Delete');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/last copy/)).toHaveCount(0);
  await dialog.getByRole('checkbox', { name: /in the bucket, for good$/ }).check();
  await expect(dialog.getByText(/last copy/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Move to bin' }).click();
  await expect(page.getByRole('button', { name: /^Bin/ })).toHaveText('Bin (1)');
  expect((await bucket.objects()).size).toBe(0);

  await page.getByRole('button', { name: /^Bin/ }).click();
  await page.getByRole('button', { name: /^Delete .* now$/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete now' }).click();
  await expect(page.getByRole('heading', { name: 'The bin is empty' })).toBeVisible();
});
