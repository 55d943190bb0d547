import type { RecordingId } from '../../contract/ids.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import type { Scheduler } from '../recording/ports.ts';
import type { QueueReason } from './queue-records.ts';

/** Names given to several markers one after the other are one change. */
const SETTLE_MS = 4_000;

/** Sends by itself what was completed, and what was changed after it had been sent. */
export type Automatic = {
  /** Whether it will be queued in a moment. */
  isPending: (recordingId: RecordingId) => boolean;
  /** Looks at a recording that was there before. */
  know: (recording: Recording) => void;
  on: (event: RecordingEvent) => void;
  close: () => void;
};

/** Makes it; `queue` is called for each recording that something is to be sent of. */
export function createAutomatic(ports: {
  scheduler: Scheduler;
  isOn: () => boolean;
  want: (recordingId: RecordingId) => void;
  queue: (recordingId: RecordingId, reason: QueueReason) => void;
}): Automatic {
  /** The finished files of recordings that were sent, as last seen: what is not among them is new. */
  const seen = new Map<RecordingId, ReadonlySet<string>>();
  const wanting = new Set<RecordingId>();
  const pending = new Map<RecordingId, { undo: () => void; newFiles: Set<string> }>();

  const know = (recording: Recording): void => {
    if (recording.cloud.files.length === 0) seen.delete(recording.id);
    else seen.set(recording.id, new Set(recording.deliverables.map(({ file }) => file)));
  };

  const later = (recordingId: RecordingId, newFiles: readonly string[]): void => {
    const before = pending.get(recordingId);
    before?.undo();
    const all = new Set([...(before?.newFiles ?? []), ...newFiles]);
    const undo = ports.scheduler.after(SETTLE_MS, () => {
      pending.delete(recordingId);
      ports.queue(recordingId, { kind: 'changed', newFiles: all });
    });
    pending.set(recordingId, { undo, newFiles: all });
  };

  const changed = (recording: Recording): void => {
    const before = seen.get(recording.id);
    know(recording);
    if (!ports.isOn() || recording.status !== 'completed' || recording.mediaLeftAt !== null) return;
    const newFiles =
      before === undefined ? [] : recording.deliverables.map(({ file }) => file).filter((file) => !before.has(file));
    const isChanged = recording.cloud.files.some(({ state }) => state === 'changed');
    if (isChanged || newFiles.length > 0) later(recording.id, newFiles);
  };

  return {
    isPending: (recordingId) => pending.has(recordingId),
    know,
    on: (event) => {
      if (event.type === 'recordingProcessing') {
        // Journaled ahead: should the app end between the recording's end and its place in the queue, the next start knows.
        if (!ports.isOn() || wanting.has(event.recording.id)) return;
        wanting.add(event.recording.id);
        ports.want(event.recording.id);
      } else if (event.type === 'recordingCompleted') {
        wanting.delete(event.recording.id);
        if (ports.isOn()) ports.queue(event.recording.id, { kind: 'completed' });
      } else if (event.type === 'recordingChanged') {
        changed(event.recording);
      } else if (event.type === 'recordingDeleted') {
        seen.delete(event.recordingId);
        pending.get(event.recordingId)?.undo();
        pending.delete(event.recordingId);
      }
    },
    close: () => {
      for (const { undo } of pending.values()) undo();
      pending.clear();
    },
  };
}
