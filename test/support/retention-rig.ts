import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Unconfirmed } from '../../main/cloud/confirm-copies.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { RetentionStatus } from '../../contract/retention.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Files, MediaJobs } from '../../main/recording/ports.ts';
import type { FolderLocks } from '../../main/recording/folder-lock.ts';
import type { LeavingPolicy } from '../../main/retention/leaving.ts';
import { createRetention } from '../../main/retention/retention-service.ts';
import type { Retention } from '../../main/retention/retention.ts';
import { makeHarness } from './recorder-harness.ts';
import type { Harness } from './recorder-harness.ts';
import { createVirtualTime } from './virtual-time.ts';
import type { VirtualTime } from './virtual-time.ts';

export const HOUR_MS = 3600 * 1000;
export const DAY_MS = 24 * HOUR_MS;

/** What may be of a test's own making. */
type RigChanges = { files?: Files; jobs?: MediaJobs; locks?: FolderLocks };

/** One run of the app, as far as retention goes. */
export type RetentionRun = {
  harness: Harness;
  retention: Retention;
  /** Lets time go by, an hourly look after the other, and answers with how it is then. */
  pass: (byMs: number) => Promise<RetentionStatus>;
  /** Quits. */
  quit: () => Promise<void>;
};

/** A machine with a recordings folder and a clock of its own, on which the app is started again and again. */
export type RetentionRig = {
  folder: string;
  root: string;
  statePath: string;
  time: VirtualTime;
  policy: LeavingPolicy;
  /** What the bucket answers for a recording that it is asked about: why it cannot be relied on. */
  bucketSays: (recordingId: RecordingId) => Unconfirmed | null;
  /** The wall clock now. */
  nowMs: () => number;
  /** Starts the app and waits until everything was looked through and looked at; `files` and `jobs` are a disk that fails. */
  run: (changes?: RigChanges) => Promise<RetentionRun>;
  /** A start in which nothing is begun yet. */
  open: (changes?: RigChanges) => Promise<Pick<RetentionRun, 'harness' | 'retention'>>;
  /** A start that remembers, as after the first one; nothing is in the library yet. */
  settleIn: () => Promise<void>;
  end: () => Promise<void>;
};

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The real disk, which nobody waits for: an hourly look of a month would be a minute of fsync. */
const unsyncedFiles: Files = {
  ...nodeFiles,
  create: async (path) => ({ ...(await nodeFiles.create(path)), sync: async () => undefined }),
  open: async (path) => ({ ...(await nodeFiles.open(path)), sync: async () => undefined }),
  syncFolder: async () => undefined,
};

/** Makes a machine in a new temporary folder. */
export async function makeRetentionRig(changes: { folder?: string } = {}): Promise<RetentionRig> {
  const folder = changes.folder ?? (await mkdtemp(join(tmpdir(), 'tallylight-retention-')));
  const root = join(folder, 'recordings');
  await mkdir(root, { recursive: true });
  const time = createVirtualTime();
  const policy: LeavingPolicy = { retentionPolicy: 'days', retentionDays: 30, retentionUnverified: false };
  const statePath = join(folder, 'profile', 'retention.json');

  const open: RetentionRig['open'] = async ({ files = unsyncedFiles, ...others } = {}) => {
    const harness = await makeHarness({ folder, files, time, ...others });
    const retention = createRetention(
      {
        recordings: harness.recordings,
        files,
        ids: nodeIds,
        clock: time.clock,
        scheduler: time.scheduler,
        confirmCopies: async (recordingId) => rig.bucketSays(recordingId),
        settings: { get: () => policy, subscribe: () => () => undefined },
        log: silent,
      },
      { path: statePath },
    );
    return { harness, retention };
  };

  const run: RetentionRig['run'] = async (failing) => {
    const { harness, retention } = await open(failing);
    await (
      await harness.recordings.recover()
    ).finished;
    retention.begin();
    await retention.status();
    return {
      harness,
      retention,
      pass: async (byMs) => {
        for (let leftMs = byMs; leftMs > 0; leftMs -= HOUR_MS) {
          time.advance(Math.min(leftMs, HOUR_MS));
          await retention.status();
        }
        return retention.status();
      },
      quit: async () => {
        await retention.close();
        await harness.recordings.close({ limitMs: 10_000 });
      },
    };
  };

  const rig: RetentionRig = {
    folder,
    root,
    statePath,
    time,
    policy,
    bucketSays: () => null,
    nowMs: () => time.clock.wallMs(),
    run,
    open,
    settleIn: async () => {
      const first = await run();
      await first.quit();
    },
    end: () => rm(folder, { recursive: true, force: true }),
  };
  return rig;
}
