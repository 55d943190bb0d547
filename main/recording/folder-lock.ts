import { join } from 'node:path';
import { z } from 'zod';
import type { ProcessIdentity } from '../media/processes.ts';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { fileErrorCode } from './ports.ts';
import type { Clock, Files, Ids, Scheduler } from './ports.ts';

/**
 * `held`: this app's alone. `inUse`: another app's. `unguarded`: no lock can be made there (a folder that may only be read, a disk
 * that is full, a file system that does not know how), which keeps nobody from working. `missing`: there is no such folder yet.
 */
export type LockState = 'held' | 'inUse' | 'unguarded' | 'missing';

/** Keeps two instances of the app from working in one recordings folder. */
export type FolderLocks = {
  /** Takes the lock of a folder, or says why not; never rejects, and is to be asked again later. */
  hold: (root: string) => Promise<LockState>;
  /** Gives back all that is held. */
  release: () => Promise<void>;
};

export type FolderLocksOptions = {
  files: Files;
  ids: Ids;
  clock: Clock;
  scheduler: Scheduler;
  hostName: string;
  /** Who a process of this machine is; null when it is gone, or when the system does not tell. */
  identityOf: (pid: number) => Promise<ProcessIdentity | null>;
};

const LOCK_FILE = '.lock';
const HEALING_FILE = '.lock-healing';
const MAX_LOCK_BYTES = 4096;
/** How often a holder says that it is there: all that another machine can know of it. */
const BEAT_MS = 30_000;
/** A lock of another machine without a sign of life for so long was left behind. */
const FOREIGN_STALE_MS = 5 * 60_000;
/** A lock that says nothing is being written just now, or was torn by a power cut. */
const UNREADABLE_STALE_MS = 10_000;

const lockSchema = z.object({
  instance: z.string().max(100),
  pid: z.int().min(1),
  startedAt: z.string().max(200),
  hostName: z.string().max(300),
});
type LockContent = z.infer<typeof lockSchema>;

/** Makes the locks of one running app. */
export function createFolderLocks(options: FolderLocksOptions): FolderLocks {
  const { files } = options;
  const instance = options.ids.next();
  const held = new Map<string, () => void>();
  let working: Promise<unknown> = Promise.resolve();

  /** Asked once: on some systems it takes another program to tell. */
  let identity: Promise<ProcessIdentity | null> | null = null;

  const contentOf = async (): Promise<LockContent> => {
    identity ??= options.identityOf(process.pid);
    const startedAt = (await identity)?.startedAt ?? '';
    return { instance, pid: process.pid, startedAt, hostName: options.hostName };
  };

  /** Makes the file, which must not be there; its bytes are on the disk when it resolves. */
  const make = async (path: string): Promise<void> => {
    const file = await files.create(path);
    try {
      await file.write(Buffer.from(JSON.stringify(await contentOf())), 0);
      await file.sync();
    } catch (error) {
      // A lock that says nothing would only be in the way.
      await files.unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  };

  const read = async (path: string): Promise<LockContent | null> => {
    try {
      const file = await files.open(path);
      try {
        const value: unknown = JSON.parse(Buffer.from(await file.read(0, MAX_LOCK_BYTES)).toString('utf8'));
        return parseUntrusted(lockSchema, value).data ?? null;
      } finally {
        await file.close();
      }
    } catch {
      return null;
    }
  };

  const isStale = async (path: string): Promise<boolean> => {
    const content = await read(path);
    const modifiedMs = await files.modifiedWallMs(path);
    const ageMs = modifiedMs === null ? 0 : options.clock.wallMs() - modifiedMs;
    if (content === null) return ageMs > UNREADABLE_STALE_MS;
    if (content.instance === instance) return true;
    // Another machine's processes cannot be asked; its lock is fresh as long as it beats.
    if (content.hostName !== options.hostName || content.startedAt === '') return ageMs > FOREIGN_STALE_MS;
    return (await options.identityOf(content.pid))?.startedAt !== content.startedAt;
  };

  /** Removes a lock that was left behind; two that find it at once must not remove each other's new one. */
  const heal = async (root: string): Promise<boolean> => {
    const lock = join(root, LOCK_FILE);
    const healing = join(root, HEALING_FILE);
    if (!(await isStale(lock))) return false;
    if ((await files.kind(healing)) !== null && (await isStale(healing))) await files.unlink(healing);
    await make(healing);
    try {
      if (!(await isStale(lock))) return false;
      await files.unlink(lock);
      await make(lock);
      return true;
    } finally {
      await files.unlink(healing);
    }
  };

  const beat = async (path: string): Promise<void> => {
    try {
      const file = await files.open(path);
      try {
        await file.write(Buffer.from(JSON.stringify(await contentOf())), 0);
      } finally {
        await file.close();
      }
    } catch {
      // A disk that is away for a moment: the next beat comes.
    }
  };

  const take = async (root: string): Promise<LockState> => {
    const path = join(root, LOCK_FILE);
    // Somebody may have removed the file by hand, or another drive is mounted there now.
    if (held.has(root) && (await read(path).catch(() => null))?.instance === instance) return 'held';
    held.get(root)?.();
    held.delete(root);
    try {
      if ((await files.kind(root)) === null) return 'missing';
      try {
        await make(path);
      } catch (error) {
        if (fileErrorCode(error) !== 'EEXIST') throw error;
        if (!(await heal(root))) return 'inUse';
      }
    } catch (error) {
      // Also when another app heals at this instant: it is the one that goes on.
      return fileErrorCode(error) === 'EEXIST' ? 'inUse' : 'unguarded';
    }
    held.set(
      root,
      options.scheduler.every(BEAT_MS, () => void beat(path)),
    );
    return 'held';
  };

  return {
    hold: (root) => {
      const taken = working.then(() => take(root));
      working = taken;
      return taken;
    },
    release: async () => {
      await working;
      for (const [root, stopBeating] of held) {
        stopBeating();
        const path = join(root, LOCK_FILE);
        if ((await read(path))?.instance === instance) await files.unlink(path).catch(() => undefined);
      }
      held.clear();
    },
  };
}

/** Whether one may change what is in a folder of which this is known. */
export function mayChange(state: LockState): boolean {
  return state !== 'inUse';
}
