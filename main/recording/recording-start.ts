import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { diskError } from './disk-error.ts';
import { makeDurableFolder } from './durable-folder.ts';
import { startedModel } from './fold.ts';
import { createJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { JOURNAL_VERSION } from './journal-records.ts';
import type { Clock, Files, Ids } from './ports.ts';
import { startRecordingClock } from './recording-clock.ts';
import type { RecordingClock } from './recording-clock.ts';
import { DELIVERABLES_FOLDER, JOURNAL_FILE, SEGMENTS_FOLDER } from './recording-folder.ts';
import { createLedger } from './recording-ledger.ts';
import type { Ledger } from './recording-ledger.ts';
import type { Recordings } from './recordings.ts';

/**
 * Makes the folder and the journal of a new recording; throws FOLDER_UNWRITABLE, FOLDER_IN_USE (from `claim`) or DISK_FULL and leaves
 * nothing running.
 */
export async function beginRecording(
  ports: { files: Files; clock: Clock; ids: Ids },
  root: string,
  input: Parameters<Recordings['start']>[0],
  claim: (root: string) => Promise<void>,
): Promise<{ id: RecordingId; ledger: Ledger; clock: RecordingClock }> {
  const { files } = ports;
  const id = recordingIdSchema.parse(ports.ids.next());
  const folder = join(root, id);
  let journal: Journal | null = null;
  try {
    await makeDurableFolder(files, root);
    // Only now there is a place for the lock.
    await claim(root);
    await files.makeFolder(join(folder, SEGMENTS_FOLDER));
    // The MP4 of the mix grows here from the first bytes on.
    await files.makeFolder(join(folder, DELIVERABLES_FOLDER));
    const clock = startRecordingClock(() => ports.clock.monotonicMs());
    const record = {
      kind: 'started' as const,
      version: JOURNAL_VERSION as typeof JOURNAL_VERSION,
      recordingId: id,
      callId: input.callId,
      title: input.title.slice(0, 200),
      recordedBy: input.recordedBy.slice(0, 200),
      format: input.format,
      startedAt: new Date(ports.clock.wallMs()).toISOString(),
    };
    journal = await createJournal(files, folder);
    await journal.append(record);
    await journal.sync();
    return {
      id,
      clock,
      ledger: createLedger({ journal, folder, model: startedModel(record), elapsedMs: clock.nowMs }),
    };
  } catch (cause) {
    await journal?.close().catch(() => undefined);
    await removeBegun(files, folder);
    const error = diskError(cause, `a recording cannot be begun in ${root}`);
    if (error.code === 'DISK_FULL' || error.code === 'FOLDER_IN_USE') throw error;
    throw new AppError('FOLDER_UNWRITABLE', `Recordings cannot be written to ${root}.`, {
      retryable: true,
      details: { path: root },
      cause,
    });
  }
}

/** Takes away what was made of a recording that never began; what cannot be removed is found at the next launch, and empty. */
async function removeBegun(files: Files, folder: string): Promise<void> {
  try {
    await files.unlink(join(folder, JOURNAL_FILE));
    for (const name of [SEGMENTS_FOLDER, DELIVERABLES_FOLDER]) await files.removeFolder(join(folder, name));
    await files.removeFolder(folder);
  } catch {
    // The error that matters is the one that kept the recording from beginning.
  }
}
