import type { RetentionStatus } from '../../contract/retention.ts';
import type { Recording } from '../../contract/recording.ts';
import type { RecordingId } from '../../contract/ids.ts';

/** What a clean-up did: into the bin, so that the room is free only when that is emptied. */
export type CleanUpReport = {
  deleted: RecordingId[];
  refused: { recordingId: RecordingId; reason: string }[];
  freedBytes: number;
};

/** The service that decides when local copies leave this computer, and keeps the bin. */
export type Retention = {
  status: () => Promise<RetentionStatus>;
  subscribe: (listener: (status: RetentionStatus) => void) => () => void;
  noticeSeen: () => Promise<void>;
  answer: (choice: 'moveToBin' | 'keep') => Promise<RetentionStatus>;
  restore: (entry: string) => Promise<RetentionStatus>;
  empty: (entry: string | null) => Promise<RetentionStatus>;
  /** Looks now; what ended longer ago than `maxAgeMs` and may go, goes. */
  cleanUp: (input: { maxAgeMs: number }) => Promise<CleanUpReport>;
  /** A recording with when it leaves this computer. */
  view: (recording: Recording) => Recording;
  /** Looks at once and then every hour; called once the recordings were looked through. */
  begin: () => void;
  close: () => Promise<void>;
};
