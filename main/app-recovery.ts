import type { Log } from './log/log-file.ts';
import { nodeScheduler } from './recording/node-clock.ts';
import type { Recordings } from './recording/recording-service.ts';

/** Saving what was interrupted takes the processor that the window needs to show it; it begins when the list was shown, or then. */
const SAVE_AT_LAST_MS = 3_000;

/** The recordings while and after they are looked through at launch. */
export type LookedThrough = {
  /** The recordings, once they were looked through. */
  ready: () => Promise<Recordings>;
  /** The list was shown: what was interrupted may be saved now. */
  shown: () => void;
};

/** Looks the recordings through; the window opens meanwhile, and whoever asks for recordings waits for this. */
export function lookThrough(recordings: Recordings, log: Log): LookedThrough {
  const shown = Promise.withResolvers<void>();
  const undoShown = nodeScheduler.after(SAVE_AT_LAST_MS, shown.resolve);
  const recovered = recover(recordings, log, shown.promise);
  return {
    ready: async () => {
      await recovered;
      return recordings;
    },
    shown: () => {
      undoShown();
      shown.resolve();
    },
  };
}

async function recover(recordings: Recordings, log: Log, beginSaving: Promise<void>): Promise<void> {
  try {
    const { interrupted, shelves, finished } = await recordings.recover({ beginSaving });
    log.info({ interrupted: interrupted.length, shelves }, 'The recordings were looked through.');
    finished.catch((error: unknown) => log.error({ err: error }, 'An interrupted recording could not be saved.'));
  } catch (error) {
    // The app is of use without its old recordings; they stay where they are.
    log.error({ err: error }, 'The recordings could not be looked through.');
  }
}
