import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeWriterLanes } from '../support/counted-media.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import type { FinishedRecording } from '../support/finished-recording.ts';
import { seededRandom } from '../support/lanes.ts';
import { SLOW_DOWN } from '../support/unkind-proxy.ts';
import type { Seen } from '../support/unkind-proxy.ts';
import type { Cut } from '../support/unkind-network.ts';
import { openS3Stage } from './bucket-stage.ts';
import type { BucketStage } from './bucket-stage.ts';
import { createFailures, failureOf, quantile } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { faultsInBucket, mediaBytes } from './uploaded.ts';
import { startUploader } from './uploader.ts';
import type { Uploader } from './uploader.ts';

const MIB = 1024 * 1024;
const SIZES = [64 * MIB + 4_321];
/** Most of a trial is waiting. */
const TRIALS_AT_ONCE = 5;
const UPLOAD_LIMIT_MS = 120_000;

/** The bars of issue 4. */
const MAX_RESUMED_MS = 15_000;
const MAX_STORM_REQUESTS_PER_SECOND = 1;

/** A silence is noticed after two looks at the way (main/cloud/connection-watch.ts); a shorter one is left to the limit on idle requests. */
const SILENCE_SECONDS = 15;

/** The recorder's own bar: a chunk that is not acknowledged for so long would be a fault on the tally light. */
const MAX_ACK_MS = 1_000;
/** Whoever is offline for so long must have said so: a silence takes its time to be noticed. */
const SAYS_OFFLINE_MS: Record<Cut, number> = { reset: 10_000, silent: 40_000, swallow: 40_000 };
/** How long a recording goes on after the network is back. */
const RECORDS_ON_MS = 3_000;
/** Parts that were under way when a recording began may still come to an end. */
const HOLD_GRACE_MS = 2_000;

type Trial = {
  failures: string[];
  resumedMs: number;
  saidOffline: boolean;
  resentBytes: number;
  take: { acknowledged: number; ackMsMax: number } | null;
};

