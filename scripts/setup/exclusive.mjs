import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { cacheFolder } from './paths.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

const waitLimitMs = 20 * 60_000;
const pollMs = 200;

/**
 * Runs `work` while no other process of this repository runs work under the same name; a lock left behind by a dead
 * process is taken over.
 */
export async function exclusively(name, work, { folder = cacheFolder } = {}) {
  const lockPath = join(folder, `${name}.lock`);
  await mkdir(folder, { recursive: true });
  const release = await acquire(lockPath, name);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(lockPath, name) {
  const mine = JSON.stringify({ pid: process.pid, startedAt: processStart(process.pid), id: randomUUID() });
  const draft = `${lockPath}.${process.pid}.${randomUUID()}`;
  const giveUpAtMs = Date.now() + waitLimitMs;
  let told = false;
  // The lock is a hard link to a finished file: nobody ever reads half a lock.
  await writeFile(draft, mine);
  try {
    for (;;) {
      try {
        await link(draft, lockPath);
        return () => rm(lockPath, { force: true });
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const holder = await readFile(lockPath, 'utf8').catch(() => undefined);
      if (holder === undefined) continue;
      if (!isHeld(holder)) {
        await removeStale(lockPath, holder);
        continue;
      }
      if (Date.now() > giveUpAtMs) {
        throw new SetupError(`another set-up (${holder}) has held ${lockPath} for too long`, `rm ${lockPath}`);
      }
      if (!told) say(`waiting for another process that is busy with "${name}"`);
      told = true;
      await delay(pollMs);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves a dead process's lock away, and back again if somebody else had replaced it in between. */
async function removeStale(lockPath, holder) {
  const aside = `${lockPath}.${randomUUID()}`;
  try {
    await rename(lockPath, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved !== undefined && moved !== holder) await link(aside, lockPath).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Whether the process that wrote this lock still lives (a process id that was given again does not count). */
export function isHeld(lockText) {
  let lock;
  try {
    lock = JSON.parse(lockText);
  } catch {
    return false;
  }
  if (!Number.isInteger(lock?.pid)) return false;
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const start = processStart(lock.pid);
  return start === null || lock.startedAt === null || start === lock.startedAt;
}

/** When a process started, in clock ticks since boot (proc(5), field 22 of stat), or null where that is unknown. */
function processStart(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
