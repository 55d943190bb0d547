import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { leavingOf } from './leaving.ts';
import type { LeavingRule } from './leaving.ts';
import type { CleanUpReport } from './retention.ts';

/** Moves everything into the bin that may leave by this rule, and says why the rest of what is old enough stays. */
export async function cleanUpRecordings(options: {
  recordings: readonly Recording[];
  rule: LeavingRule;
  nowMs: number;
  /** Answers why it stays after all, in words; null when it left. */
  leave: (recordingId: RecordingId, what: 'media' | 'recording') => Promise<string | null>;
}): Promise<CleanUpReport> {
  const report: CleanUpReport = { deleted: [], refused: [], freedBytes: 0 };
  for (const recording of options.recordings) {
    const { id: recordingId, sizeBytes } = recording;
    const leaving = leavingOf(recording, options.rule, options.nowMs);
    const isDue = leaving.kind === 'leaves' && leaving.dueMs <= options.nowMs;
    const reason = isDue ? await options.leave(recordingId, leaving.what) : null;
    if (isDue && reason === null) {
      report.deleted.push(recordingId);
      report.freedBytes += sizeBytes;
    }
    const refusal = leaving.kind === 'stays' ? leaving.because : reason;
    if (refusal !== null) report.refused.push({ recordingId, reason: refusal });
  }
  return report;
}
