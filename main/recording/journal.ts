import { dirname, join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { createFold } from './fold.ts';
import { createBehind } from './journal-behind.ts';
import { createJournalReader, journalLine } from './journal-lines.ts';
import type { JournalEnd } from './journal-lines.ts';
import type { JournalRecord } from './journal-records.ts';
import type { Files, OpenFile } from './ports.ts';
import { JOURNAL_FILE } from './recording-folder.ts';
import type { RecordingModel } from './recording-model.ts';

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

/** All that a journal says. */
export type FoldedJournal = JournalEnd & {
  /** Null when the journal does not begin with the start of a recording. */
  model: RecordingModel | null;
  /** Good records behind a damaged place. */
  behind: readonly JournalRecord[];
};

/** Whether a journal's first line is the start of a recording, whatever follows; false when there is none. */
export async function hasStart(files: Files, folder: string, recordingId: RecordingId): Promise<boolean> {
  const file = await files.open(join(folder, JOURNAL_FILE));
  try {
    let first: JournalRecord | null = null;
    createJournalReader(recordingId, (record) => {
      first ??= record;
    }).push(await file.read(0, START_BYTES));
    return first !== null;
  } finally {
    await file.close();
  }
}

/** Reads a recording's journal without changing it and without keeping it in memory; null when there is none. */
export async function foldJournal(
  files: Files,
  folder: string,
  recordingId: RecordingId,
): Promise<FoldedJournal | null> {
  const path = join(folder, JOURNAL_FILE);
  if ((await files.sizeBytes(path)) === null) return null;
  const file = await files.open(path);
  try {
    return await foldOpen(file, recordingId);
  } finally {
    await file.close();
  }
}

/**
 * Opens an existing journal to go on writing behind its longest valid prefix. What is cut off there is kept beside it
 * unless it is a line that a crash tore. A journal of a later version, or one without a start, is refused and left as it is.
 */
export async function continueJournal(
  files: Files,
  folder: string,
  recordingId: RecordingId,
): Promise<{ journal: Journal; folded: FoldedJournal & { model: RecordingModel } }> {
  const path = join(folder, JOURNAL_FILE);
  const file = await openExisting(files, path);
  try {
    const folded = await foldOpen(file, recordingId);
    const { model, ending, validBytes } = folded;
    if (ending === 'newer') {
      throw new AppError('CONFLICT', 'This recording was made by a newer version of the app, which must open it.');
    }
    if (model === null) {
      throw new AppError('RECORDING_NOT_FOUND', 'The journal of this recording does not begin with its start.');
    }
    if (ending !== 'clean') {
      if (ending === 'damaged') await keepDamaged(files, folder, file, validBytes);
      await file.truncate(validBytes);
      await file.sync();
    }
    return { journal: openAt(file, validBytes), folded: { ...folded, model } };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Puts a new journal in the place of one that is damaged from its first line on, or missing. What was there is kept beside it;
 * killed anywhere in it, either the old journal or the new one is found (see `finishReplacing`).
 */
export async function replaceJournal(files: Files, folder: string, records: readonly JournalRecord[]): Promise<void> {
  const replacement = join(folder, REPLACEMENT_FILE);
  await files.unlink(replacement);
  const file = await files.create(replacement);
  try {
    await file.write(Buffer.concat(records.map(journalLine)), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.syncFolder(folder);
  const path = join(folder, JOURNAL_FILE);
  if ((await files.kind(path)) !== null) {
    await files.rename(path, await freeDamagedPath(files, folder));
    await files.syncFolder(folder);
  }
  await files.rename(replacement, path);
  await files.syncFolder(folder);
}

/** Goes on where replacing a journal was cut off between its two renames; true when there is a journal now. */
export async function finishReplacing(files: Files, folder: string, recordingId: RecordingId): Promise<boolean> {
  const path = join(folder, JOURNAL_FILE);
  const replacement = join(folder, REPLACEMENT_FILE);
  if ((await files.kind(path)) !== null || (await files.sizeBytes(replacement)) === null) return false;
  const file = await files.open(replacement);
  try {
    const { model, ending } = await foldOpen(file, recordingId);
    if (model === null || ending !== 'clean') return false;
  } finally {
    await file.close();
  }
  await files.rename(replacement, path);
  await files.syncFolder(folder);
  return true;
}

const REPLACEMENT_FILE = 'journal.replacement';
const READ_BYTES = 256 * 1024;
/** More than the longest first line: names of at most 200 characters and a few ids. */
const START_BYTES = 4096;

async function foldOpen(file: OpenFile, recordingId: RecordingId): Promise<FoldedJournal> {
  const fold = createFold();
  const behind = createBehind();
  const reader = createJournalReader(recordingId, fold.add, behind.add);
  for (let at = 0; ;) {
    const bytes = await file.read(at, READ_BYTES);
    if (bytes.length === 0) break;
    reader.push(bytes);
    at += bytes.length;
  }
  return { ...reader.end(), model: fold.model(), behind: behind.records() };
}

async function openExisting(files: Files, path: string): Promise<OpenFile> {
  try {
    return await files.open(path);
  } catch (error) {
    throw new AppError('RECORDING_NOT_FOUND', 'The journal of this recording cannot be opened.', { cause: error });
  }
}

async function keepDamaged(files: Files, folder: string, from: OpenFile, startBytes: number): Promise<void> {
  const file = await files.create(await freeDamagedPath(files, folder));
  try {
    for (let at = startBytes; ;) {
      const bytes = await from.read(at, READ_BYTES);
      if (bytes.length === 0) break;
      await file.write(bytes, at - startBytes);
      at += bytes.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await files.syncFolder(folder);
}

async function freeDamagedPath(files: Files, folder: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const path = join(folder, `journal.damaged-${n}`);
    if ((await files.kind(path)) === null) return path;
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
