import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Library } from '../library/library.ts';
import { hasMedia, listBin, mediaIntoBin, mediaOutOfBin } from './bin.ts';
import type { BinnedFolder } from './bin.ts';
import { foldJournal } from './journal.ts';
import type { JournalRecord } from './journal-records.ts';
import type { Files } from './ports.ts';
import { JOURNAL_FILE } from './recording-folder.ts';
import type { Ledger } from './recording-ledger.ts';

/** Brings the media of a recording into this entry of the bin: said first, done, and said to be done. */
export async function leaveMedia(files: Files, root: string, ledger: Ledger, bin: string, at: string): Promise<void> {
  await say(ledger, { kind: 'mediaLeaving', bin, at });
  await mediaIntoBin(files, root, ledger.model().id, bin);
  await say(ledger, { kind: 'mediaLeft' });
}

/** Brings them back; with nothing in the bin there is nothing to bring, and false is the answer. */
export async function returnMedia(files: Files, root: string, ledger: Ledger, bin: string): Promise<boolean> {
  const { id, media } = ledger.model();
  if (media.kind !== 'here') await say(ledger, { kind: 'mediaReturning' });
  const wasThere = await mediaOutOfBin(files, root, id, bin);
  if (media.kind !== 'here' && (wasThere || (await hasMedia(files, ledger.folder)))) {
    await say(ledger, { kind: 'mediaBack' });
  }
  return wasThere;
}

/** Goes on where moving media was cut off by the end of the app. */
export async function finishMediaMove(files: Files, root: string, ledger: Ledger): Promise<void> {
  const { id, media } = ledger.model();
  if (media.kind === 'leaving') {
    await mediaIntoBin(files, root, id, media.bin);
    await say(ledger, { kind: 'mediaLeft' });
  } else if (media.kind === 'returning') {
    await returnMedia(files, root, ledger, media.bin);
  }
}

/**
 * Brings home media whose recording does not know that they left: its journal has lost the record of it. Done before the folder is
 * looked through, so that nobody takes them for lost.
 */
export async function bringStraysHome(files: Files, library: Library, root: string): Promise<void> {
  for (const entry of await listBin(files, root)) {
    if (entry.kind !== 'media') continue;
    // One of the bin's entries must not keep the others, or the list, from anything.
    await bringHome(files, library, root, entry).catch(() => undefined);
  }
}

async function bringHome(files: Files, library: Library, root: string, entry: BinnedFolder): Promise<void> {
  const { recordingId, name } = entry;
  const folder = join(root, recordingId);
  if ((await files.kind(folder)) !== 'folder') return;
  const row = library.rows(root).find(({ recording }) => recording.id === recordingId);
  const sizeBytes = await files.sizeBytes(join(folder, JOURNAL_FILE));
  if (row !== undefined && row.journalBytes === sizeBytes && row.recording.mediaLeftAt !== null) return;
  const folded = await foldJournal(files, folder, recordingId);
  if (folded?.ending === 'newer') return;
  const media = folded?.model?.media ?? { kind: 'here' };
  if (media.kind === 'here') await mediaOutOfBin(files, root, recordingId, name);
}

/** A record that must be on the disk before anything is done about it. */
async function say(ledger: Ledger, record: JournalRecord): Promise<void> {
  await ledger.record(record);
  await ledger.sync();
  const failure = ledger.failure();
  if (failure !== null) throw new AppError('DISK_FAILED', failure, { retryable: true });
}
