import { readdir, readFile } from 'node:fs/promises';

/** Ticks a second in /proc/<pid>/stat: fixed on Linux for user space (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

export type ProcessFacts = { pid: number; parent: number; args: string; cpuSeconds: number };
export type MemoryFacts = { residentMb: number; ownMb: number };

/** A process and everything it started, as Linux tells it; the first is the root. */
export async function processTree(rootPid: number): Promise<ProcessFacts[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(names.map((name) => factsOf(Number(name))))).flatMap((facts) => facts ?? []);
  const tree = all.filter(({ pid }) => pid === rootPid);
  for (const each of tree) tree.push(...all.filter(({ parent }) => parent === each.pid));
  return tree;
}

async function factsOf(pid: number): Promise<ProcessFacts | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    // The name is in brackets and may hold anything: fields are counted behind it, from the third on.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    return { pid, parent: Number(fields[1]), args, cpuSeconds };
  } catch {
    // It ended while we looked.
    return null;
  }
}

/** Processor seconds that a tree has used; processes that ended meanwhile are missing from it. */
export async function cpuSecondsOf(rootPid: number): Promise<number> {
  return (await processTree(rootPid)).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** Memory of one process: all of it that is resident, and what of that is its own (not files, not shared). */
export async function memoryOf(pid: number): Promise<MemoryFacts> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN);
  return { residentMb: kilobytes('VmRSS') / 1024, ownMb: kilobytes('RssAnon') / 1024 };
}
