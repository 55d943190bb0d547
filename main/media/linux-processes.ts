import { readFile, readdir } from 'node:fs/promises';
import { killGroup } from './kill-group.ts';
import { parseProcStat } from './process-readings.ts';
import type { ProcStat } from './process-readings.ts';
import { childMark } from './processes.ts';
import type { ProcessSystem } from './processes.ts';

let bootId: Promise<string> | null = null;

/** Processes as Linux tells of them in /proc. */
export const linuxProcesses: ProcessSystem = {
  startOf: async (pid) => {
    const stat = await statOf(pid);
    if (stat === null) return null;
    // Ticks begin anew with each boot, and so do pids.
    bootId ??= readText('/proc/sys/kernel/random/boot_id').then((text) => text?.trim() ?? 'unknown');
    return `${await bootId}/${stat.startTicks}`;
  },
  cpuMsOf: async (pid) => {
    const members = await membersOf(pid);
    return members.length === 0 ? null : members.reduce((sum, { stat }) => sum + stat.cpuMs, 0);
  },
  isOurs: hasMark,
  hasTree: async (pid) => {
    const marks = await Promise.all((await membersOf(pid)).map((member) => hasMark(member.pid)));
    return marks.includes(true);
  },
  signalTree: killGroup,
  killLeftovers: (pid) => killGroup(pid, 'SIGKILL'),
};

async function membersOf(group: number): Promise<{ pid: number; stat: ProcStat }[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  const pids = names.filter((name) => /^\d{1,10}$/.test(name)).map(Number);
  const all = await Promise.all(pids.map(async (pid) => ({ pid, stat: await statOf(pid) })));
  return all.flatMap(({ pid, stat }) => (stat?.processGroup === group ? [{ pid, stat }] : []));
}

async function statOf(pid: number): Promise<ProcStat | null> {
  const stat = parseProcStat((await readText(`/proc/${pid}/stat`)) ?? '');
  // Z and X: it has ended, and only its parent has not asked how.
  return stat === null || stat.state === 'Z' || stat.state === 'X' ? null : stat;
}

async function hasMark(pid: number): Promise<boolean> {
  const environment = await readText(`/proc/${pid}/environ`);
  return environment?.split('\0').includes(`${childMark.name}=${childMark.value}`) ?? false;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'latin1');
  } catch {
    return null;
  }
}
