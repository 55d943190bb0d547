import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingId } from '../../contract/ids.ts';
import { ANY_OPERATION, createKillSwitch } from '../support/kill-switch.ts';
import { hashTree } from '../support/media-report.ts';
import { mediaOf } from '../support/retention-deeds.ts';
import { DAY_MS, HOUR_MS, makeRetentionRig } from '../support/retention-rig.ts';
import type { RetentionRig, RetentionRun } from '../support/retention-rig.ts';
import { storeRecording } from '../support/stored-recordings.ts';
import type { StoredPlan } from '../support/stored-recordings.ts';

type Random = () => number;
type Trap = (root: string, outside: string, ids: readonly string[]) => Promise<string[]>;

/** A recording of which all is known. */
type Known = {
  id: RecordingId;
  hashes: readonly string[];
  /** Whether anything may take it away by itself. */
  mayLeave: boolean;
  /** What it was when it was made, for whoever reads of a failure. */
  why: string;
  byHand: 'no' | 'deleted' | 'emptied';
  /** When it was first seen elsewhere than in its place, on the clock that never jumps. */
  awaySinceMs: number | null;
};

export type Life = { recordings: number; left: number; gone: number; jumps: number; killed: number; faults: string[] };

const CLOUDS = ['none', 'all', 'all', 'all', 'some', 'stale', 'queued', 'failed'] as const;
/** What one jump of the clock may shorten a wait by: that much of it is believed (main/retention/clock-guard.ts). */
const BELIEVED_OF_JUMP_MS = 2 * DAY_MS;

/** Lets one library live for some weeks, and says what was wrong. */
export async function liveWithRetention(
  folder: string,
  outside: string,
  random: Random,
  traps: Record<string, Trap>,
): Promise<Life> {
  const rig = await makeRetentionRig({ folder });
  const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  rig.policy.retentionPolicy = pick(['days', 'days', 'verified', 'forever'] as const) ?? 'days';
  rig.policy.retentionUnverified = random() < 0.4;
  const known = await makeLibrary(rig, random);
  const foreign = await setTraps(rig, outside, random, traps, known);
  const precious = await hashTree(outside);
  const life: Life = { recordings: known.length, left: 0, gone: 0, jumps: 0, killed: 0, faults: [] };
  const steps = 7 + Math.floor(random() * 6);
  for (let step = 0; step < steps && life.faults.length === 0; step += 1) {
    if (random() < 0.25) await poison(rig, outside, random);
    const isJumped = random() < 0.08;
    if (isJumped) {
      rig.time.jumpWall((random() - 0.3) * 4_000 * DAY_MS);
      life.jumps += 1;
    }
    const before = isJumped ? mediaOf(await hashTree(rig.root)) : null;
    const hands = random() < 0.5;
    if (random() < 0.35) await liveAndDie(rig, random, known, hands, life);
    else await liveOneRun(rig, random, known, hands, life, () => (life.jumps += 1));
    const after = await hashTree(rig.root);
    if (before !== null && !hands && JSON.stringify(mediaOf(after)) !== JSON.stringify(before)) {
      life.faults.push('something was moved in a run whose clock had jumped');
    }
    for (const fault of judge(rig, known, after, life)) life.faults.push(`step ${step}: ${fault}`);
    const theirs = theirsIn(after);
    if (JSON.stringify(theirs) !== JSON.stringify(foreign))
      life.faults.push(`step ${step}: foreign files were touched`);
  }
  if (JSON.stringify(await hashTree(outside)) !== JSON.stringify(precious)) life.faults.push('bytes outside changed');
  return life;
}

async function makeLibrary(rig: RetentionRig, random: Random): Promise<Known[]> {
  const known: Known[] = [];
  const count = 3 + Math.floor(random() * 14);
  const { retentionPolicy, retentionUnverified } = rig.policy;
  for (let n = 0; n < count; n += 1) {
    const plan: StoredPlan = {
      endedWallMs: rig.nowMs() - random() * 60 * DAY_MS,
      cloud: CLOUDS[Math.floor(random() * CLOUDS.length)] ?? 'none',
      end: random() < 0.1 ? 'failed' : 'completed',
      pinned: random() < 0.15,
    };
    const id = await storeRecording(rig.root, plan);
    const isVerified = plan.cloud === 'all';
    const isLastCopyGiven =
      retentionPolicy === 'days' && retentionUnverified && (plan.cloud === 'none' || plan.cloud === 'some');
    const mayLeave =
      retentionPolicy !== 'forever' &&
      plan.pinned !== true &&
      plan.end === 'completed' &&
      (isVerified || isLastCopyGiven);
    const hashes = Object.values(mediaOf(await hashTree(join(rig.root, id))));
    const why = `${rig.policy.retentionPolicy}, unverified ${retentionUnverified}, ${JSON.stringify(plan)}`;
    known.push({ id, hashes, mayLeave, why, byHand: 'no', awaySinceMs: null });
  }
  return known;
}

async function setTraps(
  rig: RetentionRig,
  outside: string,
  random: Random,
  traps: Record<string, Trap>,
  known: readonly Known[],
): Promise<Record<string, string>> {
  for (const set of Object.values(traps)) {
    if (random() > 0.3) continue;
    const ids = known.map(({ id }) => id).sort(() => random() - 0.5);
    const stay = await set(rig.root, outside, ids);
    for (const each of known) if (stay.includes(each.id)) each.mayLeave = false;
  }
  return theirsIn(await hashTree(rig.root));
}

function theirsIn(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => name.endsWith('theirs.txt')));
}

