import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Files, MediaJobs } from '../../main/recording/ports.ts';
import { seededRandom } from '../support/lanes.ts';
import { createLossyDisk, emptyFolder, materialise } from '../support/lossy-disk.ts';
import type { DiskImage, LossyDisk } from '../support/lossy-disk.ts';
import { hashTree } from '../support/media-report.ts';
import { makeHarness, realJobs } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';
import { watchedFiles } from '../support/watched-files.ts';
import { rawRecords, statesAheadOfBytes } from './journal-on-disk.ts';
import { measureLoss } from './loss.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures, failureOf, quantile, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { createTakeLog, makeSources, recordTake } from './take.ts';
import type { Sources, TakeLog, TakePlan } from './take.ts';

/** Issue 3: nothing older than this before the cut is lost. */
const MAX_LOST_MS = 2_000;
/** One cut takes 1 s on a quiet machine. */
const LIMIT_MS = 120_000;

/** When the power goes: at an operation, or at a time of the recording's clock. */
type Cut = { operation: number | null; atMs: number | null };
const NO_CUT: Cut = { operation: null, atMs: null };

type Run = { disk: LossyDisk; log: TakeLog; operations: number; stopAtOperation: number; cutAtMs: number };

/**
 * Cuts the power at random operations of a disk in memory that loses what was not synced, puts what is left on the real disk, starts
 * the service there, and measures frame by frame what is missing.
 */
export const powerCut: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const lostMs: number[] = [];
  let empty = 0;
  let neverBegun = 0;
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-power-cut-'));
  const base = join(folder, 'disk');
  try {
    const sources = await makeSources(folder);
    for (let index = 0; index < count; index += 1) {
      const name = `cut ${index} of seed ${seed}`;
      const random = seededRandom(seed * 100_003 + index);
      const planOf = planner(random, index);
      const trial = async (): Promise<Outcome> => {
        const whole = await record(base, sources, planOf(), NO_CUT, folder);
        const cutAt = pickInstant(random, whole, planOf());
        const run = await record(base, sources, planOf(), cutAt, folder);
        const outcome = await restartOn(base, run.disk.cut(random), run);
        const at = JSON.stringify(cutAt);
        return { ...outcome, failures: outcome.failures.map((failure) => `${name} (${at}): ${failure}`) };
      };
      const outcome = await within(LIMIT_MS, name, trial()).catch((error: unknown) => ({
        kind: 'saved' as const,
        failures: [`${name}: ${failureOf(error)}`],
        lostMs: [],
      }));
      for (const failure of outcome.failures) failures.add(failure);
      lostMs.push(...outcome.lostMs);
      if (outcome.kind === 'empty') empty += 1;
      if (outcome.kind === 'neverBegun') neverBegun += 1;
      say(
        `power-cut ${index + 1}/${count}: lost at most ${Math.round(Math.max(0, ...lostMs))} ms, ${failures.count()} failures`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    name: 'power-cut',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      lostMsMedian: Math.round(quantile(lostMs, 0.5)),
      lostMsP95: Math.round(quantile(lostMs, 0.95)),
      lostMsMax: Math.round(Math.max(0, ...lostMs)),
      lanesMeasured: lostMs.length,
      listedAsEmpty: empty,
      cutBeforeRecordWasAnswered: neverBegun,
    },
  };
};

function planner(random: () => number, index: number): () => TakePlan {
  const durationMs = 2_000 + Math.floor(random() * 6_000);
  const deviceChangeAtMs = random() < 0.4 ? Math.floor(random() * durationMs) : null;
  const takeSeed = Math.floor(random() * 1e9);
  // The same plan again and again: the second take must come to the same operations as the first.
  return () => ({
    format: index % 4 === 3 ? 'mp4' : 'mkv',
    durationMs,
    deviceChangeAtMs,
    random: seededRandom(takeSeed),
  });
}

/** At any time, at any operation, or (each operation there being one of its own) in the first steps and after Stop. */
function pickInstant(random: () => number, whole: Run, plan: TakePlan): Cut {
  const draw = random();
  const { operations, stopAtOperation } = whole;
  if (draw < 0.4) return { ...NO_CUT, atMs: random() * plan.durationMs };
  if (draw < 0.55) return { ...NO_CUT, operation: 1 + Math.floor(random() * 60) };
  if (draw < 0.75) {
    return { ...NO_CUT, operation: stopAtOperation + Math.floor(random() * (operations - stopAtOperation + 1)) };
  }
  return { ...NO_CUT, operation: 1 + Math.floor(random() * operations) };
}

