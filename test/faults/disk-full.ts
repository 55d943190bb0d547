import { execFile } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AppError } from '../../contract/errors.ts';
import type { FileFormat, Recording, RecordingEvent } from '../../contract/recording.ts';
import { loadWriterLanes, makeWriterLanes, type WriterLane } from '../support/counted-media.ts';
import { openRealRecorder } from '../support/real-recorder.ts';
import { CALL_ID } from '../support/recorder-harness.ts';
import { framesMissing, startFeed, type Feeding } from './feed.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const run = promisify(execFile);

const DISK_BYTES = 24 * 1024 * 1024;
/** The bar of issue 3: from the first refused write until somebody is told. */
const MAX_TOLD_MS = 2_000;
/** The app looks at the room each second, and a recording takes a moment to end. */
const FLOOR_LIMIT_MS = 10_000;
const FULL_FOR_MS = 2_500;

type Stage = {
  name: string;
  format: FileFormat;
  /** Room that is left when Record is pressed. */
  freeAtStartBytes: number;
  /** When the last of it goes; null when the recording itself uses it up. */
  fillAt: 'start' | 'recording' | 'recordingStopping' | 'recordingProcessing' | null;
  reserveBytes: number;
};

const ROOMY_BYTES = DISK_BYTES / 2;
const usual = { format: 'mkv' as const, freeAtStartBytes: ROOMY_BYTES, fillAt: null, reserveBytes: 0 };

/** One for each place at which a recording needs room. */
const STAGES: readonly Stage[] = [
  { ...usual, name: 'Record', fillAt: 'start' },
  { ...usual, name: 'the first chunks', freeAtStartBytes: 24 * 1024 },
  { ...usual, name: 'chunks', freeAtStartBytes: 600 * 1024 },
  { ...usual, name: 'chunks beside a growing MP4', format: 'mp4', freeAtStartBytes: 700 * 1024 },
  { ...usual, name: 'the journal and everything else', fillAt: 'recording' },
  { ...usual, name: 'finishing the files', fillAt: 'recordingStopping' },
  { ...usual, name: 'the MP4', format: 'mp4', fillAt: 'recordingStopping' },
  { ...usual, name: 'thumbnails', fillAt: 'recordingProcessing' },
  { ...usual, name: 'the floor', reserveBytes: 20 * 1024 * 1024, freeAtStartBytes: 2_600 * 1024 },
];

type Outcome = { failures: string[]; toldMs: number | null };

