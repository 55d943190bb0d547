import { execFile } from 'node:child_process';
import { killGroup } from './kill-group.ts';
import { parsePsStart, parsePsTimeMs } from './process-readings.ts';
import type { ProcessSystem } from './processes.ts';

/** Processes as `ps` tells of them, for macOS: there is no /proc. Environments cannot be read, so the start decides alone. */
export const psProcesses: ProcessSystem = {
  startOf: async (pid) => parsePsStart(await ps('lstart=', pid)),
  cpuMsOf: async (pid) => parsePsTimeMs(await ps('time=', pid)),
  isOurs: async () => true,
  hasTree: async (pid) => {
    // Of a tree without its root nobody can tell here whose it was.
    const state = (await ps('stat=', pid)).trim();
    return state !== '' && !state.startsWith('Z');
  },
  signalTree: killGroup,
  killLeftovers: (pid) => killGroup(pid, 'SIGKILL'),
};

function ps(column: string, pid: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // Day and month names in one language, whatever the machine speaks; one time zone, wherever it travels.
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const options = { env, timeout: 5_000, killSignal: 'SIGKILL' } as const;
  execFile('/bin/ps', ['-o', column, '-p', String(pid)], options, (error, stdout) =>
    resolve(error === null ? stdout : ''),
  );
  return promise;
}
