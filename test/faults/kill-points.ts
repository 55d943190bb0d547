import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordingId } from '../../contract/ids.ts';
import { createKillSwitch } from '../support/kill-switch.ts';
import type { KillPoint, KillSwitch } from '../support/kill-switch.ts';
import { seededRandom } from '../support/lanes.ts';
import { emptyFolder } from '../support/lossy-disk.ts';
import { hashTree } from '../support/media-report.ts';
import { makeHarness } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';
import { measureLoss } from './loss.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures, failureOf, quantile, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { createTakeLog, makeSources, recordTake } from './take.ts';
import type { Sources, TakeLog } from './take.ts';

/** Issue 3: a killed process costs no more than this of a track. */
const MAX_LOST_MS = 1_000;
const TAKE_MS = 1_800;
/** One point takes 3 s on a quiet machine. */
const LIMIT_MS = 120_000;

/** A folder as a dead process left it, and what is known of the recording in it. */
type Wreck = { name: string; copy: string; log: TakeLog; endAtMs: number; deleting: boolean };
type Case = { phase: 'take'; point: KillPoint } | { phase: 'recovery' | 'deletion'; point: KillPoint; wreck: Wreck };

/**
 * Kills the recorder at every named point of a take, of a recovery and of a deletion, starts it again until it comes to the end, and
 * looks at what is there. All that was written stays: it is the process that dies, not the machine.
 */