/** A small disk that runs full at each stage of a recording. */
export const diskFull: Scenario = async ({ count, say }) => {
  const failures = createFailures();
  const toldMs: number[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-disk-full-'));
  const alive = setInterval(() => undefined, 1_000);
  try {
    const refusal = await whyNoDisk(join(folder, 'try'));
    if (refusal !== null) {
      say(`disk-full: skipped: ${refusal}`);
      return { name: 'disk-full', ok: true, count: 0, failures: [], figures: { skipped: refusal } };
    }
    await makeWriterLanes(join(folder, 'media'));
    const lanes = await loadWriterLanes(join(folder, 'media'));
    for (let round = 0; round < count; round += 1) {
      for (const [index, stage] of STAGES.entries()) {
        const place = join(folder, `${round}-${index}`);
        const outcome = await onSmallDisk(place, (disk) => runStage(place, disk, stage, lanes));
        for (const failure of outcome.failures) failures.add(`full at ${stage.name} (round ${round}): ${failure}`);
        if (outcome.toldMs !== null) toldMs.push(outcome.toldMs);
        const told = outcome.toldMs === null ? 'nothing to tell' : `told after ${Math.round(outcome.toldMs)} ms`;
        say(`disk-full: ${stage.name}: ${outcome.failures.length === 0 ? 'ok' : 'FAILED'}, ${told}`);
      }
    }
  } finally {
    clearInterval(alive);
    await rm(folder, { recursive: true, force: true });
  }
  return {
    name: 'disk-full',
    ok: failures.count() === 0,
    count: count * STAGES.length,
    failures: failures.list(),
    figures: { stages: STAGES.length, toldMsMax: Math.round(Math.max(0, ...toldMs)), toldOf: toldMs.length },
  };
};

async function runStage(place: string, disk: string, stage: Stage, lanes: readonly WriterLane[]): Promise<Outcome> {
  const failures: string[] = [];
  const { recordings } = openRealRecorder(place, {
    recordingsFolder: disk,
    diskReserveBytes: stage.reserveBytes,
    format: stage.format,
  });
  const events: { event: RecordingEvent; atMs: number }[] = [];
  const filler = createFiller(disk);
  let filledAtMs: number | null = null;
  const fill = (): void => {
    filler.leave(0);
    filledAtMs = performance.now();
  };
  recordings.subscribe((event) => {
    events.push({ event, atMs: performance.now() });
    if (event.type === stage.fillAt && filledAtMs === null) fill();
  });
  const begin = (): Promise<Recording> =>
    recordings.start({ callId: CALL_ID, title: 'On a small disk', recordedBy: 'Ada', format: stage.format });
  const saved = async (id: Recording['id']): Promise<Recording> => recordings.settled({ recordingId: id });
  /** From the first write that was refused until an event says why; null when none was refused. */
  let toldMs: number | null = null;
  try {
    await recordings.recover();
    filler.leave(stage.freeAtStartBytes);
    if (stage.fillAt === 'start') {
      fill();
      const sinceMs = performance.now();
      const error = await begin().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      toldMs = performance.now() - sinceMs;
      if (!(error instanceof AppError) || error.code !== 'DISK_FULL') failures.push(`Record said ${String(error)}`);
    } else {
      const { id } = await begin();
      const feed = await startFeed(recordings, id, lanes);
      if (stage.reserveBytes > 0) {
        await untilStatus(() => recordings.get({ recordingId: id }), FLOOR_LIMIT_MS);
        await feed.end();
      } else {
        await delay(FULL_FOR_MS);
        if (stage.fillAt === 'recording') {
          fill();
          await delay(FULL_FOR_MS);
        } else if (stage.fillAt === null) {
          await until(() => feed.refusedAtMs() !== null, FLOOR_LIMIT_MS);
          await delay(FULL_FOR_MS);
        }
        const now = recordings.get({ recordingId: id });
        if (now.status === 'recording') await recordings.stop({ recordingId: id });
        await feed.end();
      }
      const ended = await saved(id);
      const refusedAtMs = feed.refusedAtMs() ?? (ended.status === 'failed' ? filledAtMs : null);
      toldMs = refusedAtMs === null ? null : toldAfterMs(events, refusedAtMs);
      if (refusedAtMs !== null && toldMs === null) failures.push('nobody was told that the disk is full');
      if (stage.reserveBytes > 0 && !(ended.status === 'completed' && ended.notes.length > 0)) {
        failures.push(`at the floor it became ${ended.status}, with ${ended.notes.length} notes`);
      }
      failures.push(...wrongErrors(feed));
      filler.remove();
      if (ended.status === 'failed' && ended.error?.code !== 'RESULT_INVALID') {
        if (ended.error?.code !== 'DISK_FULL' || !ended.error.retryable) {
          failures.push(`it failed with ${ended.error?.code ?? 'nothing'}: ${ended.error?.message ?? ''}`);
        }
        await recordings.retry({ recordingId: id });
      }
      const recording = await saved(id);
      failures.push(...(await faultsOfSaved(recording)));
      failures.push(...(await framesMissing(recording, feed)));
    }
    if (toldMs !== null && toldMs > MAX_TOLD_MS) failures.push(`somebody was told after ${Math.round(toldMs)} ms`);

    filler.remove();
    const next = await begin();
    const feed = await startFeed(recordings, next.id, lanes);
    await delay(1_200);
    await recordings.stop({ recordingId: next.id });
    await feed.end();
    const second = await saved(next.id);
    if (second.status !== 'completed') failures.push(`the next recording is ${second.status}`);
    failures.push(...(await faultsOfSaved(second)).map((fault) => `the next recording: ${fault}`));
    failures.push(...(await framesMissing(second, feed)).map((fault) => `the next recording: ${fault}`));
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  } finally {
    await recordings.close({ limitMs: 5_000 });
  }
  return { failures, toldMs };
}

/** When an event first said that the disk is the cause, counted from an instant; null when none did. */
function toldAfterMs(events: readonly { event: RecordingEvent; atMs: number }[], sinceMs: number): number | null {
  const told = events.find(({ event }) => {
    if (event.type === 'recordingHealth') return event.health.kind === 'degraded' && event.health.cause === 'disk';
    return event.type === 'recordingFailed' && event.recording.error?.code === 'DISK_FULL';
  });
  return told === undefined ? null : Math.max(0, told.atMs - sinceMs);
}

/** Chunks may be refused because the disk is full or because their segment was ended by that; for nothing else. */
function wrongErrors(feed: Feeding): string[] {
  const known = new Set(['DISK_FULL', 'SEGMENT_CLOSED', 'RECORDING_NOT_RUNNING']);
  const [wrong] = feed.refused().filter((error) => !(error instanceof AppError) || !known.has(error.code));
  return wrong === undefined
    ? []
    : [`a chunk was refused: ${wrong instanceof Error ? wrong.message : 'for no reason'}`];
}

/** Waits until the recording has ended by itself. */
async function untilStatus(look: () => Recording, limitMs: number): Promise<void> {
  await until(() => look().status !== 'recording', limitMs);
}

async function until(isSo: () => boolean, limitMs: number): Promise<void> {
  const sinceMs = performance.now();
  while (!isSo()) {
    if (performance.now() - sinceMs > limitMs) throw new Error(`what was to happen did not within ${limitMs} ms`);
    await delay(50);
  }
}

/** Says why no disk can be made here; null when one can. */
async function whyNoDisk(folder: string): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'a small disk can only be mounted by root, on Linux';
  }
  return onSmallDisk(folder, async () => null).catch((error: unknown) => `no tmpfs can be mounted: ${String(error)}`);
}

/** Mounts a small disk below a folder for as long as the work takes. */
async function onSmallDisk<T>(folder: string, work: (disk: string) => Promise<T>): Promise<T> {
  const disk = join(folder, 'disk');
  await mkdir(disk, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
  try {
    return await work(disk);
  } finally {
    // Lazily: a file that is still open must not leave the disk mounted for ever.
    await run('umount', ['-l', disk]);
  }
}

/** A file that takes up room; in one go, so that nothing gets in between. */
function createFiller(disk: string): { leave: (freeBytes: number) => void; remove: () => void } {
  const path = join(disk, 'filler');
  return {
    leave: (freeBytes) => {
      const file = openSync(path, 'a');
      try {
        const { bavail, bsize } = statfsSync(disk);
        const takeBytes = bavail * bsize - freeBytes;
        if (takeBytes > 0) writeSync(file, Buffer.alloc(takeBytes));
      } finally {
        closeSync(file);
      }
    },
    remove: () => rmSync(path, { force: true }),
  };
}
