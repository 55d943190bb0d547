import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingId } from '../../contract/ids.ts';
import { createKillSwitch } from './kill-switch.ts';
import type { KillPoint } from './kill-switch.ts';
import { hashTree } from './media-report.ts';
import { DAY_MS, HOUR_MS, makeRetentionRig } from './retention-rig.ts';
import type { RetentionRig, RetentionRun } from './retention-rig.ts';
import { storeRecording } from './stored-recordings.ts';

/** What an app does with a recording that is old and verified, and may be killed in. */
export type Deed = {
  /** In a run before the one that is killed. */
  before?: (run: RetentionRun, id: RecordingId) => Promise<unknown>;
  /** Whether its media have left before. */
  hasLeft?: boolean;
  /** Whether it may be gone for good in the end. */
  empties?: boolean;
  /** How many entries the bin has when it was done. */
  inBin: number;
  /** Time that goes by before it. */
  waitMs?: number;
  work: (run: Pick<RetentionRun, 'harness' | 'retention'>, id: RecordingId) => Promise<unknown>;
};

const deleteIt: Deed['work'] = ({ harness }, id) => harness.recordings.delete({ recordingId: id });
const restoreIt: Deed['work'] = async ({ retention }) =>
  retention.restore((await retention.status()).bin[0]?.id ?? 'nothing');

export const deeds: Record<string, Deed> = {
  'media leave': { inBin: 1, waitMs: 25 * HOUR_MS, work: ({ retention }) => retention.status() },
  'a person deletes': { inBin: 1, work: deleteIt },
  'a person deletes what has left': { inBin: 1, hasLeft: true, work: deleteIt },
  'media are brought back': { inBin: 0, hasLeft: true, work: restoreIt },
  'a recording is brought back': { inBin: 0, before: deleteIt, work: restoreIt },
  'the bin is emptied': { inBin: 0, before: deleteIt, empties: true, work: ({ retention }) => retention.empty(null) },
  'media are deleted for good': {
    inBin: 0,
    hasLeft: true,
    empties: true,
    work: ({ retention }) => retention.empty(null),
  },
};

/** What came of a deed: the operations on the disk that were passed, and what is wrong after the next start. */
export type DeedOutcome = { passed: readonly string[]; killed: boolean; inBin: number; faults: string[] };

/** Does a deed on a machine of its own, killed at a point, starts the app again, and looks at what is there. */
export async function tryDeed(name: string, point: KillPoint | null): Promise<DeedOutcome> {
  const deed = deeds[name];
  if (deed === undefined) throw new Error(`There is no deed ${name}.`);
  const rig = await makeRetentionRig();
  try {
    const id = await storeRecording(rig.root, { endedWallMs: rig.nowMs() - 31 * DAY_MS, cloud: 'all' });
    for (let n = 0; n < 5; n += 1) await storeRecording(rig.root, { endedWallMs: rig.nowMs(), cloud: 'none' });
    const bytes = mediaOf(await hashTree(join(rig.root, id)));
    await rig.settleIn();
    const first = await rig.run();
    await deed.before?.(first, id);
    await first.quit();
    if (deed.hasLeft === true) {
      rig.time.advance(25 * HOUR_MS);
      await rig.settleIn();
    }
    rig.time.advance(deed.waitMs ?? 0);
    const machine = createKillSwitch(rig.folder, point);
    const run = await rig.open({ files: machine.files, jobs: machine.jobs });
    const work = async (): Promise<void> => {
      await (
        await run.harness.recordings.recover()
      ).finished;
      run.retention.begin();
      await deed.work(run, id);
      await run.harness.library.flush();
    };
    await Promise.race([work(), machine.killed]);
    await machine.bury();
    const after = await lookAfter(rig, id, bytes, deed.empties === true);
    return { passed: machine.passed(), killed: machine.isKilled(), ...after };
  } finally {
    await rig.end();
  }
}

/** The bytes of a recording that must be somewhere, whatever is added to its journal. */
export function mediaOf(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => /\/(segments|deliverables)\//.test(name)));
}

/** Starts the app again, brings everything back from the bin, and compares. */
async function lookAfter(
  rig: RetentionRig,
  id: RecordingId,
  bytes: Record<string, string>,
  isEmptied: boolean,
): Promise<Pick<DeedOutcome, 'inBin' | 'faults'>> {
  const faults: string[] = [];
  let inBin = 0;
  const run = await rig.run();
  try {
    const { bin } = await run.retention.status();
    const names = await readdir(join(rig.root, '.bin')).catch(() => []);
    inBin = bin.length;
    if (names.length !== bin.length) faults.push(`${names.join(', ')} lies in the bin, and ${bin.length} are shown`);
    if (bin.length > 1) faults.push(`${bin.length} entries of one recording`);
    const listed = run.harness.recordings.list().find((each) => each.id === id);
    const isHere = listed !== undefined && listed.mediaLeftAt === null;
    if (isHere && bin.length > 0) faults.push('it is here and in the bin');
    for (const { id: entry } of bin) await run.retention.restore(entry);
    if (isEmptied && !isHere && bin.length === 0) return { inBin, faults };
    const recording = run.harness.recordings.get({ recordingId: id });
    if (recording.status !== 'completed' || recording.mediaLeftAt !== null) {
      faults.push(`it is ${recording.status}, its media left ${recording.mediaLeftAt}`);
    }
    const now = mediaOf(await hashTree(join(rig.root, id)));
    if (JSON.stringify(now) !== JSON.stringify(bytes)) faults.push(`other bytes: ${Object.keys(now).join(', ')}`);
  } catch (error) {
    faults.push(String(error));
  } finally {
    await run.quit();
  }
  return { inBin, faults };
}