export const killPoints: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-kill-points-'));
  const base = join(folder, 'disk');
  const lostMs: number[] = [];
  const names = new Set<string>();
  let reached = 0;
  try {
    const sources = await makeSources(folder);
    const all = await findCases(folder, base, sources);
    const cases = shuffled(all, seededRandom(seed)).slice(0, count);
    say(`kill-points: ${cases.length} of ${all.length} points`);
    for (const [index, one] of cases.entries()) {
      const { point, phase } = one;
      const wreckName = one.phase === 'take' ? '' : ` of ${one.wreck.name}`;
      const name = `${phase}${wreckName}: ${point.moment} ${point.name} (${point.nth}.)`;
      const work = one.phase === 'take' ? killTake(folder, base, sources, point) : killLater(base, one.wreck, point);
      const outcome = await within(LIMIT_MS, name, work).catch((error: unknown) => ({
        reached: false,
        failures: [failureOf(error)],
        lostMs: [],
      }));
      if (outcome.reached) reached += 1;
      names.add(`${phase} ${point.name}`);
      lostMs.push(...outcome.lostMs);
      for (const failure of outcome.failures) failures.add(`${name}: ${failure}`);
      say(`kill-points ${index + 1}/${cases.length}: ${name}, ${failures.count()} failures`);
    }
    return {
      name: 'kill-points',
      ok: failures.count() === 0,
      count: cases.length,
      failures: failures.list(),
      figures: {
        pointsInAll: all.length,
        namesTried: names.size,
        killed: reached,
        lostMsMedian: Math.round(quantile(lostMs, 0.5)),
        lostMsMax: Math.round(Math.max(0, ...lostMs)),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

type Outcome = { reached: boolean; failures: string[]; lostMs: number[] };

/** Runs everything once without a kill and lists the points that were passed. */
async function findCases(folder: string, base: string, sources: Sources): Promise<Case[]> {
  const whole = await take(base, sources, null);
  const finished = await keepWreck(folder, base, 'a finished recording', whole);
  const cases: Case[] = pointsOf(whole.machine.passed()).map((point) => ({ phase: 'take', point }));
  const wrecks = [
    await wreckAt(folder, base, sources, { name: 'sync journal', nth: 8, moment: 'before' }),
    await wreckAt(folder, base, sources, { name: 'rename result', nth: 1, moment: 'before' }),
  ];
  for (const wreck of wrecks) {
    const { machine } = await recoverOn(base, wreck.copy, null);
    for (const point of pointsOf(machine.passed())) cases.push({ phase: 'recovery', point, wreck });
  }
  const deletion: Wreck = { ...finished, name: 'a deletion', deleting: true };
  const { machine } = await deleteOn(base, deletion, null);
  for (const point of pointsOf(machine.passed())) cases.push({ phase: 'deletion', point, wreck: deletion });
  return cases;
}

/** The first and the last operation of each name, before and after it, and in the middle of a write. */
function pointsOf(passed: readonly string[]): KillPoint[] {
  const counts = new Map<string, number>();
  for (const name of passed) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].flatMap(([name, count]) =>
    [...new Set([1, count])].flatMap((nth) => {
      const moments = name.startsWith('write ')
        ? (['before', 'half', 'after'] as const)
        : (['before', 'after'] as const);
      return moments.map((moment) => ({ name, nth, moment }));
    }),
  );
}

type Taken = { harness: Harness; machine: KillSwitch; log: TakeLog; endAtMs: number };

async function take(base: string, sources: Sources, point: KillPoint | null): Promise<Taken> {
  await emptyFolder(base);
  const machine = createKillSwitch(base, point);
  const harness = await makeHarness({ folder: base, files: machine.files, jobs: machine.jobs });
  const log = createTakeLog();
  const plan = { format: 'mp4' as const, durationMs: TAKE_MS, deviceChangeAtMs: 800, random: () => 0 };
  let endAtMs = 0;
  const undo = harness.time.scheduler.every(1, () => {
    endAtMs = harness.recordings.callRecording()?.elapsedMs ?? endAtMs;
  });
  await recordTake(harness, sources, plan, log, { halted: machine.isKilled, busy: machine.busy });
  undo();
  if (!machine.isKilled()) await Promise.race([harness.library.flush(), machine.killed]);
  await machine.bury();
  return { harness, machine, log, endAtMs };
}

async function keepWreck(folder: string, base: string, name: string, taken: Taken): Promise<Wreck> {
  const copy = join(folder, name.replace(/\W+/g, '-'));
  await cp(base, copy, { recursive: true });
  return { name, copy, log: taken.log, endAtMs: taken.endAtMs, deleting: false };
}

async function wreckAt(folder: string, base: string, sources: Sources, point: KillPoint): Promise<Wreck> {
  const taken = await take(base, sources, point);
  return keepWreck(folder, base, `a take killed ${point.moment} ${point.name}`, taken);
}

async function killTake(folder: string, base: string, sources: Sources, point: KillPoint): Promise<Outcome> {
  const taken = await take(base, sources, point);
  const name = 'this take';
  await rm(join(folder, 'this-take'), { recursive: true, force: true });
  const wreck = await keepWreck(folder, base, name, taken);
  return finish(base, wreck, taken.machine.isKilled());
}

/** Kills a recovery or a deletion of a wreck, then lets the next start come to its end. */
async function killLater(base: string, wreck: Wreck, point: KillPoint): Promise<Outcome> {
  const { machine } = wreck.deleting ? await deleteOn(base, wreck, point) : await recoverOn(base, wreck.copy, point);
  return finish(base, wreck, machine.isKilled());
}

/** Recovers on a copy of a wreck. */
async function recoverOn(
  base: string,
  copy: string | null,
  point: KillPoint | null,
): Promise<{ harness: Harness; machine: KillSwitch }> {
  if (copy !== null) await restore(base, copy);
  const machine = createKillSwitch(base, point);
  const harness = await makeHarness({ folder: base, files: machine.files, jobs: machine.jobs });
  const work = async (): Promise<void> => {
    await (
      await harness.recordings.recover()
    ).finished;
    await harness.library.flush();
  };
  await Promise.race([work(), machine.killed]);
  await machine.bury();
  return { harness, machine };
}

async function deleteOn(base: string, wreck: Wreck, point: KillPoint | null): Promise<{ machine: KillSwitch }> {
  await restore(base, wreck.copy);
  const machine = createKillSwitch(base, point);
  const harness = await makeHarness({ folder: base, files: machine.files, jobs: machine.jobs });
  const work = async (): Promise<void> => {
    await (
      await harness.recordings.recover()
    ).finished;
    await harness.recordings.delete({ recordingId: idOf(wreck.log) });
    await harness.library.flush();
  };
  await Promise.race([work(), machine.killed]);
  await machine.bury();
  return { machine };
}

function idOf(log: TakeLog): RecordingId {
  if (log.recordingId === null) throw new Error('The take was never begun.');
  return log.recordingId;
}

async function restore(base: string, copy: string): Promise<void> {
  await rm(base, { recursive: true, force: true });
  await mkdir(base, { recursive: true });
  await cp(copy, base, { recursive: true });
}

/** Starts a process that nobody kills, and one more, and looks at what they leave. */
async function finish(base: string, wreck: Wreck, reached: boolean): Promise<Outcome> {
  const { log } = wreck;
  const { harness } = await recoverOn(base, null, null);
  const failures: string[] = [];
  const lostMs: number[] = [];
  if (wreck.deleting && harness.recordings.list().length === 0) failures.push(...(await undo(base)));
  const { harness: there } = await recoverOn(base, null, null);
  const listed = there.recordings.list();
  const [recording] = listed;
  if (listed.length > 1) failures.push(`${listed.length} recordings are listed`);
  if (recording === undefined) {
    if (log.recordingId !== null) failures.push('the recording is not listed');
    return { reached, failures, lostMs };
  }
  failures.push(...(await faultsOfSaved(recording)));
  if (log.refused.length > 0) failures.push(`a chunk was refused: ${log.refused[0]}`);
  for (const track of log.tracks) {
    const loss = await measureLoss(recording, track, {
      endAtMs: wreck.endAtMs,
      maxLostMs: MAX_LOST_MS,
      keepsAcknowledged: true,
    });
    failures.push(...loss.failures);
    lostMs.push(...loss.lostMs);
  }
  const before = await hashTree(recording.folder);
  const partial = Object.keys(before).filter((name) => name.endsWith('.partial'));
  if (partial.length > 0) failures.push(`unfinished results are left: ${partial.join(', ')}`);
  const { harness: again } = await recoverOn(base, null, null);
  await nextTurn();
  if (JSON.stringify(await hashTree(recording.folder)) !== JSON.stringify(before)) {
    failures.push('a second recovery changed something');
  }
  if (JSON.stringify(again.recordings.list()) !== JSON.stringify(listed))
    failures.push('a second recovery lists it otherwise');
  return { reached, failures, lostMs };
}

/** Brings a deleted recording back: it must be whole in the bin, and nothing of it anywhere else. */
async function undo(base: string): Promise<string[]> {
  const left = (await readdir(join(base, 'recordings'))).filter((name) => !name.startsWith('.'));
  const { recordings, library } = await makeHarness({ folder: base });
  await (
    await recordings.recover()
  ).finished;
  const entries = await recordings.bin.entries();
  for (const { id } of entries) await recordings.bin.restore(id);
  await library.flush();
  if (left.length > 0) return [`${left.length} folders are left of a deleted recording`];
  return entries.length === 1 ? [] : [`${entries.length} entries of one deleted recording are in the bin`];
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
