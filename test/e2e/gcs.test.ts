import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { press, startCall } from '../../scripts/demo/drive.ts';
import { endCall, openCloudSettings, openLibrary, rowOf, testConnection } from '../support/cloud-app.ts';
import { startGcsServer, type GcsServer } from '../support/gcs-server.ts';
import { completed, record, recordedFor } from '../support/meeting.ts';

let server: GcsServer;
let folder: string;
let ana: LaunchedApp;

test.beforeAll(async () => {
  server = await startGcsServer();
  folder = await mkdtemp(join(tmpdir(), 'tallylight-gcs-'));
});

test.afterAll(async () => {
  await ana?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('a bucket at Google that environment variables name gets a recording by itself, verified', async () => {
  ana = await launchApp({
    profile: join(folder, 'profile'),
    settings: {
      displayName: 'Ana',
      recordingsFolder: join(folder, 'recordings'),
      format: 'mkv',
      signalingListenHost: '127.0.0.1',
    },
    env: {
      RECORDING_STORAGE_PROVIDER: 'gcp',
      RECORDING_STORAGE_BUCKET: server.bucket,
      RECORDING_STORAGE_ENDPOINT: server.endpoint,
    },
  });
  const { page } = ana;
  await page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
  await openCloudSettings(page);
  await expect(page.getByText('Set by RECORDING_STORAGE_PROVIDER.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Endpoint' })).toHaveValue(server.endpoint);
  await expect(page.getByText('Set by RECORDING_STORAGE_ENDPOINT.')).toBeVisible();
  await page.getByRole('radio', { name: /^This computer/ }).click();
  expect(await testConnection(page)).toMatch(/^Works: /);

  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await startCall({ ...ana, name: 'Ana' });
  await record({ ...ana, name: 'Ana' }, [{ ...ana, name: 'Ana' }]);
  await recordedFor(page, 2);
  await press(page, 'Stop recording');
  const recording = await completed(page);
  await endCall(page);
  await openLibrary(page);
  await expect(rowOf(page, /Ana/)).toContainText('In your bucket, verified', { timeout: 30_000 });
  const sizes = server.objects().map(({ sizeBytes }) => sizeBytes);
  const wanted = recording.deliverables.map(({ sizeBytes }) => sizeBytes);
  expect(sizes.sort((a, b) => a - b)).toEqual(wanted.sort((a, b) => a - b));
  expect(server.openSessions()).toBe(0);
});
