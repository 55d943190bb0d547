import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BucketAct } from '../support/bucket-requests.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import type { FinishedRecording } from '../support/finished-recording.ts';
import { seededRandom } from '../support/lanes.ts';
import type { Moment, Seen } from '../support/unkind-proxy.ts';
import { openGcsStage, openS3Stage } from './bucket-stage.ts';
import type { BucketStage } from './bucket-stage.ts';
import { createFailures, quantile } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { faultsInBucket, mediaBytes } from './uploaded.ts';
import { startUploader } from './uploader.ts';
import type { Uploader } from './uploader.ts';

const MIB = 1024 * 1024;
/** Seven parts of 8 MiB, the last of them odd; two parts; and a file that goes in one request. */
const SIZES = [50 * MIB + 12_345, 9 * MIB, 3 * MIB + 1];
const TRIALS_AT_ONCE = 2;
const VERIFIED_LIMIT_MS = 90_000;
/** What an upload and its comparing take here: random instants lie within it. */
const USUAL_MS = 2_500;

/** When the uploader dies. */
type KillPoint =
  /** When this share of all bytes has passed. */
  | { kind: 'bytes'; share: number }
  | { kind: 'time'; afterMs: number }
  /** At the n-th such request of a kind (from 1), so long after the moment; `read` is whatever compares. */
  | { kind: 'moment'; act: BucketAct; at: Moment['at']; nth: number; afterMs: number };

/** Where an answer or a record of the journal may be missing. */
const MOMENTS: { act: BucketAct; at: Moment['at']; spreadMs: number }[] = [
  { act: 'begin', at: 'request', spreadMs: 0 },
  { act: 'begin', at: 'answering', spreadMs: 0 },
  { act: 'begin', at: 'answered', spreadMs: 4 },
  { act: 'part', at: 'answering', spreadMs: 0 },
  { act: 'part', at: 'answered', spreadMs: 0 },
  { act: 'part', at: 'answered', spreadMs: 8 },
  { act: 'finish', at: 'request', spreadMs: 0 },
  { act: 'finish', at: 'answering', spreadMs: 0 },
  { act: 'finish', at: 'answered', spreadMs: 4 },
  { act: 'put', at: 'answering', spreadMs: 0 },
  { act: 'put', at: 'answered', spreadMs: 4 },
  { act: 'stat', at: 'answering', spreadMs: 0 },
  { act: 'read', at: 'request', spreadMs: 10 },
  { act: 'read', at: 'answering', spreadMs: 60 },
];

type Trial = {
  failures: string[];
  kills: number;
  resentBytes: number;
  /** From the next start to verified. */
  verifiedMs: number;
  orphansMs: number;
};

/** kill -9 of an uploader to an S3 server. */
export const cloudKill: Scenario = (options) => killUploads('cloud-kill', openS3Stage, options);

/** The same to a server of Google's protocol. */
export const cloudKillGcs: Scenario = (options) => killUploads('cloud-kill-gcs', openGcsStage, options);

async function killUploads(
  name: string,
  openStage: () => Promise<BucketStage>,
  { seed, count, say }: Parameters<Scenario>[0],
): ReturnType<Scenario> {
  const failures = createFailures();
  const trials: Trial[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    if (next >= count) return;
    const stage = await openStage();
    try {
      while (next < count) {
        const index = next;
        next += 1;
        const point = killPointOf(seed, index);
        const where = `kill ${index} of seed ${seed} (${JSON.stringify(point)})`;
        try {
          const trial = await tryOne(stage, point, seededRandom(seed * 7_919 + index));
          trials.push(trial);
          for (const failure of trial.failures) failures.add(`${where}: ${failure}`);
        } catch (error) {
          failures.add(`${where}: ${error instanceof Error ? error.message : String(error)}`);
        }
        if (trials.length % 10 === 0) say(`${name} ${trials.length}/${count}: ${failures.count()} failures`);
      }
    } finally {
      await stage.close();
    }
  };
  await Promise.all(Array.from({ length: TRIALS_AT_ONCE }, worker));
  const resent = trials.map(({ resentBytes }) => resentBytes);
  const verifiedMs = trials.map((trial) => trial.verifiedMs);
  return {
    name,
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      kills: trials.reduce((sum, trial) => sum + trial.kills, 0),
      /** The upload was over before its moment came. */
      notReached: trials.filter(({ kills }) => kills === 0).length,
      resentBytesMedian: quantile(resent, 0.5),
      resentBytesMax: quantile(resent, 1),
      verifiedMsMedian: Math.round(quantile(verifiedMs, 0.5)),
      verifiedMsMax: Math.round(quantile(verifiedMs, 1)),
      noOrphansAfterMsMax: Math.round(
        quantile(
          trials.map((trial) => trial.orphansMs),
          1,
        ),
      ),
    },
  };
}

