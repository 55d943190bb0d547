import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { RecordingId } from '../../contract/ids.ts';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { readRetentionState, writeRetentionState } from '../../main/retention/retention-state.ts';
import { viewS3Bucket, type BucketView } from '../support/bucket-view.ts';
import { command, openLibrary, rowOf } from '../support/cloud-app.ts';
import { makePlayableMix } from '../support/playable-mix.ts';
import { RADOSGW_KEYS, startRadosgw, type Radosgw } from '../support/radosgw.ts';
import { storeRecording, type StoredPlan } from '../support/stored-recordings.ts';

test.skip(process.platform !== 'linux', 'The S3 server for tests runs on Linux.');
// One profile that is started again and again.
test.describe.configure({ mode: 'serial' });

const DAY_MS = 24 * 3600 * 1000;
const MIX_SECONDS = 3;
const PINNED = 'Stays: you pinned it';
const BUCKET = 'calls';

let folder: string;
let root: string;
let statePath: string;
let server: Radosgw;
let bucket: BucketView;
let ana: LaunchedApp;
const daysAgo = (days: number): number => Date.now() - days * DAY_MS;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-retention-'));
  root = join(folder, 'recordings');
  statePath = join(folder, 'profile', 'retention.json');
  await mkdir(root);
  server = await startRadosgw();
  await server.bucket(BUCKET);
  bucket = viewS3Bucket(server.endpoint, BUCKET);
});

