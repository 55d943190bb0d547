import type { CloudStatus, ConnectionTest, NewCredentials } from '../../contract/cloud.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Unconfirmed } from './confirm-copies.ts';

/** The service that brings recordings to the person's own bucket. */
export type Cloud = {
  status: () => Promise<CloudStatus>;
  subscribe: (listener: (status: CloudStatus) => void) => () => void;
  setCredentials: (credentials: NewCredentials) => Promise<CloudStatus>;
  forgetCredentials: () => Promise<CloudStatus>;
  allowUnprotected: (allowed: boolean) => Promise<CloudStatus>;
  test: () => Promise<ConnectionTest>;
  upload: (recordingId: RecordingId) => Promise<Recording>;
  pause: (recordingId: RecordingId) => Promise<Recording>;
  resume: (recordingId: RecordingId) => Promise<Recording>;
  cancel: (recordingId: RecordingId) => Promise<Recording>;
  link: (recordingId: RecordingId, file: string, validSeconds: number) => Promise<{ url: string; expiresAt: string }>;
  removeFiles: (recordingId: RecordingId) => Promise<Recording>;
  /** Asks the bucket whether it still has what was verified; null when it has. */
  confirm: (recordingId: RecordingId) => Promise<Unconfirmed | null>;
  /** A recording with how far its upload is right now. */
  view: (recording: Recording) => Recording;
  /** Goes on with what earlier runs began; called once the recordings were looked through. */
  begin: () => void;
  /** Lets go of everything; the next start goes on. Never rejects. */
  close: (limitMs: number) => Promise<void>;
};
