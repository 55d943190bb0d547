import type { RecordingId } from '../../contract/ids.ts';
import { toErrorShape } from '../../contract/errors.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import { chaptersStepKey, chaptersToWrite } from './chapters-key.ts';
import type { Files } from './ports.ts';
import type { SessionTable } from './session-table.ts';
import { writeMarkers } from './write-markers.ts';

/** Keeps the chapters of finished files in step with markers that are named or removed later. */
export type ChapterKeeper = {
  /** Brings the files of a recording up to date behind everything else, once nobody is at work on it. */
  refresh: (recordingId: RecordingId) => void;
  /** Resolves when nothing is waiting or being written, of one recording or of all. */
  idle: (recordingId?: RecordingId) => Promise<void>;
};

/** Makes a keeper over the recordings of a service. */
export function createChapterKeeper(options: {
  files: Files;
  table: SessionTable;
  emit: (event: RecordingEvent) => void;
}): ChapterKeeper {
  const { files, table, emit } = options;
  const waiting = new Set<RecordingId>();
  const running = new Map<Promise<void>, RecordingId>();

  const bring = async (recordingId: RecordingId): Promise<void> => {
    try {
      await table.released(recordingId);
    } finally {
      // From here on a change may come too late for this run and needs another.
      waiting.delete(recordingId);
    }
    await table.borrowed(recordingId, async (ledger) => {
      const model = ledger.model();
      const key = chaptersToWrite(model);
      // Whatever is not at its end writes them at its end.
      if (key === null || (model.status !== 'completed' && model.status !== 'failed')) return;
      // Files that are elsewhere get them when they are back.
      if (model.media.kind !== 'here') return;
      try {
        await writeMarkers(files, ledger);
      } catch (error) {
        await ledger.keep({ kind: 'abandoned', step: chaptersStepKey(key), note: toErrorShape(error).message });
      }
      await ledger.sync();
      table.putRow(ledger);
      emit({ type: 'recordingChanged', recording: ledger.recording() });
    });
  };

  return {
    refresh: (recordingId) => {
      if (waiting.has(recordingId)) return;
      waiting.add(recordingId);
      const work = bring(recordingId)
        // Deleted meanwhile, or its journal cannot be opened: then there is nothing to bring up to date.
        .catch(() => undefined)
        .finally(() => running.delete(work));
      running.set(work, recordingId);
    },
    idle: async (recordingId) => {
      const wanted = [...running].filter(([, id]) => recordingId === undefined || id === recordingId);
      await Promise.all(wanted.map(([work]) => work));
    },
  };
}
