import { join } from 'node:path';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { LibraryRow } from '../library/library-file.ts';
import type { Library } from '../library/library.ts';
import { diskError } from './disk-error.ts';
import { startedModel, toRecording } from './fold.ts';
import { finishReplacing, foldJournal, hasStart } from './journal.ts';
import type { FoldedJournal } from './journal.ts';
import { JOURNAL_VERSION } from './journal-records.ts';
import type { Clock, Files, Ids } from './ports.ts';
import { JOURNAL_FILE, SEGMENTS_FOLDER } from './recording-folder.ts';
import { rebuildJournal } from './salvage.ts';
import { UNKNOWN_CALL } from './salvage-plan.ts';
import { isOwnEntry } from './strange-files.ts';

/** What looking through a recordings folder found. */
export type ShelfReport = {
  /** Journals that were read because their row was missing or old. */
  refolded: number;
  /** Journals that had to be made anew from the files. */
  rebuilt: number;
  /** Rows whose recording is no longer there. */
  gone: number;
  /** Recordings whose journal has something behind its last good line. */
  frayed: RecordingId[];
  /** Folders that look like a recording but cannot be read; they are left as they are and listed with the reason. */
  unreadable: string[];
  /** Why the whole folder could not be looked through; its rows stay as they are. */
  error: string | null;
};

export type ShelfPorts = { files: Files; ids: Ids; clock: Clock; library: Library };

/** A length that no journal has: such a row is made again at each start. */
const NEVER_CURRENT = -1;

/**
 * Brings the library's rows of one recordings folder in step with the journals that are in it. A journal without a start is made
 * again from the files, but only where `mayChange`. `isTaken` says which recordings somebody is at work on.
 */
export async function readShelf(
  ports: ShelfPorts,
  root: string,
  options: { mayChange: boolean; isTaken: (recordingId: RecordingId) => boolean },
): Promise<ShelfReport> {
  const report: ShelfReport = { refolded: 0, rebuilt: 0, gone: 0, frayed: [], unreadable: [], error: null };
  const { files, library } = ports;
  try {
    // A drive that is not plugged in says nothing about the recordings on it.
    if ((await files.kind(root)) !== 'folder') return report;
    const rows = new Map(library.rows(root).map((row) => [row.recording.id, row]));
    for (const entry of await files.list(root)) {
      const id = parseUntrusted(recordingIdSchema, entry.name);
      if (entry.kind !== 'folder' || !id.success) continue;
      const row = rows.get(id.data) ?? null;
      rows.delete(id.data);
      if (!options.isTaken(id.data)) await readOne(ports, root, id.data, row, options.mayChange, report);
    }
    for (const id of rows.keys()) {
      library.remove(id);
      report.gone += 1;
    }
  } catch (error) {
    // One folder that cannot be looked through must not hide the others.
    report.error = diskError(error, `${root} cannot be looked through`).message;
  }
  return report;
}

async function readOne(
  ports: ShelfPorts,
  root: string,
  id: RecordingId,
  row: LibraryRow | null,
  mayChange: boolean,
  report: ShelfReport,
): Promise<void> {
  const { files, library } = ports;
  const folder = join(root, id);
  try {
    const sizeBytes = await files.sizeBytes(join(folder, JOURNAL_FILE));
    const isCurrent = row !== null && row.journalBytes === sizeBytes && row.recording.folder === folder;
    // A journal of the right length may still be zeros after a power cut; its first line is looked at for every one.
    if (isCurrent && (await hasStart(files, folder, id))) return;
    let folded = await foldJournal(files, folder, id);
    if (mayChange && folded === null && (await finishReplacing(files, folder, id))) {
      folded = await foldJournal(files, folder, id);
    }
    const refusal = refusalOf(folded);
    if (refusal !== null) {
      list(refusal);
      return;
    }
    if (folded === null || folded.model === null) {
      // It may be the first instant of a recording: whoever works in this folder knows and lists it.
      if (!mayChange) return;
      if (!(await isOurs(files, folder))) {
        // Somebody else's folder under a name like ours; a row of it was never true.
        if (row !== null) library.remove(id);
        return;
      }
      await rebuildJournal(
        { files, ids: ports.ids, nowWallMs: ports.clock.wallMs },
        folder,
        id,
        folded,
        row?.recording ?? null,
      );
      report.rebuilt += 1;
      folded = await foldJournal(files, folder, id);
    }
    if (folded === null || folded.model === null) throw new Error('A journal that was just made cannot be read.');
    const recording = toRecording(folded.model, folder, { progress: null, elapsedMs: null });
    library.put(root, { recording, journalBytes: folded.validBytes });
    report.refolded += 1;
    if (folded.ending === 'torn' || folded.ending === 'damaged') report.frayed.push(id);
  } catch (error) {
    const { code, message } = diskError(error, 'this recording cannot be read');
    list({ code, message, retryable: false });
  }

  /** Nothing is hidden: what cannot be read is in the list with the reason. */
  function list(error: ErrorShape): void {
    report.unreadable.push(folder);
    library.put(root, { recording: unreadable(folder, id, row, error, ports.clock), journalBytes: NEVER_CURRENT });
  }
}

/** Whether a folder without a journal that could be read may be one that the recorder made, as much of it as is left. */
async function isOurs(files: Files, folder: string): Promise<boolean> {
  if ((await files.kind(join(folder, SEGMENTS_FOLDER))) === 'folder') return true;
  return (await files.list(folder)).every(isOwnEntry);
}

/** Why a journal must be left as it is; null when it may be worked with. */
function refusalOf(folded: FoldedJournal | null): ErrorShape | null {
  if (folded === null) return null;
  if (folded.model === null && folded.ending === 'newer') {
    return {
      code: 'CONFLICT',
      message: 'This recording was made by a newer version of the app, which must open it.',
      retryable: false,
    };
  }
  return null;
}

function unreadable(
  folder: string,
  id: RecordingId,
  row: LibraryRow | null,
  error: ErrorShape,
  clock: Clock,
): LibraryRow['recording'] {
  if (row !== null) return { ...row.recording, folder, status: 'failed', error, progress: null };
  const model = startedModel({
    kind: 'started',
    version: JOURNAL_VERSION,
    recordingId: id,
    callId: UNKNOWN_CALL,
    title: 'A recording that cannot be read',
    recordedBy: '',
    format: 'mkv',
    startedAt: new Date(clock.wallMs()).toISOString(),
  });
  return toRecording({ ...model, status: 'failed', error }, folder, { progress: null, elapsedMs: null });
}
