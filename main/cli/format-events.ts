import { assertNever } from '../../contract/errors.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import { clock, plain } from './words.ts';

/** One line that says what happened to which recording. */
export function formatEvent(event: RecordingEvent): string {
  const id = 'recording' in event ? event.recording.id : event.recordingId;
  return `${id}  ${wordsOf(event)}`;
}

function wordsOf(event: RecordingEvent): string {
  switch (event.type) {
    case 'recordingStarted':
      return `Recording ${named(event.recording)}`;
    case 'recordingPaused':
      return `Paused at ${clock(event.recording.durationMs)}`;
    case 'recordingResumed':
      return 'Recording again';
    case 'recordingStopping':
      return 'Stopping';
    case 'recordingProcessing':
      return 'Being saved';
    case 'recordingProgress':
      return `Being saved, ${percent(event.recording.progress?.fraction ?? 0)}`;
    case 'recordingCompleted':
      return `Saved ${named(event.recording)}, ${clock(event.recording.durationMs)}`;
    case 'recordingFailed':
      return `Not whole: ${plain(event.recording.error?.message ?? 'something went wrong')}`;
    case 'recordingChanged':
      return `Changed ${named(event.recording)}`;
    case 'thumbnailsGenerated':
      return 'Its pictures are there';
    case 'recordingUploading':
      return 'On its way to your bucket';
    case 'recordingUploaded':
      return 'In your bucket, verified';
    case 'recordingHealth':
      return `${clock(event.elapsedMs)}, ${healthWords(event.health)}`;
    case 'recordingDeleted':
      return 'In the bin';
    default:
      return assertNever(event);
  }
}

function named({ title, participantNames }: Recording): string {
  return `"${plain(title) || participantNames.map(plain).join(', ')}"`;
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

function healthWords(health: Extract<RecordingEvent, { type: 'recordingHealth' }>['health']): string {
  switch (health.kind) {
    case 'starting':
      return 'waiting for the first bytes on the disk';
    case 'ok':
      return 'reaching the disk';
    case 'degraded':
      return `in trouble: ${plain(health.message)}`;
    default:
      return assertNever(health);
  }
}
