import { setTimeout as delay } from 'node:timers/promises';

/**
 * A process as it can be known again after a restart of the app: a pid alone is given to somebody else sooner or later, a pid
 * and the time it began are not. `startedAt` is text of the platform's own making, to be compared and nothing else.
 */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/** What differs between platforms. Nothing here rejects: what cannot be read is not there. */
export type ProcessSystem = {
  /** When it began; null when there is no such process, or only its remains. */
  readonly startOf: (pid: number) => Promise<string | null>;
  /** CPU time of its tree (where the platform can tell, else its own) in milliseconds; null when nobody knows. */
  readonly cpuMsOf: (pid: number) => Promise<number | null>;
  /** Whether some run of this app started it, as far as the platform can tell. */
  readonly isOurs: (pid: number) => Promise<boolean>;
  /** Whether anything of the tree is left that some run of this app started, even when its root is gone. */
  readonly hasTree: (pid: number) => Promise<boolean>;
  /** Sends the signal to the whole tree; what is gone already is no error. SIGKILL is on its way when this returns. */
  readonly signalTree: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;
  /** Ends what a process that has just gone left behind in its tree. */
  readonly killLeftovers: (pid: number) => void;
};

/** Processes as a port. */
export type Processes = Pick<ProcessSystem, 'cpuMsOf' | 'signalTree' | 'killLeftovers'> & {
  /** Null when it is gone. */
  readonly identityOf: (pid: number) => Promise<ProcessIdentity | null>;
  /**
   * Ends the tree of a process if it is still the same one and ours: asked first, killed when it does not obey. Says whether
   * anything of it was there and whether it is gone now; takes about five seconds at most.
   */
  readonly endTree: (identity: ProcessIdentity) => Promise<{ readonly found: boolean; readonly gone: boolean }>;
};

/** Marks every program that this app starts, so that no other one is ever ended by mistake. */
export const childMark = { name: 'TALLYLIGHT_CHILD', value: '1' } as const;

const obeyWithinMs = 2_000;
const dieWithinMs = 3_000;
const lookEveryMs = 50;

/** Whether this can be the pid of a program: 0 and below address groups and everybody, 1 is the system's own. */
function isProgramPid(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1 && pid <= 0xff_ff_ff_ff;
}

/** The port over one platform's answers. */
export function createProcesses(system: ProcessSystem): Processes {
  const isGoneWithin = async (pid: number, limitMs: number): Promise<boolean> => {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      if (!(await system.hasTree(pid))) return true;
      if (performance.now() >= untilMs) return false;
      await delay(lookEveryMs);
    }
  };

  const isThere = async ({ pid, startedAt }: ProcessIdentity): Promise<boolean> => {
    const start = await system.startOf(pid);
    // As long as members of a group live, no other process gets its number: what is left then is of the same tree.
    if (start === null) return system.hasTree(pid);
    return start === startedAt && (await system.isOurs(pid));
  };

  const signalTree: Processes['signalTree'] = (pid, signal) => {
    if (isProgramPid(pid)) system.signalTree(pid, signal);
  };

  return {
    signalTree,
    killLeftovers: (pid) => {
      if (isProgramPid(pid)) system.killLeftovers(pid);
    },
    identityOf: async (pid) => {
      const startedAt = isProgramPid(pid) ? await system.startOf(pid) : null;
      return startedAt === null ? null : { pid, startedAt };
    },
    cpuMsOf: async (pid) => (isProgramPid(pid) ? system.cpuMsOf(pid) : null),
    endTree: async (identity) => {
      const { pid } = identity;
      if (!isProgramPid(pid) || pid === process.pid || !(await isThere(identity))) return { found: false, gone: true };
      signalTree(pid, 'SIGTERM');
      if (await isGoneWithin(pid, obeyWithinMs)) return { found: true, gone: true };
      signalTree(pid, 'SIGKILL');
      return { found: true, gone: await isGoneWithin(pid, dieWithinMs) };
    },
  };
}
