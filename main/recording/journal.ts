import { dirname, join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { journalLine, readJournalLines } from './journal-lines.ts';
import type { JournalReading } from './journal-lines.ts';
import type { JournalRecord } from './journal-records.ts';
import { MAX_JOURNAL_BYTES } from './limits.ts';
import type { Files, OpenFile } from './ports.ts';
import { JOURNAL_FILE } from './recording-folder.ts';

/** The append-only truth of one recording. */
export type Journal = {
  /**
   * Writes a record (not yet durable: see sync). When it rejects, the record is kept and goes out before the next one,
   * so that a full disk puts records late but never out of order.
   */
  append: (record: JournalRecord) => Promise<void>;
  /** Returns when all written records are on the disk. */
  sync: () => Promise<void>;
  /** Length of all that was written. */
  sizeBytes: () => number;
  close: () => Promise<void>;
};

/** Makes the journal of a new recording; the folder's names are durable when it returns. */
export async function createJournal(files: Files, folder: string): Promise<Journal> {
  const file = await files.create(join(folder, JOURNAL_FILE));
  await files.syncFolder(folder);
  await files.syncFolder(dirname(folder));
  return openAt(file, 0);
}

/** Reads a recording's journal without changing it; null when there is none. */
export async function readJournal(files: Files, folder: string): Promise<JournalReading | null> {
  const path = join(folder, JOURNAL_FILE);
  const sizeBytes = await files.sizeBytes(path);
  if (sizeBytes === null) return null;
  const file = await files.open(path);
  try {
    return readJournalLines(await file.read(0, Math.min(sizeBytes, MAX_JOURNAL_BYTES)));
  } finally {
    await file.close();
  }
}

/**
 * Opens an existing journal to go on writing behind its longest valid prefix. What is cut off there is kept beside it
 * unless it is a line that a crash tore. A journal of a later version is refused.
 */
export async function continueJournal(
  files: Files,
  folder: string,
): Promise<{ journal: Journal; reading: JournalReading }> {
  const path = join(folder, JOURNAL_FILE);
  const file = await openExisting(files, path);
  try {
    const bytes = await file.read(0, Math.min(await file.sizeBytes(), MAX_JOURNAL_BYTES));
    const reading = readJournalLines(bytes);
    if (reading.ending === 'newer') {
      throw new AppError('CONFLICT', 'This recording was made by a newer version of the app, which must open it.');
    }
    if (reading.ending !== 'clean') {
      if (reading.ending === 'damaged') await keepDamaged(files, folder, bytes.subarray(reading.validBytes));
      await file.truncate(reading.validBytes);
      await file.sync();
    }
    return { journal: openAt(file, reading.validBytes), reading };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openExisting(files: Files, path: string): Promise<OpenFile> {
  try {
    return await files.open(path);
  } catch (error) {
    throw new AppError('RECORDING_NOT_FOUND', 'The journal of this recording cannot be opened.', { cause: error });
  }
}

async function keepDamaged(files: Files, folder: string, bytes: Uint8Array): Promise<void> {
  for (let n = 1; n < 1000; n += 1) {
    const path = join(folder, `journal.damaged-${n}`);
    if ((await files.kind(path)) !== null) continue;
    const file = await files.create(path);
    try {
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.syncFolder(folder);
    return;
  }
}

function openAt(file: OpenFile, startBytes: number): Journal {
  let writtenBytes = startBytes;
  let unwritten: Uint8Array[] = [];
  let tail: Promise<void> = Promise.resolve();
  let syncedBytes = startBytes;
  let syncing: Promise<void> = Promise.resolve();
  let closed = false;

  const writeOut = async (): Promise<void> => {
    if (unwritten.length === 0) return;
    // A copy: records go on coming while this one is being written.
    const batch = [...unwritten];
    const bytes = Buffer.concat(batch);
    // Always at the end of the last good record: the rest of a write that failed is written over.
    await file.write(bytes, writtenBytes);
    writtenBytes += bytes.byteLength;
    unwritten = unwritten.slice(batch.length);
  };

  /** Writes go one after the other; syncs run beside them, because a slow disk must not hold up the next record. */
  const queue = (work: () => Promise<void>): Promise<void> => {
    const done = tail.then(work);
    tail = done.catch(() => undefined);
    return done;
  };

  const syncWritten = async (): Promise<void> => {
    await queue(writeOut);
    const covered = writtenBytes;
    if (covered === syncedBytes || closed) return;
    await file.sync();
    syncedBytes = Math.max(syncedBytes, covered);
  };

  return {
    append: (record) => {
      if (closed) return Promise.reject(new AppError('INTERNAL', 'A record came after the journal was closed.'));
      unwritten.push(journalLine(record));
      return queue(writeOut);
    },
    sync: () => {
      syncing = syncing.then(syncWritten, syncWritten);
      return syncing;
    },
    sizeBytes: () => writtenBytes,
    close: async () => {
      if (closed) return;
      closed = true;
      await syncing.catch(() => undefined);
      await queue(() => file.close());
    },
  };
}
