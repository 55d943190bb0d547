import { linuxProcesses } from './linux-processes.ts';
import { createProcesses } from './processes.ts';
import type { ProcessSystem, Processes } from './processes.ts';
import { psProcesses } from './ps-processes.ts';
import { windowsProcesses } from './windows-processes.ts';

/** The processes of this machine. */
export const systemProcesses: Processes = createProcesses(systemFor(process.platform));

const livingPids = new Set<number>();
let hooked = false;

/** Has the tree of a child ended when this process ends in any way that can be noticed; returns the undo. */
export function endWithApp(pid: number): () => void {
  livingPids.add(pid);
  if (!hooked) {
    hooked = true;
    process.on('exit', endPrograms);
  }
  return () => {
    livingPids.delete(pid);
  };
}

/**
 * Ends everything that is still running, at once: nothing may take time when the app goes, and a result under way has a
 * temporary name and is made again. To be called before Electron's `app.exit`, which does not always
 * emit `exit`.
 */
export function endPrograms(): void {
  for (const pid of livingPids) systemProcesses.signalTree(pid, 'SIGKILL');
}

function systemFor(platform: NodeJS.Platform): ProcessSystem {
  if (platform === 'linux') return linuxProcesses;
  return platform === 'win32' ? windowsProcesses : psProcesses;
}
