import { join } from 'node:path';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { LibraryRow } from '../library/library-file.ts';
import type { Library } from '../library/library.ts';
import { foldRecords, toRecording } from './fold.ts';
import { readJournal } from './journal.ts';
import type { Files } from './ports.ts';
import { JOURNAL_FILE } from './recording-folder.ts';

/** What looking through a recordings folder found. */
export type ShelfReport = {
  /** Journals that were read because their row was missing or old. */
  refolded: number;
  /** Rows whose recording is no longer there. */
  gone: number;
  /** Folders that look like a recording but whose journal cannot be read; they are left as they are. */
  unreadable: string[];
};

/** Brings the library's rows of one recordings folder in step with the journals that are in it. */
export async function readShelf(files: Files, library: Library, root: string): Promise<ShelfReport> {
  const report: ShelfReport = { refolded: 0, gone: 0, unreadable: [] };
  // A drive that is not plugged in says nothing about the recordings on it.
  if ((await files.kind(root)) !== 'folder') return report;
  const rows = new Map(library.rows(root).map((row) => [row.recording.id, row]));
  for (const entry of await files.list(root)) {
    const id = recordingIdSchema.safeParse(entry.name);
    if (entry.kind !== 'folder' || !id.success) continue;
    const folder = join(root, entry.name);
    const row = rows.get(id.data);
    rows.delete(id.data);
    const sizeBytes = await files.sizeBytes(join(folder, JOURNAL_FILE));
    if (row !== undefined && row.journalBytes === sizeBytes && row.recording.folder === folder) continue;
    const fresh = sizeBytes === null ? null : await foldFolder(files, folder);
    if (fresh === null || fresh.recording.id !== id.data) {
      report.unreadable.push(folder);
      continue;
    }
    library.put(root, fresh);
    report.refolded += 1;
  }
  for (const id of rows.keys()) {
    library.remove(id);
    report.gone += 1;
  }
  return report;
}

async function foldFolder(files: Files, folder: string): Promise<LibraryRow | null> {
  try {
    const reading = await readJournal(files, folder);
    const model = reading === null ? null : foldRecords(reading.records);
    if (reading === null || model === null) return null;
    return {
      recording: toRecording(model, folder, { progress: null, elapsedMs: null }),
      journalBytes: reading.validBytes,
    };
  } catch {
    // One folder that cannot be read must not hide the others.
    return null;
  }
}
