import { Low } from 'lowdb';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Files, Ids, Scheduler } from '../recording/ports.ts';
import { createLibraryFile, LIBRARY_SCHEMA } from './library-file.ts';
import type { LibraryData, LibraryRow, LibraryState } from './library-file.ts';
import { createLibraryIndex } from './library-index.ts';
import type { FoundRow, LibraryTotals } from './library-index.ts';

export type { LibraryTotals } from './library-index.ts';

/** The index of recordings, per recordings folder: a cache over the journals that may be lost at any time. */
export type Library = {
  /** Reads the index; whatever it finds, the library is usable afterwards. */
  load: () => Promise<LibraryState>;
  /** Recordings folders that it has rows of. */
  roots: () => string[];
  rows: (root: string) => readonly LibraryRow[];
  find: (recordingId: RecordingId) => FoundRow | null;
  /** All recordings of all folders, newest first; shared until the next change, so never changed. */
  list: () => readonly Recording[];
  totals: () => LibraryTotals;
  /** Takes over a row; the file follows a moment later. */
  put: (root: string, row: LibraryRow) => void;
  /** Its folder stays one that the library has, also without a row: something of it may lie in the bin there. */
  remove: (recordingId: RecordingId) => void;
  /** Leaves out a recordings folder without rows from now on. */
  forget: (root: string) => void;
  /** Writes what is not written yet; never rejects, because nothing is lost without it. */
  flush: () => Promise<void>;
};

export type LibraryOptions = {
  files: Files;
  ids: Ids;
  scheduler: Scheduler;
  /** The index file in the app's profile. */
  path: string;
  onWriteFailed: (error: unknown) => void;
};

// One write of 10,000 rows blocks for 99 ms (FACTS.md): changes of a burst go out together.
const WRITE_DELAY_MS = 300;

/** Makes a library over one index file. */
export function createLibrary(options: LibraryOptions): Library {
  const file = createLibraryFile(options.files, options.ids, options.path);
  const low = new Low<LibraryData>(file, emptyLibrary());
  let undoTimer: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();

  const writeAfter = async (before: Promise<void>): Promise<void> => {
    await before;
    try {
      await low.write();
    } catch (error) {
      options.onWriteFailed(error);
    }
  };

  const write = (): Promise<void> => {
    undoTimer?.();
    undoTimer = null;
    writing = writeAfter(writing);
    return writing;
  };

  const index = createLibraryIndex(() => low.data);

  const changed = (): void => {
    undoTimer ??= options.scheduler.after(WRITE_DELAY_MS, () => void write());
  };

  return {
    load: async () => {
      await low.read();
      index.rebuilt();
      // lowdb keeps its default when nothing could be read.
      return file.state();
    },
    roots: () => Object.keys(low.data.folders),
    rows: (root) => low.data.folders[root] ?? [],
    find: index.find,
    list: index.newestFirst,
    totals: index.totals,
    put: (root, row) => {
      const others = (low.data.folders[root] ?? []).filter((each) => each.recording.id !== row.recording.id);
      low.data.folders[root] = [...others, row];
      index.changed(row.recording.id, { root, row });
      changed();
    },
    remove: (recordingId) => {
      const found = index.find(recordingId);
      if (found === null) return;
      const rest = (low.data.folders[found.root] ?? []).filter((each) => each.recording.id !== recordingId);
      low.data.folders[found.root] = rest;
      index.changed(recordingId, null);
      changed();
    },
    forget: (root) => {
      if (low.data.folders[root]?.length !== 0) return;
      delete low.data.folders[root];
      changed();
    },
    flush: async () => {
      if (undoTimer !== null) await write();
      else await writing;
    },
  };
}

function emptyLibrary(): LibraryData {
  return { schema: LIBRARY_SCHEMA, folders: {} };
}