/** The network goes away in the middle of an upload and comes back; in the first trial something is recorded meanwhile. */
export const cloudCuts: Scenario = async ({ seed, count, cutSeconds, say }) => {
  const failures = createFailures();
  const trials: Trial[] = [];
  const media = await mkdtemp(join(tmpdir(), 'tallylight-cloud-media-'));
  try {
    await makeWriterLanes(media);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) {
        const index = next;
        next += 1;
        const share = 0.05 + 0.85 * ((index + seededRandom(seed * 100_003 + index)()) / count);
        const how: Cut = index % 2 === 1 && cutSeconds >= SILENCE_SECONDS ? 'silent' : 'reset';
        const where = `cut ${index} of seed ${seed} (${how}, ${cutSeconds} s, after ${Math.round(share * 100)} %)`;
        try {
          const trial = await cutOnce({ share, how, cutMs: cutSeconds * 1_000, media: index === 0 ? media : null });
          trials.push(trial);
          for (const failure of trial.failures) failures.add(`${where}: ${failure}`);
          say(`cloud-cuts: ${where}: went on after ${Math.round(trial.resumedMs)} ms`);
        } catch (error) {
          failures.add(`${where}: ${failureOf(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(count, TRIALS_AT_ONCE) }, worker));
  } finally {
    await rm(media, { recursive: true, force: true });
  }
  const resumed = trials.map(({ resumedMs }) => resumedMs);
  const take = trials.find((trial) => trial.take !== null)?.take;
  return {
    name: 'cloud-cuts',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      cutSeconds,
      resumedMsMedian: Math.round(quantile(resumed, 0.5)),
      resumedMsMax: Math.round(quantile(resumed, 1)),
      saidOffline: trials.filter(({ saidOffline }) => saidOffline).length,
      resentBytesMax: Math.max(0, ...trials.map(({ resentBytes }) => resentBytes)),
      chunksAcknowledgedMeanwhile: take?.acknowledged ?? 0,
      ackMsMaxMeanwhile: Math.round(take?.ackMsMax ?? 0),
    },
  };
};

type CutPlan = {
  share: number;
  how: Cut;
  cutMs: number;
  /** Where lanes to record from are; null when nothing is recorded. */
  media: string | null;
};

async function cutOnce({ share, how, cutMs, media }: CutPlan): Promise<Trial> {
  return await onStage(media, async ({ stage, uploader, recording, wholeBytes }) => {
    const { proxy } = stage;
    await untilBytes(stage, share * wholeBytes);
    proxy.cut(how);
    let saidOffline = false;
    const sayings = uploader.until(cutMs + UPLOAD_LIMIT_MS, 'saying that it is offline', (line) =>
      line.event === 'cloud' && line.cloud.waiting === 'offline' ? true : null,
    );
    sayings.then(
      () => (saidOffline = true),
      () => undefined,
    );
    const failures: string[] = [];
    if (media !== null) await uploader.record();
    await delay(cutMs);
    const heardOffline = saidOffline;
    if (cutMs >= SAYS_OFFLINE_MS[how] && media === null && !heardOffline) {
      failures.push('it never said that it is offline');
    }
    await proxy.restore();
    let backAtMs = performance.now();
    let take: Trial['take'] = null;
    if (media !== null) {
      await delay(HOLD_GRACE_MS);
      const before = mediaBytes(stage, proxy.log).bytes;
      await delay(RECORDS_ON_MS);
      const sent = mediaBytes(stage, proxy.log).bytes - before;
      if (sent > 0) failures.push(`${sent} bytes were sent while something was recorded`);
      backAtMs = performance.now();
      const report = await uploader.stopRecording();
      for (const refusal of report.refused) failures.push(`a chunk was refused: ${refusal}`);
      if (report.ackMsMax > MAX_ACK_MS) failures.push(`an ack took ${Math.round(report.ackMsMax)} ms`);
      take = report;
    }
    const resumedMs = await untilConfirmed(stage, backAtMs);
    if (resumedMs > MAX_RESUMED_MS) failures.push(`it went on ${Math.round(resumedMs)} ms after the network was back`);
    failures.push(...(await faultsAtEnd(stage, uploader, recording)));
    const resentBytes = mediaBytes(stage, proxy.log).bytes - wholeBytes;
    return { failures, resumedMs, saidOffline: heardOffline, resentBytes, take };
  });
}

/** For some minutes a server answers everything with 503. */
export const cloudStorm: Scenario = async ({ seed, count: stormSeconds, say }) => {
  const failures = createFailures();
  const figures = await onStage(null, async ({ stage, uploader, recording, wholeBytes }) => {
    const { proxy } = stage;
    await untilBytes(stage, 0.1 * wholeBytes + seededRandom(seed)() * 0.7 * wholeBytes);
    const stormAtMs = performance.now();
    const calm = proxy.add({ name: 'storm', when: () => true, fault: SLOW_DOWN });
    await delay(stormSeconds * 1_000);
    calm();
    const requests = proxy.applied('storm');
    const gapsMs = proxy.log.filter(({ rule }) => rule === 'storm').map(({ atMs }) => atMs - stormAtMs);
    say(`cloud-storm: ${requests} requests in ${stormSeconds} s`);
    const endedAtMs = performance.now();
    const resumedMs = await untilConfirmed(stage, endedAtMs);
    for (const fault of await faultsAtEnd(stage, uploader, recording)) failures.add(fault);
    return {
      stormSeconds,
      requests,
      lastAskedAfterMs: Math.round(gapsMs.at(-1) ?? 0),
      resumedMs: Math.round(resumedMs),
    };
  }).catch((error: unknown) => {
    failures.add(failureOf(error));
    return { stormSeconds, requests: 0 };
  });
  const perSecond = figures.requests / stormSeconds;
  if (perSecond > MAX_STORM_REQUESTS_PER_SECOND) failures.add(`${perSecond.toFixed(2)} requests a second`);
  return {
    name: 'cloud-storm',
    ok: failures.count() === 0,
    count: stormSeconds,
    failures: failures.list(),
    figures: { ...figures, requestsPerSecond: Number(perSecond.toFixed(3)) },
  };
};

type Set = { stage: BucketStage; uploader: Uploader; recording: FinishedRecording; wholeBytes: number };

/** Gives some work an uploader that has just begun, and tidies up behind it. */
async function onStage<T>(media: string | null, work: (set: Set) => Promise<T>): Promise<T> {
  const stage = await openS3Stage();
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-cloud-network-'));
  let uploader: Uploader | null = null;
  try {
    const recording = await writeFinishedRecording(join(folder, 'recordings'), SIZES);
    uploader = startUploader(folder, stage.destination, media);
    const wholeBytes = SIZES.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    return await work({ stage, uploader, recording, wholeBytes });
  } finally {
    if (uploader?.isAlive() === true) await uploader.kill();
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilBytes(stage: BucketStage, bytes: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const undo = stage.proxy.listen(({ at }) => {
    if (at === 'bytes' && mediaBytes(stage, stage.proxy.log).bytes >= bytes) resolve();
  });
  await promise;
  undo();
}

/** How long after an instant the server confirmed bytes of the file again. */
async function untilConfirmed(stage: BucketStage, sinceMs: number): Promise<number> {
  const confirms = (seen: Seen): boolean =>
    stage.mediaActs.includes(stage.actOf(seen)) && seen.status === 200 && seen.rule === null;
  // It may have gone on before anybody looked.
  const earlier = stage.proxy.log.find((seen) => confirms(seen) && (seen.endedAtMs ?? 0) > sinceMs);
  if (earlier !== undefined) return (earlier.endedAtMs ?? sinceMs) - sinceMs;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error('nothing was confirmed any more')), UPLOAD_LIMIT_MS);
  const undo = stage.proxy.listen(({ at, seen }) => {
    if (at === 'answered' && confirms(seen)) resolve(performance.now() - sinceMs);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    undo();
  }
}

async function faultsAtEnd(stage: BucketStage, uploader: Uploader, recording: FinishedRecording): Promise<string[]> {
  const cloud = await uploader.until(UPLOAD_LIMIT_MS, 'verified', (line) => {
    if (line.event !== 'cloud') return null;
    const { state } = line.cloud;
    return state === 'verified' || state === 'failed' ? line.cloud : null;
  });
  if (cloud.state === 'failed') return [`it failed: ${cloud.error?.message}`];
  await uploader.close();
  return await faultsInBucket(stage, recording, cloud);
}
