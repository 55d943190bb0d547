import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../support/lanes.ts';
import type { KillPoint } from '../support/kill-switch.ts';
import { deeds, tryDeed } from '../support/retention-deeds.ts';
import { liveWithRetention } from './retention-life.ts';
import { createFailures, failureOf, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** One life takes a second on a quiet machine. */
const LIMIT_MS = 120_000;

/**
 * Lets libraries of real folders, some of them traps, live for weeks with starts, kills, clocks that jump, and people who change their
 * minds; and kills each thing that retention does at one of its operations. Nothing outside may change, nothing may go that was not
 * to go, and all that is not gone for good must be there, byte for byte.
 */
export const retention: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const random = seededRandom(seed * 7_919 + 11);
  const figures = { lives: 0, recordings: 0, leftByThemselves: 0, goneForGood: 0, jumps: 0, killed: 0, deedsKilled: 0 };
  const points = await pointsOfDeeds();
  for (let index = 0; index < count; index += 1) {
    const name = `life ${index} of seed ${seed}`;
    const folder = await mkdtemp(join(tmpdir(), 'tallylight-retention-life-'));
    try {
      const outside = await makeOutside(folder);
      const life = await within(
        LIMIT_MS,
        name,
        liveWithRetention(folder, outside, seededRandom(seed * 100_003 + index), traps),
      );
      figures.lives += 1;
      figures.recordings += life.recordings;
      figures.leftByThemselves += life.left;
      figures.goneForGood += life.gone;
      figures.jumps += life.jumps;
      figures.killed += life.killed;
      for (const fault of life.faults) failures.add(`${name}: ${fault}`);
    } catch (error) {
      failures.add(`${name}: ${failureOf(error)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const deed = points[Math.floor(random() * points.length)];
    if (deed !== undefined) {
      const outcome = await within(LIMIT_MS, deed.name, tryDeed(deed.name, deed.point));
      if (outcome.killed) figures.deedsKilled += 1;
      for (const fault of outcome.faults) failures.add(`${deed.name}, killed ${JSON.stringify(deed.point)}: ${fault}`);
    }
    if ((index + 1) % 10 === 0) say(`retention ${index + 1}/${count}: ${failures.count()} failures`);
  }
  return {
    name: 'retention',
    ok: failures.count() === 0 && (figures.deedsKilled > 0 || count === 0),
    count,
    failures: failures.list(),
    figures: { ...figures, pointsInAll: points.length },
  };
};

/** Every operation of every deed, before and after it, and in the middle of a write. */
async function pointsOfDeeds(): Promise<{ name: string; point: KillPoint }[]> {
  const points: { name: string; point: KillPoint }[] = [];
  for (const name of Object.keys(deeds)) {
    const counts = new Map<string, number>();
    const { passed } = await tryDeed(name, null);
    for (const operation of passed) {
      const nth = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, nth);
      const moments = operation.startsWith('write ')
        ? (['before', 'half', 'after'] as const)
        : (['before', 'after'] as const);
      for (const moment of moments) points.push({ name, point: { name: operation, nth, moment } });
    }
  }
  return points;
}

/** A folder that is nobody's business, with a backup of a recording in it. */
async function makeOutside(folder: string): Promise<string> {
  const outside = join(folder, 'outside');
  await mkdir(join(outside, 'photos'), { recursive: true });
  await writeFile(join(outside, 'letter.txt'), 'mine');
  await writeFile(join(outside, 'photos', 'me.jpg'), Buffer.alloc(3_000, 7));
  return outside;
}

/** Ways to make a recordings folder dangerous; each says which recordings must stay because of it. */
const traps: Record<string, (root: string, outside: string, ids: readonly string[]) => Promise<string[]>> = {
  'a recording is a link': async (root, outside) => {
    await symlink(outside, join(root, '00000000-0000-4000-8000-00000000aaa1'));
    return [];
  },
  'a link in a recording': async (root, outside, [id = '']) => {
    await symlink(outside, join(root, id, 'segments', 'way-out'));
    await symlink(join(outside, 'letter.txt'), join(root, id, 'deliverables', 'letter'));
    return [id];
  },
  'a hard link to a recording': async (root, outside, [id = '']) => {
    await link(join(root, id, 'segments', 'mix-0.webm'), join(outside, `${id}.webm`)).catch(() => undefined);
    return [];
  },
  'a hard link in a recording': async (root, outside, [id = '']) => {
    await link(join(outside, 'letter.txt'), join(root, id, 'deliverables', 'letter.txt'));
    return [id];
  },
  'a foreign folder with a name like ours': async (root) => {
    const folder = join(root, '00000000-0000-4000-8000-00000000aaa2');
    await mkdir(folder);
    await writeFile(join(folder, 'theirs.txt'), 'theirs');
    return [];
  },
  "another recording's journal": async (root, _outside, ids) => {
    const folder = join(root, '00000000-0000-4000-8000-00000000aaa3');
    await mkdir(folder);
    await writeFile(join(folder, 'theirs.txt'), 'theirs');
    await writeFile(join(folder, 'journal.jsonl'), await readFile(join(root, ids[0] ?? '', 'journal.jsonl')));
    return [];
  },
  'foreign things in the bin': async (root, outside) => {
    const bin = join(root, '.bin');
    await mkdir(join(bin, 'theirs'), { recursive: true });
    await writeFile(join(bin, 'theirs', 'theirs.txt'), 'theirs');
    await mkdir(join(bin, '00000000-0000-4000-8000-00000000aaa4.0.recording'));
    await writeFile(join(bin, '00000000-0000-4000-8000-00000000aaa4.0.recording', 'theirs.txt'), 'theirs');
    await symlink(outside, join(bin, '00000000-0000-4000-8000-00000000aaa5.0.media'));
    return [];
  },
  'a bin that is a link': async (root, outside, ids) => {
    if ((await readdir(root)).includes('.bin')) return [];
    await symlink(outside, join(root, '.bin'));
    return [...ids];
  },
};
