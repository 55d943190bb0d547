import { AppError } from '../../contract/errors.ts';
import { MediaError } from '../media/media-error.ts';
import { writeChapters } from '../media/chapters/write-chapters.ts';
import { chaptersOf, chaptersToWrite, filesWithChapters, NO_CHAPTERS_NOTE } from './chapters-key.ts';
import { diskError } from './disk-error.ts';
import type { Files } from './ports.ts';
import { insideFolder } from './recording-folder.ts';
import type { Ledger } from './recording-ledger.ts';

/** Who writes chapters now, by journal: the end of a recording and a marker named later must not meet in one file. */
const writing = new WeakMap<Ledger, Promise<void>>();

/**
 * Gives the finished files of a recording its markers as chapters and journals it; files that have them are left alone.
 * Rejects with an AppError when a file could not be written, after the others were.
 */
export function writeMarkers(files: Files, ledger: Ledger): Promise<void> {
  const work = (writing.get(ledger) ?? Promise.resolve()).then(() => bringUpToDate(files, ledger));
  writing.set(
    ledger,
    work.catch(() => undefined),
  );
  return work;
}

async function bringUpToDate(files: Files, ledger: Ledger): Promise<void> {
  const { markers, deliverables, ...model } = ledger.model();
  const key = chaptersToWrite({ ...model, markers, deliverables });
  if (key === null) return;
  let failure: unknown = null;
  for (const file of filesWithChapters(deliverables)) {
    try {
      const path = insideFolder(ledger.folder, file.file);
      if (path === null) continue;
      const { sizeBytes } = await writeChapters(files, path, chaptersOf(markers, file), file.durationMs);
      if (sizeBytes === file.sizeBytes) continue;
      await ledger.keep({ kind: 'deliverable', deliverable: { ...file, sizeBytes }, replaces: [] });
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== null) throw chaptersError(failure);
  await ledger.keep({ kind: 'chapters', key });
}

function chaptersError(cause: unknown): AppError {
  if (cause instanceof MediaError) return new AppError('RESULT_INVALID', `${NO_CHAPTERS_NOTE}.`, { cause });
  const { code, retryable } = diskError(cause, 'a file cannot be written');
  const reason = code === 'DISK_FULL' ? 'the disk was full' : 'the disk refused it';
  return new AppError(code, `${NO_CHAPTERS_NOTE}: ${reason}.`, { retryable, cause });
}
