import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Recording } from '../../contract/recording.ts';
import { makeBigTake, makeFinishedTakes } from './big-take.ts';
import { createFailures } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { faultsOfSaved } from './saved-recording.ts';

const TRACKS = 6;
const FINISHED_TAKES = 200;
const MIB = 1024 * 1024;
/** Issue 3's bars. */
const MAX_LISTED_MS = 2_000;
const MAX_RISE_BYTES = 150 * MIB;
const MAX_FINISH_MS_PER_MINUTE = 1_000;
const LOOK_EVERY_MS = 25;

type Listed = { event: 'listed'; rssBytes: number; startMs: number; listedMs: number; count: number };
type Finished = {
  event: 'finished';
  finishedMs: number;
  stuckMs: number;
  fallbacks: number;
  recording: Recording | null;
};

/**
 * An interrupted recording of so many gigabytes beside 200 finished ones and no library: how soon all are listed, how long saving
 * takes, and what the app and its helpers take of memory meanwhile.
 */
export const bigRecovery: Scenario = async ({ count, say }) => {
  const failures = createFailures();
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-big-'));
  try {
    const root = join(folder, 'recordings');
    await makeFinishedTakes(root, FINISHED_TAKES);
    const take = await makeBigTake(root, TRACKS, count * 1024 * MIB);
    say(`big-recovery: ${count} GiB of ${TRACKS} tracks are written, ${Math.round(take.durationMs / 60_000)} minutes`);
    const { listed, finished, peakBytes } = await restart(root, join(folder, 'profile'));
    const riseBytes = peakBytes - listed.rssBytes;
    const minutes = take.durationMs / 60_000;
    const { recording } = finished;
    if (listed.count !== FINISHED_TAKES + 1) failures.add(`${listed.count} recordings are listed`);
    // Of the process's own start most is Node reading TypeScript, which the app, one bundle, does not do.
    const listedMs = listed.listedMs - listed.startMs;
    if (listedMs > MAX_LISTED_MS) failures.add(`listed after ${Math.round(listedMs)} ms`);
    if (riseBytes > MAX_RISE_BYTES) failures.add(`the memory rose by ${Math.round(riseBytes / MIB)} MiB`);
    if (finished.fallbacks > 0) failures.add('the scanning thread could not be used');
    if (finished.finishedMs > minutes * MAX_FINISH_MS_PER_MINUTE) {
      failures.add(`saved after ${Math.round(finished.finishedMs)} ms, ${minutes.toFixed(1)} minutes were recorded`);
    }
    if (recording === null) failures.add('the interrupted recording is not there');
    else {
      // Decoding hours would take hours: the index, the sizes and the lengths are looked at.
      for (const fault of await faultsOfSaved(recording, { decodes: false })) failures.add(fault);
      if (recording.deliverables.length !== TRACKS) failures.add(`${recording.deliverables.length} files came of it`);
      if (Math.abs(recording.durationMs - take.durationMs) > 500) {
        failures.add(`${recording.durationMs} ms were saved of ${take.durationMs}`);
      }
    }
    return {
      name: 'big-recovery',
      ok: failures.count() === 0,
      count,
      failures: failures.list(),
      figures: {
        gibibytes: count,
        recordedMinutes: Number(minutes.toFixed(1)),
        listedMs: Math.round(listedMs),
        listedAfterProcessStartMs: Math.round(listed.listedMs),
        finishedMs: Math.round(finished.finishedMs),
        longestStandstillMs: Math.round(finished.stuckMs),
        riseMiB: Math.round(riseBytes / MIB),
        baseMiB: Math.round(listed.rssBytes / MIB),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Starts the service in a process of its own and watches the memory of that and of its children. */
async function restart(root: string, profile: string) {
  const script = fileURLToPath(new URL('./big-recovery-app.ts', import.meta.url));
  const child = spawn(process.execPath, [script, root, profile], { stdio: ['ignore', 'pipe', 'inherit'] });
  let peakBytes = 0;
  const look = async (): Promise<void> => {
    while (child.exitCode === null && child.signalCode === null) {
      peakBytes = Math.max(peakBytes, await treeBytes(child.pid ?? 0));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const looked = look();
  let listed: Listed | null = null;
  let finished: Finished | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as Listed | Finished;
    if (event.event === 'listed') listed = event;
    else finished = event;
  }
  await looked;
  if (listed === null || finished === null) throw new Error('The service did not come to its end.');
  return { listed, finished, peakBytes };
}

/** Resident bytes of a process and all below it. */
async function treeBytes(pid: number): Promise<number> {
  try {
    const pages = Number((await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')[1]);
    let bytes = pages * 4096;
    for (const task of await readdir(`/proc/${pid}/task`)) {
      const children = (await readFile(`/proc/${pid}/task/${task}/children`, 'latin1')).split(' ').filter(Boolean);
      for (const child of children) bytes += await treeBytes(Number(child));
    }
    return bytes;
  } catch {
    // It has ended.
    return 0;
  }
}