test.afterAll(async () => {
  await ana?.close();
  bucket?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(isFirst = false): Promise<void> {
  const settings = { displayName: 'Ana', recordingsFolder: root, signalingListenHost: '127.0.0.1' };
  const { accessKeyId, secretAccessKey } = RADOSGW_KEYS;
  const env = {
    RECORDING_STORAGE_PROVIDER: 'aws',
    RECORDING_STORAGE_BUCKET: BUCKET,
    RECORDING_STORAGE_ENDPOINT: server.endpoint,
    RECORDING_STORAGE_CREDENTIALS: JSON.stringify({ accessKeyId, secretAccessKey }),
  };
  ana = await launchApp({ profile: join(folder, 'profile'), env, ...(isFirst ? { settings } : {}) });
  await ana.page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
  await openLibrary(ana.page);
}

/** A recording whose files are in the bucket, if the plan says so. */
function store(plan: StoredPlan): Promise<RecordingId> {
  const destination = {
    provider: 's3' as const,
    bucket: BUCKET,
    region: '',
    endpoint: server.endpoint,
    pathStyle: true,
  };
  return storeRecording(root, { ...plan, bucket: { destination, put: bucket.write } });
}

/** What the app remembers, as if it had told of these three days ago and had been open ever since. */
async function rememberAsTold(ids: readonly RecordingId[], approved: readonly RecordingId[] = []): Promise<void> {
  const state = await readRetentionState(nodeFiles, statePath);
  const believedMs = state?.clock.believedMs ?? 100 * DAY_MS;
  const notices = new Map(state?.notices);
  for (const id of ids) notices.set(id, { givenBelievedMs: believedMs - 3 * DAY_MS, seen: true });
  await writeRetentionState(nodeFiles, nodeIds, statePath, {
    clock: { lastSeenWallMs: Date.now(), believedMs },
    notices,
    approved: new Set([...(state?.approved ?? []), ...approved]),
    binSeen: state?.binSeen ?? new Map(),
  });
}

const notice = () => ana.page.getByRole('region', { name: 'What leaves this computer next' });
const bin = () => ana.page.getByRole('button', { name: /^Bin/ });

test('at a start what is old and verified leaves by itself; what is pinned, in no bucket or lost there stays and says why', async () => {
  const endedWallMs = daysAgo(40);
  const mix = await makePlayableMix(MIX_SECONDS);
  const verified = await store({ endedWallMs, title: 'Verified', cloud: 'all', mix });
  const pinned = await store({ endedWallMs, title: 'Pinned', cloud: 'all', pinned: true });
  const alone = await store({ endedWallMs, title: 'Alone', cloud: 'none' });
  const lost = await store({ endedWallMs, title: 'Lost', cloud: 'all' });
  // By somebody else, by other means.
  await bucket.clear(`${lost}/`);
  await store({ endedWallMs: daysAgo(1), title: 'Young', cloud: 'all' });
  await rememberAsTold([verified, pinned, alone, lost], [verified, lost]);
  await start(true);

  await expect(rowOf(ana.page, 'Verified')).toContainText('Only in your bucket');
  await expect(rowOf(ana.page, 'Pinned')).toContainText(PINNED);
  await expect(rowOf(ana.page, 'Alone')).toContainText('Stays: it is in no bucket');
  await expect(rowOf(ana.page, 'Lost')).toContainText('Upload failed: This file is not in the bucket.');
  await expect(rowOf(ana.page, 'Young')).toContainText(/Leaves this computer on /);
  await expect(bin()).toHaveText('Bin (1)');
  await expect(notice()).toHaveCount(0);
  expect(await readdir(join(root, verified))).not.toContain('deliverables');
  expect(await readdir(join(root, pinned, 'deliverables'))).toEqual(['mix.mp4']);
  expect(await readdir(join(root, lost, 'deliverables'))).toEqual(['mix.mp4']);
  expect(await readdir(join(root, alone, 'deliverables'))).toEqual(['mix.mp4']);
  const binned = await readdir(join(root, '.bin'), { recursive: true });
  expect(binned.filter((name) => name.endsWith('mix.mp4'))).toHaveLength(1);
});

test('what was brought back from the bin plays again, and stays', async () => {
  const { page } = ana;
  const row = rowOf(page, 'Verified');
  await command(row, 'Bring back from the bin');
  await expect(row).toContainText(PINNED);
  await expect(row).toContainText('In your bucket, verified');
  await expect(bin()).toHaveText('Bin');

  await page.getByRole('button', { name: 'Play Verified' }).click();
  const video = page.locator('video');
  await expect
    .poll(() => video.evaluate((element) => (element instanceof HTMLVideoElement ? element.duration : 0)))
    .toBeCloseTo(MIX_SECONDS, 0);
  await video.evaluate((element) => (element instanceof HTMLVideoElement ? element.play() : null));
  await expect
    .poll(() => video.evaluate((element) => (element instanceof HTMLVideoElement ? element.currentTime : 0)))
    .toBeGreaterThan(0.5);
});

test('what leaves in two days is told once: not again after OK and another start', async () => {
  await ana.close();
  const soon = await store({ endedWallMs: daysAgo(28), title: 'Soon', cloud: 'all' });
  await start();
  await expect(rowOf(ana.page, 'Verified')).toContainText(PINNED);
  await expect(notice()).toContainText(/^1 recording leaves this computer on .+ It stays in your bucket\./);
  await expect(notice()).toContainText('Soon');
  await notice().getByRole('button', { name: 'OK' }).click();
  await expect(notice()).toHaveCount(0);

  await ana.close();
  expect((await readRetentionState(nodeFiles, statePath))?.notices.get(soon)?.seen).toBe(true);
  await start();
  await expect(rowOf(ana.page, 'Soon')).toContainText(/Leaves this computer on /);
  await expect(bin()).toHaveText('Bin');
  await expect(notice()).toHaveCount(0);
});

test('twelve at once ask first, and "Keep all" pins them', async () => {
  await ana.close();
  const titles = Array.from({ length: 12 }, (_, n) => `Many ${n + 1}.`);
  const ids: RecordingId[] = [];
  for (const title of titles) ids.push(await store({ endedWallMs: daysAgo(40), title, cloud: 'all' }));
  await rememberAsTold(ids);
  await start();
  const { page } = ana;
  const question = page.getByRole('region', { name: 'A lot is old enough to leave' });
  await expect(question).toContainText(/^12 recordings, .+, are old enough to leave this computer\./);
  await expect(bin()).toHaveText('Bin');
  for (const title of titles) await expect(rowOf(page, title)).toContainText('Stays: it waits for your answer');
  await question.getByRole('button', { name: 'Keep all' }).click();
  await expect(question).toHaveCount(0);
  for (const title of titles) await expect(rowOf(page, title)).toContainText(PINNED);
  await expect(bin()).toHaveText('Bin');

  await ana.close();
  const kept = await Promise.all(ids.map((id) => readFile(join(root, id, 'deliverables', 'mix.mp4'))));
  expect(kept.every(({ byteLength }) => byteLength > 0)).toBe(true);
});
