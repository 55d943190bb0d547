import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { diskError } from './disk-error.ts';
import type { CleanUpReport } from './recordings.ts';
import { cleanUpRefusal } from './retention.ts';

/** Deletes what ended longer ago than `maxAgeMs` and may be deleted; says why it left the rest alone. */
export async function cleanUpRecordings(options: {
  recordings: readonly Recording[];
  nowWallMs: number;
  maxAgeMs: number;
  remove: (recordingId: RecordingId) => Promise<void>;
}): Promise<CleanUpReport> {
  const report: CleanUpReport = { deleted: [], refused: [], freedBytes: 0 };
  for (const recording of options.recordings) {
    const endedMs = Date.parse(recording.endedAt ?? recording.startedAt);
    if (options.nowWallMs - endedMs <= options.maxAgeMs) continue;
    const reason = cleanUpRefusal(recording);
    try {
      if (reason !== null) throw new AppError('RECORDING_BUSY', reason);
      await options.remove(recording.id);
      report.deleted.push(recording.id);
      report.freedBytes += recording.sizeBytes;
    } catch (error) {
      const message = error instanceof AppError ? error.message : diskError(error, 'it cannot be deleted').message;
      report.refused.push({ recordingId: recording.id, reason: message });
    }
  }
  return report;
}
