import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { z } from 'zod';
import { events, type EventName } from '../../contract/events.ts';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { press, startCall } from '../../scripts/demo/drive.ts';
import { canaryOf, makeCanary, searchFor, type Canary, type Hit } from '../support/canaries.ts';
import { watchChildren, type ChildWatch } from '../support/child-watch.ts';
import {
  closeWindow,
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
import { revealByKnownKey } from '../support/known-key.ts';
import { completed, record, recordedFor } from '../support/meeting.ts';
import { RADOSGW_KEYS, startRadosgw, type Radosgw } from '../support/radosgw.ts';

test.skip(process.platform !== 'linux', 'The S3 server for tests runs on Linux.');
// One profile, which a secret came into once would be in for good.
test.describe.configure({ mode: 'serial' });

const BUCKET = 'calls';
const KEY_WRONG = 'The bucket does not accept these credentials.';
const secret = makeCanary('secret key');
const token = makeCanary('session token');
const environment = makeCanary('secret key of the environment');
const EVENT_NAMES = Object.keys(events) as EventName[];
/** Grows: what signs a link is known only when it was made. */
const canaries: Canary[] = [
  secret.canary,
  token.canary,
  environment.canary,
  canaryOf('secret key that works', RADOSGW_KEYS.secretAccessKey),
];

let server: Radosgw;
let folder: string;
let secretsPath: string;
let ana: LaunchedApp;
let children: ChildWatch;
/** What could be read in the window, from time to time. */
let pages: string[] = [];

test.beforeAll(async () => {
  server = await startRadosgw();
  await server.bucket(BUCKET);
  folder = await mkdtemp(join(tmpdir(), 'tallylight-secrets-'));
  secretsPath = join(folder, 'profile', 'secrets.json');
});

test.afterAll(async () => {
  children?.stop();
  await ana?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Starts the app where there is no keyring, and listens to everything that its page is told. */
async function start(options: { isFirst?: boolean; env?: Record<string, string> } = {}): Promise<void> {
  const settings = {
    displayName: 'Ana',
    recordingsFolder: join(folder, 'recordings'),
    signalingListenHost: '127.0.0.1',
  };
  ana = await launchApp({
    profile: join(folder, 'profile'),
    args: ['--password-store=basic'],
    env: options.env ?? {},
    ...(options.isFirst === true ? { settings } : {}),
  });
  children = watchChildren(ana.pid);
  pages = [];
  await ana.page.evaluate((names) => {
    const told: unknown[] = [];
    Object.assign(window, { told });
    for (const name of names) window.tallylight.on(name, (payload) => told.push({ name, payload }));
  }, EVENT_NAMES);
  await ana.page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
}

const look = async (): Promise<void> => void pages.push(await readableIn(ana.page));

const tryConnection = async (): Promise<string> => {
  const words = await testConnection(ana.page);
  await look();
  return words;
};

/** Copies a link as a person does; whoever has it, has the file. */
async function copyLink(): Promise<void> {
  const { page } = ana;
  await openLibrary(page);
  await command(rowOf(page, /Ana/), 'Copy link');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Copy link' }).click();
  await expect(dialog.getByText(/^Copied\. It works until /)).toBeVisible();
  await look();
  await dialog.getByRole('button', { name: 'Done' }).click();
  const link = new URL(await ana.app.evaluate(({ clipboard }) => clipboard.readText()));
  canaries.push(canaryOf('signature of a link', link.searchParams.get('X-Amz-Signature') ?? ''));
}

/** Quits, and searches everything that this run of the app left, told and started. */
async function quitAndSearch(): Promise<{ hits: Hit[]; files: number; told: number; lines: string[] }> {
  const told = z.array(z.unknown()).parse(await ana.page.evaluate(() => Reflect.get(window, 'told')));
  expect(await closeWindow(ana)).toBe(0);
  children.stop();
  const search = searchFor(canaries);
  const left = await search.inFolder(folder, (path) => /\.(mp4|webm|mkv)$/.test(path));
  const lines = children.commandLines();
  const hits = [
    ...left.hits,
    ...search.inValue(told, 'events'),
    ...pages.flatMap((page) => search.inText(page, 'the window')),
    ...lines.flatMap((line) => search.inText(line, line)),
    ...children.environments().flatMap((each) => search.inText(each, 'the environment of a child')),
  ];
  return { hits, files: left.files, told: told.length, lines };
}

test('secrets that are typed in, refused, used and signed with are nowhere when the app has quit', async () => {
  await start({ isFirst: true });
  const { page } = ana;
  await openCloudSettings(page);
  await page.getByLabel('Provider').selectOption({ label: 'Amazon S3 or compatible' });
  await fillSetting(page, 'Bucket', BUCKET);
  await fillSetting(page, 'Endpoint', server.endpoint);
  await saveKey(page, 'AKIACANARY', secret.value, token.value);
  await expect(page.getByText('Kept until you quit.')).toBeVisible();
  expect(await tryConnection()).toBe(KEY_WRONG);
  await page.getByRole('button', { name: 'Replace' }).click();
  await saveKey(page, RADOSGW_KEYS.accessKeyId, RADOSGW_KEYS.secretAccessKey);
  expect(await tryConnection()).toMatch(/^Works: /);

  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await startCall({ ...ana, name: 'Ana' });
  await record({ ...ana, name: 'Ana' }, [{ ...ana, name: 'Ana' }]);
  await recordedFor(page, 1);
  await press(page, 'Stop recording');
  await completed(page);
  await endCall(page);
  await openLibrary(page);
  await expect(rowOf(page, /Ana/)).toContainText('In your bucket, verified', { timeout: 30_000 });
  await copyLink();

  const found = await quitAndSearch();
  expect(found.hits).toEqual([]);
  // There was something to search in: a profile of Electron's, events of an upload, FFmpeg and Chromium's own processes.
  expect(found.files).toBeGreaterThan(20);
  expect(found.told).toBeGreaterThan(10);
  expect(found.lines.some((line) => line.includes('ffmpeg'))).toBe(true);
  expect(found.lines.some((line) => line.includes('--type=renderer'))).toBe(true);
  expect(await readFile(secretsPath, 'utf8').catch(() => '')).not.toContain('credentials:s3');
});

test('what somebody agreed to keep unprotected is under a key that everybody knows, and still not there in the clear', async () => {
  await start();
  const { page } = ana;
  await openCloudSettings(page);
  await saveKey(page, 'AKIACANARY', secret.value, token.value);
  await page.getByLabel('Keep it on this computer unprotected').click();
  await expect(page.getByText('Kept on this computer unprotected, as you allowed.')).toBeVisible();
  expect(await tryConnection()).toBe(KEY_WRONG);
  await page.getByRole('button', { name: 'Replace' }).click();
  await saveKey(page, RADOSGW_KEYS.accessKeyId, RADOSGW_KEYS.secretAccessKey);
  expect(await tryConnection()).toMatch(/^Works: /);
  await copyLink();
  await openCloudSettings(page);
  await page.getByRole('button', { name: 'Replace' }).click();
  await saveKey(page, 'AKIACANARY', secret.value, token.value);
  expect((await quitAndSearch()).hits).toEqual([]);

  const file = z
    .object({ secrets: z.record(z.string(), z.object({ kept: z.string(), text: z.string() })) })
    .parse(JSON.parse(await readFile(secretsPath, 'utf8')));
  const kept = file.secrets['credentials:s3'];
  expect(kept?.kept).toBe('unprotected');
  expect(JSON.parse(revealByKnownKey(Buffer.from(kept?.text ?? '', 'base64')))).toEqual({
    kind: 's3Keys',
    accessKeyId: 'AKIACANARY',
    secretAccessKey: secret.value,
    sessionToken: token.value,
  });
});

test('a secret of the environment stays in the memory of the app', async () => {
  const keys = { accessKeyId: 'AKIAENVIRONMENT', secretAccessKey: environment.value };
  await start({
    env: {
      RECORDING_STORAGE_PROVIDER: 'aws',
      RECORDING_STORAGE_BUCKET: BUCKET,
      RECORDING_STORAGE_ENDPOINT: server.endpoint,
      RECORDING_STORAGE_CREDENTIALS: JSON.stringify(keys),
    },
  });
  await openCloudSettings(ana.page);
  await expect(ana.page.getByText('Only in memory, in this run.')).toBeVisible();
  expect(await tryConnection()).toBe(KEY_WRONG);
  const found = await quitAndSearch();
  expect(found.hits).toEqual([]);
});
