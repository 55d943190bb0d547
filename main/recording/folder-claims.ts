import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Library } from '../library/library.ts';
import { mayChange } from './folder-lock.ts';
import type { FolderLocks } from './folder-lock.ts';

/** Asked before anything in a recordings folder is changed. */
export type FolderClaims = {
  /** Throws FOLDER_IN_USE while another instance of the app works in this folder. */
  claim: (root: string) => Promise<void>;
  /** The same for the folder that a recording is in; nothing for one that nobody knows. */
  claimOf: (recordingId: RecordingId) => Promise<void>;
};

/** Makes the claims of a service; `recover` looks through a folder that was another's when the app was started. */
export function createFolderClaims(options: {
  locks: FolderLocks | null;
  library: Library;
  recover: (root: string) => Promise<unknown>;
}): FolderClaims {
  const refused = new Set<string>();

  const claim = async (root: string): Promise<void> => {
    const state = (await options.locks?.hold(root)) ?? 'held';
    if (!mayChange(state)) {
      refused.add(root);
      throw new AppError('FOLDER_IN_USE', `Another Tallylight is using ${root}.`, {
        retryable: true,
        details: { path: root },
      });
    }
    // What the other one left unfinished was not touched at launch.
    if (refused.delete(root)) await options.recover(root);
  };

  return {
    claim,
    claimOf: async (recordingId) => {
      const found = options.library.find(recordingId);
      if (found !== null) await claim(found.root);
    },
  };
}
