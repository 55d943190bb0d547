import type { RecordingCloud } from '../../contract/cloud.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording, RecordingStatus } from '../../contract/recording.ts';
import type { LibraryData, LibraryRow } from './library-file.ts';
import { newestFirst, withRow } from './newest-first.ts';

/** What all recordings of a library are together. */
export type LibraryTotals = {
  recordings: number;
  sizeBytes: number;
  byStatus: Record<RecordingStatus, number>;
  byCloudState: Record<RecordingCloud['state'], number>;
};

export type FoundRow = { root: string; row: LibraryRow };

/** What is asked of a library many times between two changes, kept: nobody walks through 10,000 rows for one of them. */
export type LibraryIndex = {
  find: (recordingId: RecordingId) => FoundRow | null;
  newestFirst: () => readonly Recording[];
  totals: () => LibraryTotals;
  /** The row of one recording was put or taken away. */
  changed: (recordingId: RecordingId, now: FoundRow | null) => void;
  /** Everything is another. */
  rebuilt: () => void;
};

/** Makes the index of whatever `data` gives at the time. */
export function createLibraryIndex(data: () => LibraryData): LibraryIndex {
  const byId = new Map<RecordingId, FoundRow>();
  let list: readonly Recording[] | null = null;
  let totals: LibraryTotals | null = null;

  /** The first folder that has it counts: somebody may have copied it into another one. */
  const look = (recordingId: RecordingId): FoundRow | null => {
    for (const [root, rows] of Object.entries(data().folders)) {
      const row = rows.find((each) => each.recording.id === recordingId);
      if (row !== undefined) return { root, row };
    }
    return null;
  };

  const allRows = (): LibraryRow[] => Object.values(data().folders).flat();

  return {
    find: (recordingId) => byId.get(recordingId) ?? null,
    newestFirst: () => (list ??= newestFirst(allRows().map((row) => row.recording))),
    totals: () => (totals ??= totalsOf(allRows())),
    changed: (recordingId, now) => {
      totals = null;
      const before = byId.get(recordingId);
      const isPlain = now !== null && (before === undefined || before.root === now.root);
      // The rest is rare, and sorted anew when somebody asks.
      list = isPlain && list !== null ? withRow(list, before?.row.recording ?? null, now.row.recording) : null;
      const found = isPlain ? now : look(recordingId);
      if (found === null) byId.delete(recordingId);
      else byId.set(recordingId, found);
    },
    rebuilt: () => {
      list = null;
      totals = null;
      byId.clear();
      for (const [root, rows] of Object.entries(data().folders)) {
        for (const row of rows) if (!byId.has(row.recording.id)) byId.set(row.recording.id, { root, row });
      }
    },
  };
}

function totalsOf(rows: readonly LibraryRow[]): LibraryTotals {
  const totals: LibraryTotals = {
    recordings: rows.length,
    sizeBytes: 0,
    byStatus: { recording: 0, paused: 0, stopping: 0, processing: 0, completed: 0, failed: 0, interrupted: 0 },
    byCloudState: { none: 0, queued: 0, uploading: 0, verified: 0, failed: 0 },
  };
  for (const { recording } of rows) {
    totals.sizeBytes += recording.sizeBytes;
    totals.byStatus[recording.status] += 1;
    totals.byCloudState[recording.cloud.state] += 1;
  }
  return totals;
}