/** Makes the library's rows lie: about what the bucket has, about pins, and about where things are. */
async function poison(rig: RetentionRig, outside: string, random: Random): Promise<void> {
  const path = join(rig.folder, 'profile', 'library.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return;
  const lies = [
    (row: string) => row.replaceAll('"pinned":true', '"pinned":false'),
    (row: string) => row.replaceAll('"status":"failed"', '"status":"completed"'),
    (row: string) =>
      row.replaceAll('"complete":false', '"complete":true').replaceAll('"state":"queued"', '"state":"verified"'),
    (row: string) => row.replaceAll(`"folder":"${rig.root}`, `"folder":"${outside}`),
    (row: string) => row.replaceAll(`"${rig.root}":`, `"${outside}":`),
    (row: string) => row.slice(0, row.length / 2),
  ];
  await writeFile(path, lies[Math.floor(random() * lies.length)]?.(text) ?? text);
}

async function liveOneRun(
  rig: RetentionRig,
  random: Random,
  known: readonly Known[],
  hands: boolean,
  life: Life,
  onJump: () => void,
): Promise<void> {
  const run = await rig.run();
  try {
    await run.pass(Math.floor(random() * 40) * HOUR_MS);
    if (hands) await useHands(run, random, known, life, rig.policy.retentionPolicy !== 'forever');
    if (random() < 0.06) {
      rig.time.jumpWall((random() - 0.3) * 4_000 * DAY_MS);
      onJump();
    }
    await run.pass(Math.floor(random() * 40) * HOUR_MS);
  } finally {
    await run.quit();
  }
  rig.time.advance(random() * 30 * HOUR_MS);
}

/** A run that is killed at some operation on the disk. */
async function liveAndDie(
  rig: RetentionRig,
  random: Random,
  known: readonly Known[],
  hands: boolean,
  life: Life,
): Promise<void> {
  const nth = 1 + Math.floor(random() * random() * 120);
  const moment = random() < 0.5 ? 'before' : 'after';
  const machine = createKillSwitch(rig.folder, { name: ANY_OPERATION, nth, moment });
  const opened = await rig.open({ files: machine.files, jobs: machine.jobs });
  const run: Pick<RetentionRun, 'harness' | 'retention'> = opened;
  const work = async (): Promise<void> => {
    await (
      await run.harness.recordings.recover()
    ).finished;
    run.retention.begin();
    await run.retention.status();
    if (hands) await useHands(run, random, known, life, rig.policy.retentionPolicy !== 'forever');
    for (let hour = 0; hour < 30; hour += 1) {
      rig.time.advance(HOUR_MS);
      await run.retention.status();
    }
    await run.retention.close();
    await run.harness.recordings.close({ limitMs: 1_000 });
  };
  await Promise.race([work(), machine.killed]);
  await machine.bury();
  if (machine.isKilled()) life.killed += 1;
}

/** What people do: they answer, read, delete, undo and empty. */
async function useHands(
  { harness, retention }: Pick<RetentionRun, 'harness' | 'retention'>,
  random: Random,
  known: readonly Known[],
  life: Life,
  cleansUp: boolean,
): Promise<void> {
  const { bin, question } = await retention.status();
  const draw = random();
  const one = known[Math.floor(random() * known.length)];
  const entry = bin[Math.floor(random() * bin.length)];
  try {
    if (question !== null) await retention.answer(draw < 0.7 ? 'moveToBin' : 'keep');
    else if (draw < 0.2) await retention.noticeSeen();
    else if (draw < 0.45 && one !== undefined) {
      one.byHand = one.byHand === 'emptied' ? 'emptied' : 'deleted';
      await harness.recordings.delete({ recordingId: one.id });
    } else if (draw < 0.7 && entry !== undefined) await retention.restore(entry.id);
    else if (draw < 0.8 && entry !== undefined) {
      for (const each of known) if (each.id === entry.recordingId) each.byHand = 'emptied';
      await retention.empty(entry.id);
    } else if (draw < 0.95 && cleansUp) await retention.cleanUp({ maxAgeMs: random() * 40 * DAY_MS });
  } catch (error) {
    // A refusal in words is an answer; anything else is a fault.
    if (!(error instanceof Error) || error.name !== 'AppError') life.faults.push(String(error));
  }
}

/** Looks where everything is, and whether it may be there. */
function judge(rig: RetentionRig, known: readonly Known[], tree: Record<string, string>, life: Life): string[] {
  const faults: string[] = [];
  const placesOf = new Map<string, string[]>();
  for (const [path, hash] of Object.entries(tree)) placesOf.set(hash, [...(placesOf.get(hash) ?? []), path]);
  const nowMs = rig.time.nowMs();
  for (const each of known) {
    const places = each.hashes.map((hash) => placesOf.get(hash) ?? []);
    const isHere = places.every((paths) => paths.some((path) => path.startsWith(`/${each.id}/`)));
    if (isHere) {
      each.awaySinceMs = null;
      continue;
    }
    if (each.awaySinceMs === null && each.byHand === 'no') life.left += 1;
    each.awaySinceMs ??= nowMs;
    if (!each.mayLeave && each.byHand === 'no') {
      const found = places.flat().join(', ') || 'nowhere';
      faults.push(`${each.id} (${each.why}) had to stay and is not in its place but ${found}`);
    }
    if (places.every((paths) => paths.length > 0)) continue;
    // Of what was restored and left again only the last stay counts; the first step in which it is seen away may be a run long.
    life.gone += 1;
    const leastMs = 7 * DAY_MS - BELIEVED_OF_JUMP_MS * life.jumps - 120 * HOUR_MS;
    if (each.byHand !== 'emptied' && nowMs - each.awaySinceMs < leastMs)
      faults.push(`${each.id} is gone for good too soon`);
    each.byHand = 'emptied';
  }
  return faults;
}
