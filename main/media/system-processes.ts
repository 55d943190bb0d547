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
    // Nothing may take time here: no asking first. A result under way has a temporary name and is made again.
    process.on('exit', () => {
      for (const each of livingPids) systemProcesses.signalTree(each, 'SIGKILL');
    });
  }
  return () => {
    livingPids.delete(pid);
  };
}

function systemFor(platform: NodeJS.Platform): ProcessSystem {
  if (platform === 'linux') return linuxProcesses;
  return platform === 'win32' ? windowsProcesses : psProcesses;
}