/** Every third kill comes by chance, the others at the named moments in turn. */
function killPointOf(seed: number, index: number): KillPoint {
  const random = seededRandom(seed * 100_003 + index);
  if (index % 6 === 0) return { kind: 'bytes', share: random() };
  if (index % 6 === 3) return { kind: 'time', afterMs: random() * USUAL_MS };
  const moment = MOMENTS[(index - Math.ceil(index / 3)) % MOMENTS.length];
  if (moment === undefined) throw new Error('There is no such moment.');
  const { act, at, spreadMs } = moment;
  const nth = act === 'part' ? 1 + Math.floor(random() * 6) : 1;
  return { kind: 'moment', act, at, nth, afterMs: random() * spreadMs };
}

async function tryOne(stage: BucketStage, point: KillPoint, random: () => number): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-cloud-kill-'));
  const recording = await writeFinishedRecording(join(folder, 'recordings'), SIZES);
  const isOwn = (seen: Seen): boolean => stage.proxy.log.indexOf(seen) >= since;
  const since = stage.proxy.log.length;
  const failures: string[] = [];
  let uploader: Uploader | null = null;
  try {
    uploader = startUploader(folder, stage.destination);
    let kills = (await killAt(stage, uploader, point, recording)) ? 1 : 0;
    // Who dies once may die again, of what is left.
    if (kills === 1 && random() < 0.25) {
      uploader = startUploader(folder, stage.destination);
      if (await killAt(stage, uploader, { kind: 'time', afterMs: random() * USUAL_MS }, recording)) kills += 1;
    }
    const restartedAtMs = performance.now();
    if (!uploader.isAlive()) uploader = startUploader(folder, stage.destination);
    const cloud = await verified(uploader);
    const verifiedMs = performance.now() - restartedAtMs;
    const orphansMs = await untilNoOpenUploads(stage);
    await uploader.close();
    failures.push(...(await faultsInBucket(stage, recording, cloud)));

    const own = stage.proxy.log.filter(isOwn);
    const sent = mediaBytes(stage, own);
    const resentBytes = Math.max(0, sent.bytes - recording.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    const mayBytes = kills * stage.partsInFlight * sent.largestBytes + stage.framingBytes;
    if (resentBytes > mayBytes) failures.push(`${resentBytes} bytes were sent again, ${mayBytes} may be`);
    return { failures, kills, resentBytes, verifiedMs, orphansMs };
  } finally {
    if (uploader?.isAlive() === true) await uploader.kill();
    await stage.view.clear('');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kills the uploader when its moment comes; false when everything was verified before. */
async function killAt(
  stage: BucketStage,
  uploader: Uploader,
  point: KillPoint,
  { files }: FinishedRecording,
): Promise<boolean> {
  const { proxy, actOf } = stage;
  const wholeBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const since = proxy.log.length;
  const { promise: died, resolve } = Promise.withResolvers<true>();
  let dying = false;
  let matches = 0;
  const kill = async (afterMs: number): Promise<void> => {
    dying = true;
    if (afterMs > 0) await delay(afterMs);
    await uploader.kill();
    resolve(true);
  };
  const undo = proxy.listen(async ({ at, seen }) => {
    if (dying || seen.number <= since) return;
    if (point.kind === 'time') void kill(point.afterMs);
    else if (point.kind === 'bytes') {
      if (mediaBytes(stage, proxy.log.slice(since)).bytes >= point.share * wholeBytes) await kill(0);
    } else if (at === point.at && actOf(seen) === (point.act === 'read' ? stage.comparesBy : point.act)) {
      matches += 1;
      // An answer that must not arrive is held back; after one that did, time goes on.
      if (matches === point.nth) await (point.afterMs === 0 ? kill(0) : void kill(point.afterMs));
    }
  });
  try {
    const over = uploader
      .until(VERIFIED_LIMIT_MS, 'the end', ({ ...line }) =>
        line.event === 'cloud' && line.cloud.state === 'verified' ? true : null,
      )
      .then(
        () => false,
        (error: unknown) => {
          if (dying) return died;
          throw error;
        },
      );
    const first = await Promise.race([died, over]);
    // Verified, and killed while it was being told.
    return dying ? await died : first;
  } finally {
    undo();
  }
}

async function verified(uploader: Uploader) {
  return await uploader.until(VERIFIED_LIMIT_MS, 'verified', (line) => {
    if (line.event !== 'cloud') return null;
    if (line.cloud.state === 'failed') throw new Error(`it failed: ${line.cloud.error?.message}`);
    return line.cloud.state === 'verified' ? line.cloud : null;
  });
}

const ORPHANS_LIMIT_MS = 15_000;

/** Looks until nothing is open any more, or gives up; answers with how long that took. */
async function untilNoOpenUploads(stage: BucketStage): Promise<number> {
  const sinceMs = performance.now();
  for (;;) {
    const open = await stage.view.openUploads();
    const tookMs = performance.now() - sinceMs;
    if (open === null || open === 0) return tookMs;
    if (tookMs > ORPHANS_LIMIT_MS) throw new Error(`${open} uploads are still open`);
    await delay(100);
  }
}
