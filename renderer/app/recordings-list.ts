import { assertNever } from '../../contract/errors.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';

const newestFirst = (a: Recording, b: Recording): number => b.startedAt.localeCompare(a.startedAt);

/** Puts one recording into the list, in place of an older state of it. */
export function withRecording(list: readonly Recording[], recording: Recording): Recording[] {
  return [recording, ...list.filter((other) => other.id !== recording.id)].sort(newestFirst);
}

/** What an event makes of the list of recordings. */
export function applyRecordingEvent(list: readonly Recording[], event: RecordingEvent): readonly Recording[] {
  switch (event.type) {
    case 'recordingDeleted':
      return list.filter((recording) => recording.id !== event.recordingId);
    case 'recordingHealth':
      return list;
    case 'recordingStarted':
    case 'recordingPaused':
    case 'recordingResumed':
    case 'recordingStopping':
    case 'recordingProcessing':
    case 'recordingProgress':
    case 'recordingCompleted':
    case 'recordingFailed':
    case 'recordingChanged':
    case 'thumbnailsGenerated':
    case 'recordingUploading':
    case 'recordingUploaded':
      return withRecording(list, event.recording);
    default:
      return assertNever(event);
  }
}
