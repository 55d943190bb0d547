import { createHash } from 'node:crypto';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordingCloud } from '../../contract/cloud.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import type { FinishedRecording } from '../support/finished-recording.ts';
import { openGcsStage, openS3Stage } from './bucket-stage.ts';
import type { BucketStage } from './bucket-stage.ts';
import type { Lie } from './lie.ts';
import { GCS_LIES } from './lies-gcs.ts';
import { S3_LIES } from './lies-s3.ts';
import { createFailures, failureOf } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { faultsInBucket } from './uploaded.ts';
import { startUploader } from './uploader.ts';
import type { Uploader } from './uploader.ts';

const MIB = 1024 * 1024;
/** Three parts, the last of them odd. */
const SIZES = [18 * MIB + 321];
const TRIALS_AT_ONCE = 3;
const LIMIT_MS = 120_000;
/** A lie that was told so often, or so long ago, was heard. */
const TOLD_TIMES = 3;
const TOLD_MS = 5_000;
const DAY_MS = 24 * 3600 * 1000;

type Told = { lie: Lie; openStage: () => Promise<BucketStage>; where: string };

const TRUTH: Lie = { name: 'the truth', content: 'good', arrange: () => undefined };

const LIES: Told[] = [
  { lie: TRUTH, openStage: openS3Stage, where: 'S3: the truth' },
  ...S3_LIES.map((lie) => ({ lie, openStage: openS3Stage, where: `S3: ${lie.name}` })),
  ...GCS_LIES.map((lie) => ({ lie, openStage: openGcsStage, where: `GCS: ${lie.name}` })),
];

/** Servers that say what is not so: what is called verified must be there, and nothing here may go because of a lie. */
export const cloudLies: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const ends: Record<string, number> = { verified: 0, failed: 0, stillTrying: 0 };
  // Another few of them with each seed, when not all are told.
  const wanted = Math.min(count, LIES.length);
  const step = Math.max(1, Math.floor(LIES.length / wanted));
  const chosen = Array.from({ length: wanted }, (_, index) => LIES[(seed - 1 + index * step) % LIES.length]);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < chosen.length) {
      const told = chosen[next];
      next += 1;
      if (told === undefined) continue;
      try {
        const { end, faults } = await tell(told);
        ends[end] = (ends[end] ?? 0) + 1;
        for (const fault of faults) failures.add(`${told.where}: ${fault}`);
        say(`cloud-lies: ${told.where}: ${end}`);
      } catch (error) {
        failures.add(`${told.where}: ${failureOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: TRIALS_AT_ONCE }, worker));
  return {
    name: 'cloud-lies',
    ok: failures.count() === 0,
    count: chosen.length,
    failures: failures.list(),
    figures: { lies: LIES.length, ...ends },
  };
};

async function tell({ lie, openStage }: Told): Promise<{ end: string; faults: string[] }> {
  const stage = await openStage();
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-cloud-lies-'));
  let uploader: Uploader | null = null;
  try {
    // Old enough for any policy.
    const endedAtMs = Date.now() - 40 * DAY_MS;
    const recording = await writeFinishedRecording(join(folder, 'recordings'), lie.sizes ?? SIZES, endedAtMs);
    if (lie.resumes === true) await killInTheMiddle(stage, folder);
    await lie.arrange(stage, recording);
    uploader = startUploader(folder, stage.destination);
    const faults: string[] = [];
    const cloud = await outcomeOf(stage, uploader, lie);
    if (lie !== TRUTH && stage.proxy.applied('lie') === 0) faults.push('the lie was never told');
    const end = cloud.state === 'verified' || cloud.state === 'failed' ? cloud.state : 'stillTrying';
    if (lie.content === 'bad' && (cloud.state === 'verified' || cloud.complete)) {
      faults.push('it was called verified');
    }
    if (lie.content === 'good' && cloud.state !== 'verified') {
      faults.push(`it is ${cloud.state} (${cloud.error?.message}), and all is well`);
    }
    if (cloud.state === 'verified') faults.push(...(await faultsInBucket(stage, recording, cloud)));
    const moved = await uploader.retain();
    // Were nothing ever taken from here, the trials of lies would show nothing.
    if (cloud.state === 'verified' && moved !== 1) faults.push('verified, and clean-up did not take it from here');
    if (cloud.state !== 'verified') {
      if (moved > 0) faults.push('clean-up took it from here');
      faults.push(...(await faultsHere(recording)));
    }
    await uploader.close();
    return { end, faults };
  } finally {
    if (uploader?.isAlive() === true) await uploader.kill();
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What has become of an upload when the lie was told and heard. */
async function outcomeOf(stage: BucketStage, uploader: Uploader, { content }: Lie): Promise<RecordingCloud> {
  const sinceMs = performance.now();
  let toldAtMs: number | null = null;
  for (;;) {
    const cloud = uploader.cloud();
    if (cloud?.state === 'verified' || cloud?.state === 'failed') return cloud;
    if (!uploader.isAlive()) throw new Error('the uploader ended');
    const nowMs = performance.now();
    const told = stage.proxy.applied('lie');
    if (told > 0) toldAtMs ??= nowMs;
    const isHeard = told >= TOLD_TIMES || (toldAtMs !== null && nowMs - toldAtMs > TOLD_MS);
    if (content !== 'good' && isHeard && cloud !== null) return cloud;
    if (nowMs - sinceMs > LIMIT_MS) throw new Error(`it came to no end: ${JSON.stringify(cloud)}`);
    await delay(50);
  }
}

/** Leaves an upload behind of which the server has the first part and somebody else must take the rest on. */
async function killInTheMiddle(stage: BucketStage, folder: string): Promise<void> {
  const uploader = startUploader(folder, stage.destination);
  const killed = Promise.withResolvers<void>();
  const undo = stage.proxy.listen(async ({ at, seen }) => {
    if (at !== 'answering' || stage.actOf(seen) !== 'part' || seen.query.get('partNumber') !== '2') return;
    await uploader.kill();
    killed.resolve();
  });
  await killed.promise;
  undo();
}

/** Whether all of it is still on this computer, byte for byte. */
async function faultsHere({ folder, files }: FinishedRecording): Promise<string[]> {
  const faults: string[] = [];
  for (const { file, sha256 } of files) {
    const bytes = await readFile(join(folder, file)).catch(() => null);
    if (bytes === null) faults.push(`${file} is gone from here`);
    else if (createHash('sha256').update(bytes).digest('hex') !== sha256) faults.push(`${file} was changed here`);
  }
  return faults;
}
