import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { createKillSwitch } from '../support/kill-switch.ts';
import { seededRandom } from '../support/lanes.ts';
import { hashTree } from '../support/media-report.ts';
import { makeHarness } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';
import { damageKinds } from './damage-kinds.ts';
import type { DamageKind } from './damage-kinds.ts';
import { packetsOf } from './loss.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures, failureOf, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { createTakeLog, makeSources, recordTake } from './take.ts';
import type { Sources } from './take.ts';

/** One damage takes 2 s on a quiet machine. */
const LIMIT_MS = 120_000;
type Known = { id: RecordingId; frames: number; tree: Record<string, string> };
type Profile = { name: string; copy: string; recordings: readonly Known[] };

/**
 * Damages journals and the library of a profile with two recordings, starts the service on it, and asks for every recording whose
 * segments are on the disk: listed, and playable with as many frames as before.
 */
export const damage: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const byKind = new Map<string, { tried: number; failed: number }>();
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-damage-'));
  const base = join(folder, 'disk');
  let started = 0;
  let lost = 0;
  try {
    const profiles = await makeProfiles(folder, base, await makeSources(folder));
    for (let index = 0; index < count; index += 1) {
      const random = seededRandom(seed * 1_000_033 + index);
      const kind = damageKinds[index % damageKinds.length];
      // Most are finished recordings: those are the ones that people have.
      const profile = profiles[random() < 0.3 ? 1 : 0];
      if (kind === undefined || profile === undefined) continue;
      const name = `damage ${index} of seed ${seed} (${kind.name}, ${profile.name})`;
      const outcome = await within(LIMIT_MS, name, tryOne(base, profile, kind, random)).catch((error: unknown) => ({
        started: false,
        lost: 0,
        failures: [failureOf(error)],
      }));
      if (outcome.started) started += 1;
      lost += outcome.lost;
      const tally = byKind.get(kind.name) ?? { tried: 0, failed: 0 };
      tally.tried += 1;
      if (outcome.failures.length > 0) tally.failed += 1;
      byKind.set(kind.name, tally);
      for (const failure of outcome.failures) failures.add(`${name}: ${failure}`);
      if ((index + 1) % 20 === 0) say(`damage ${index + 1}/${count}: ${failures.count()} failures`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const bad = [...byKind].filter(([, tally]) => tally.failed > 0);
  return {
    name: 'damage',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      kinds: byKind.size,
      started,
      recordingsLost: lost,
      failedByKind: bad.map(([kind, { tried, failed }]) => `${kind} ${failed}/${tried}`).join('; '),
    },
  };
};

/** Two profiles: one in which all is finished, and one whose second recording was interrupted. */
async function makeProfiles(folder: string, base: string, sources: Sources): Promise<Profile[]> {
  await mkdir(base);
  const plan = { format: 'mkv' as const, durationMs: 1_500, deviceChangeAtMs: 700, random: () => 0 };
  for (const point of [null, { name: 'sync journal', nth: 10, moment: 'before' as const }]) {
    const machine = createKillSwitch(base, point);
    const harness = await makeHarness({ folder: base, files: machine.files, jobs: machine.jobs });
    const driver = { halted: machine.isKilled, busy: machine.busy };
    await Promise.race([harness.recordings.recover(), machine.killed]);
    await recordTake(harness, sources, plan, createTakeLog(), driver);
    if (!machine.isKilled()) await harness.library.flush();
    await machine.bury();
  }
  const interrupted = join(folder, 'interrupted');
  await cp(base, interrupted, { recursive: true });
  const harness = await recoverOn(base);
  const recordings: Known[] = [];
  for (const recording of harness.recordings.list()) {
    recordings.push({
      id: recording.id,
      frames: await framesOf(recording),
      tree: await hashTree(recording.folder),
    });
  }
  const finished = join(folder, 'finished');
  await cp(base, finished, { recursive: true });
  return [
    { name: 'finished', copy: finished, recordings },
    { name: 'interrupted', copy: interrupted, recordings },
  ];
}

async function recoverOn(base: string): Promise<Harness> {
  const harness = await makeHarness({ folder: base });
  await (
    await harness.recordings.recover()
  ).finished;
  await harness.library.flush();
  return harness;
}

/** Frames of all that can be played of a recording. */
async function framesOf(recording: Recording): Promise<number> {
  let frames = 0;
  for (const deliverable of recording.deliverables) {
    const packets = await packetsOf(join(recording.folder, deliverable.file));
    frames += packets.audio.length + packets.video.length;
  }
  return frames;
}

async function tryOne(
  base: string,
  profile: Profile,
  kind: DamageKind,
  random: () => number,
): Promise<{ started: boolean; lost: number; failures: string[] }> {
  await rm(base, { recursive: true, force: true });
  await cp(profile.copy, base, { recursive: true });
  const journalOf = (known: Known | undefined): string => join(base, 'recordings', known?.id ?? '', 'journal.jsonl');
  const victims = random() < 0.5 ? profile.recordings : profile.recordings.toReversed();
  const library = join(base, 'profile', 'library.json');
  await kind.apply({ journal: journalOf(victims[0]), otherJournal: journalOf(victims[1]), library }, random);
  const damaged = await hashTree(join(base, 'recordings'));
  const failures: string[] = [];
  const harness = await recoverOn(base);
  const listed = harness.recordings.list();
  let lost = 0;
  for (const known of profile.recordings) {
    const recording = listed.find((each) => each.id === known.id);
    if (kind.newer && known === victims[0]) {
      // Another version's recording: nothing of it may be changed.
      const now = await hashTree(join(base, 'recordings'));
      const changed = Object.keys(now).filter((path) => path.includes(known.id) && now[path] !== damaged[path]);
      if (changed.length > 0) failures.push(`${changed.join(', ')} of a later version was changed`);
      continue;
    }
    const faults = recording === undefined ? ['it is not listed'] : await faultsOf(recording, known);
    if (faults.length > 0) lost += 1;
    failures.push(
      ...faults.map((fault) => `recording ${known === victims[0] ? 'with the damage' : 'beside it'}: ${fault}`),
    );
  }
  if (listed.length > profile.recordings.length) failures.push(`${listed.length} recordings are listed`);
  const again = await recoverOn(base);
  if (JSON.stringify(again.recordings.list()) !== JSON.stringify(listed)) {
    failures.push('the next start lists something else');
  }
  return { started: true, lost, failures };
}

async function faultsOf(recording: Recording, known: Known): Promise<string[]> {
  // What is as it was, byte for byte, was looked at before.
  if (recording.status === 'completed' && sameTree(await hashTree(recording.folder), known.tree)) return [];
  const faults = await faultsOfSaved(recording);
  if (faults.length > 0) return faults;
  const frames = await framesOf(recording);
  return frames < known.frames ? [`${known.frames - frames} of ${known.frames} frames are missing`] : [];
}

function sameTree(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
