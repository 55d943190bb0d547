import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { RecordingId } from '../../contract/ids.ts';
import { DAY_MS, makeRetentionRig } from './retention-rig.ts';
import type { RetentionRig, RetentionRun } from './retention-rig.ts';
import { storeRecording } from './stored-recordings.ts';
import type { StoredPlan } from './stored-recordings.ts';

/** What the tests of retention are told with: a machine for each test, and the app on it. */
export type RetentionScene = {
  /** The machine of the test that runs. */
  readonly rig: RetentionRig;
  /** A recording that ended so many days ago, with every file verified unless something else is said. */
  old: (days: number, plan?: Partial<StoredPlan>) => Promise<RecordingId>;
  /** Others beside it, so that one or two that leave are few. */
  company: (count?: number) => Promise<void>;
  startApp: RetentionRig['run'];
  /** The app was here before, yesterday, with nothing in its library. */
  startSettled: () => Promise<RetentionRun>;
  quit: (run: RetentionRun) => Promise<void>;
  /** Whether something lies at this path below the recordings folder. */
  there: (...parts: string[]) => Promise<boolean>;
  /** What lies in the bin. */
  binned: () => Promise<string[]>;
};

/** Sets a scene for all tests of a file. */
export function setRetentionScene(): RetentionScene {
  let rig: RetentionRig;
  const runs: RetentionRun[] = [];

  beforeEach(async () => {
    rig = await makeRetentionRig();
  });
  afterEach(async () => {
    for (const run of runs.splice(0)) await run.quit();
    await rig.end();
  });

  const old: RetentionScene['old'] = (days, plan = {}) =>
    storeRecording(rig.root, { endedWallMs: rig.nowMs() - days * DAY_MS, cloud: 'all', ...plan });

  const startApp: RetentionScene['startApp'] = async (changes) => {
    const run = await rig.run(changes);
    runs.push(run);
    return run;
  };

  return {
    get rig() {
      return rig;
    },
    old,
    company: async (count = 11) => {
      for (let n = 0; n < count; n += 1) await old(1, { cloud: 'none' });
    },
    startApp,
    startSettled: async () => {
      await rig.settleIn();
      return startApp();
    },
    quit: async (run) => {
      runs.splice(runs.indexOf(run), 1);
      await run.quit();
    },
    there: (...parts) =>
      stat(join(rig.root, ...parts)).then(
        () => true,
        () => false,
      ),
    binned: () => readdir(join(rig.root, '.bin')).catch(() => []),
  };
}
