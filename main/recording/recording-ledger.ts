import type { Recording, RecordingProgress } from '../../contract/recording.ts';
import { diskError } from './disk-error.ts';
import { applyRecord, toRecording } from './fold.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord } from './journal-records.ts';
import type { RecordingModel } from './recording-model.ts';

/** A recording's journal and what it says so far, kept in step. */
export type Ledger = {
  readonly folder: string;
  model: () => RecordingModel;
  /** The recording as others see it now. */
  recording: () => Recording;
  /** Applies and writes a record; rejects with a typed error when the disk refuses it (it goes out with the next one). */
  record: (record: JournalRecord) => Promise<void>;
  /** The same for facts that stay true even when the disk refuses them now; never rejects. */
  keep: (record: JournalRecord) => Promise<void>;
  /** Makes all records durable; never rejects. */
  sync: () => Promise<void>;
  /** Why the journal cannot be written at present, in words. */
  failure: () => string | null;
  setProgress: (progress: RecordingProgress | null) => void;
  journalBytes: () => number;
  close: () => Promise<void>;
};

/** Joins an open journal and its folded model. `elapsedMs` is asked while the recording runs. */
export function createLedger(options: {
  journal: Journal;
  folder: string;
  model: RecordingModel;
  elapsedMs: () => number;
}): Ledger {
  const { journal, folder } = options;
  let model = options.model;
  let progress: RecordingProgress | null = null;
  let failure: string | null = null;

  const attempt = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
      failure = null;
    } catch (cause) {
      const error = diskError(cause, 'the journal of the recording cannot be written');
      failure = error.message;
      throw error;
    }
  };
  const record = (entry: JournalRecord): Promise<void> => {
    model = applyRecord(model, entry);
    return attempt(journal.append(entry));
  };

  return {
    folder,
    model: () => model,
    recording: () =>
      toRecording(model, folder, {
        progress,
        elapsedMs: model.status === 'recording' || model.status === 'paused' ? options.elapsedMs() : null,
      }),
    record,
    keep: (entry) => record(entry).catch(() => undefined),
    sync: () => attempt(journal.sync()).catch(() => undefined),
    failure: () => failure,
    setProgress: (next) => {
      progress = next;
    },
    journalBytes: () => journal.sizeBytes(),
    close: async () => {
      await attempt(journal.sync()).catch(() => undefined);
      await journal.close();
    },
  };
}