/** Records on the lossy disk until the n-th operation, or until FFmpeg would have to write to it. */
async function record(base: string, sources: Sources, plan: TakePlan, cutAt: Cut, scratch: string): Promise<Run> {
  const disk = createLossyDisk(base);
  const log = createTakeLog();
  const outcome: Run = { disk, log, operations: 0, stopAtOperation: 0, cutAtMs: 0 };
  let halted = false;
  let probing = 0;
  const isHalted = (): boolean => halted;
  const never = new Promise<never>(() => undefined);
  let harness: Harness | null = null;
  const nowMs = (): number => harness?.recordings.callRecording()?.elapsedMs ?? outcome.cutAtMs;
  const wait = (delayMs: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (harness === null) resolve();
    else harness.time.scheduler.after(delayMs, resolve);
    return promise;
  };
  const files = watchedFiles(
    disk.files,
    async (operation, run) => {
      if (isHalted()) await never;
      outcome.operations += 1;
      if (!log.stopped) outcome.stopAtOperation = outcome.operations;
      outcome.cutAtMs = nowMs();
      const isSync = operation.kind === 'sync' || operation.kind === 'syncFolder';
      // A write is in the cache at once; a sync is done only when the disk says so, and what is written meanwhile is not in it.
      if (!isSync) await run();
      if (outcome.operations >= (cutAt.operation ?? Infinity)) halted = true;
      if (isHalted()) await never;
      await wait(isSync ? 5 + plan.random() * 60 : plan.random() * 3);
      if (isHalted()) await never;
      if (isSync) await run();
    },
    () => (halted ? never : Promise.resolve()),
  );
  const halt = async (): Promise<never> => {
    halted = true;
    return never;
  };
  const jobs: MediaJobs = {
    ...realJobs(),
    probe: async (path) => {
      probing += 1;
      try {
        return await probeOn(disk.files, path, join(scratch, `probed-${probing}`));
      } finally {
        probing -= 1;
      }
    },
    // FFmpeg cannot write to a disk in memory: the take ends where it would, and an MP4 beside the recording is given up.
    exportMp4: halt,
    join: halt,
    thumbnails: halt,
    startLiveMix: () => ({ write: () => undefined, finish: async () => null, abort: async () => undefined }),
  };
  harness = await makeHarness({ folder: base, files, jobs });
  const { time } = harness;
  const undo = harness.recordings.subscribe((event) => {
    if (event.type !== 'recordingStarted' || cutAt.atMs === null) return;
    time.scheduler.after(cutAt.atMs, () => {
      outcome.cutAtMs = nowMs();
      halted = true;
    });
  });
  await recordTake(harness, sources, plan, log, { halted: isHalted, busy: () => probing > 0 });
  undo();
  return outcome;
}

async function probeOn(files: Files, path: string, copy: string): ReturnType<MediaJobs['probe']> {
  const file = await files.open(path);
  await writeFile(copy, await file.read(0, await file.sizeBytes()));
  return realJobs().probe(copy);
}

type Outcome = { kind: 'saved' | 'empty' | 'neverBegun'; failures: string[]; lostMs: number[] };

/** Starts the service on what the cut left, twice. */
async function restartOn(base: string, image: DiskImage, run: Run): Promise<Outcome> {
  const { log } = run;
  const failures = statesAhead(base, image, log);
  await emptyFolder(base);
  await materialise(image);
  await mkdir(base, { recursive: true });
  const harness = await makeHarness({ folder: base, files: nodeFiles, jobs: realJobs() });
  const report = await harness.recordings.recover();
  await report.finished;
  await harness.library.flush();
  const listed = harness.recordings.list();
  const id = log.recordingId;
  const [recording] = listed;
  if (listed.length > 1) failures.push(`${listed.length} recordings are listed`);
  if (recording === undefined) {
    if (id !== null) failures.push('the recording is not listed');
    return { kind: 'neverBegun', failures, lostMs: [] };
  }
  failures.push(...(await faultsOfSaved(recording)));
  const before = await hashTree(recording.folder);
  const again = harness.restart();
  await (
    await again.recordings.recover()
  ).finished;
  if (JSON.stringify(await hashTree(recording.folder)) !== JSON.stringify(before)) {
    failures.push('a second recovery changed something');
  }
  if (log.refused.length > 0) failures.push(`a chunk was refused: ${log.refused[0]}`);
  const lostMs: number[] = [];
  for (const track of log.tracks) {
    const loss = await measureLoss(recording, track, {
      endAtMs: run.cutAtMs,
      maxLostMs: MAX_LOST_MS,
      keepsAcknowledged: false,
    });
    failures.push(...loss.failures);
    lostMs.push(...loss.lostMs);
  }
  return { kind: recording.deliverables.length > 0 ? 'saved' : 'empty', failures, lostMs };
}

function statesAhead(base: string, image: DiskImage, { recordingId }: TakeLog): string[] {
  if (recordingId === null) return [];
  const folder = join(base, 'recordings', recordingId);
  const sizes = new Map([...image].map(([path, bytes]) => [relative(folder, path), bytes?.length ?? null]));
  const journal = image.get(join(folder, 'journal.jsonl'));
  if (journal === undefined || journal === null) return ['the journal is gone'];
  return statesAheadOfBytes(rawRecords(journal), (file) => sizes.get(file) ?? null).map(
    (claim) => `right after the cut: ${claim}`,
  );
}
