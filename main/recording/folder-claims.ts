import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Library } from '../library/library.ts';
import { mayChange } from './folder-lock.ts';
import type { FolderLocks } from './folder-lock.ts';
import type { Scheduler } from './ports.ts';

/** Asked before anything in a recordings folder is changed. */
export type FolderClaims = {
  /** Throws FOLDER_IN_USE while another instance of the app works in this folder. */
  claim: (root: string) => Promise<void>;
  /** The same for the folder that a recording is in; nothing for one that nobody knows. */
  claimOf: (recordingId: RecordingId) => Promise<void>;
  /** Goes on asking for a folder that was another's, until it is ours or `stop` is called. */
  await: (root: string) => void;
  stop: () => void;
};

/** An app that is started while the last one is still closing has its folder this soon after. */
const ASK_AGAIN_MS = 1_000;

/** Makes the claims of a service; `recover` looks through a folder that was another's when it was looked through last. */
export function createFolderClaims(options: {
  locks: FolderLocks | null;
  library: Library;
  scheduler: Scheduler;
  recover: (root: string) => Promise<unknown>;
}): FolderClaims {
  const refused = new Set<string>();
  const taking = new Map<string, Promise<boolean>>();
  let undo: (() => void) | null = null;
  let asking = false;

  const stop = (): void => {
    undo?.();
    undo = null;
  };

  const takeNow = async (root: string): Promise<boolean> => {
    if (!mayChange((await options.locks?.hold(root)) ?? 'held')) return false;
    if (refused.delete(root)) await options.recover(root);
    if (refused.size === 0) stop();
    return true;
  };

  /**
   * True when it may be worked in; what the other one left unfinished was not touched before, and is looked for now. Whoever asks
   * meanwhile waits for that too: it must not come upon a recording that is just being begun.
   */
  const take = (root: string): Promise<boolean> => {
    const underWay = taking.get(root);
    if (underWay !== undefined) return underWay;
    const taken = takeNow(root).finally(() => taking.delete(root));
    taking.set(root, taken);
    return taken;
  };

  const askAgain = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    for (const root of refused) await take(root).catch(() => false);
    asking = false;
  };

  const wait = (root: string): void => {
    refused.add(root);
    undo ??= options.scheduler.every(ASK_AGAIN_MS, () => void askAgain());
  };

  const claim = async (root: string): Promise<void> => {
    if (await take(root)) return;
    wait(root);
    throw new AppError('FOLDER_IN_USE', `Another Tallylight is using ${root}.`, {
      retryable: true,
      details: { path: root },
    });
  };

  return {
    claim,
    claimOf: async (recordingId) => {
      const found = options.library.find(recordingId);
      if (found !== null) await claim(found.root);
    },
    await: wait,
    stop,
  };
}
