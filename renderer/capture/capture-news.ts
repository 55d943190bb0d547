import { assertNever } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { RecordingEvent, SegmentEndReason } from '../../contract/recording.ts';

/** Recordings of which nothing is to be captured, and why: what the call says of them may be older than what main said. */
export type Quiet = ReadonlyMap<string, Extract<SegmentEndReason, 'paused' | 'stopped'>>;

/** What a window is to do about an event of main; `begin` and `end` are about the recording that the event names. */
export type CaptureNews = {
  quiet: Quiet;
  act: { kind: 'none' } | { kind: 'begin'; recordingId: RecordingId } | { kind: 'end'; recordingId: RecordingId };
};

/** Takes an event of main into account: events come in order and at once, while the call's word goes round by the room. */
export function hearRecordingEvent(quiet: Quiet, event: RecordingEvent): CaptureNews {
  switch (event.type) {
    case 'recordingStarted':
    case 'recordingResumed': {
      const recordingId = event.recording.id;
      // A recording that was stopped never begins again.
      if (quiet.get(recordingId) === 'stopped') return { quiet, act: { kind: 'none' } };
      return {
        quiet: new Map([...quiet].filter(([id]) => id !== recordingId)),
        act: { kind: 'begin', recordingId },
      };
    }
    case 'recordingPaused':
      return silence(quiet, event.recording.id, 'paused');
    case 'recordingStopping':
    case 'recordingProcessing':
    case 'recordingFailed':
      return silence(quiet, event.recording.id, 'stopped');
    case 'recordingChanged':
    case 'recordingProgress':
    case 'recordingCompleted':
    case 'recordingUploading':
    case 'recordingUploaded':
    case 'recordingHealth':
    case 'recordingDeleted':
    case 'thumbnailsGenerated':
      return { quiet, act: { kind: 'none' } };
    default:
      return assertNever(event);
  }
}

function silence(quiet: Quiet, recordingId: RecordingId, why: 'paused' | 'stopped'): CaptureNews {
  const heard = quiet.get(recordingId) === 'stopped' ? 'stopped' : why;
  return { quiet: new Map([...quiet, [recordingId, heard]]), act: { kind: 'end', recordingId } };
}
