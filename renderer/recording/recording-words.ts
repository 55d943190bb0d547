import { assertNever } from '../../contract/errors.ts';
import type { Recording, RecordingProgress } from '../../contract/recording.ts';
import { errorWords } from '../ui/error-words.ts';
import { nameList } from '../ui/people-words.ts';

const percent = (fraction: number): string => `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`;

function stageWords(stage: RecordingProgress['stage']): string {
  switch (stage) {
    case 'finishing':
    case 'mixing':
    case 'joining':
      return 'Saving';
    case 'exporting':
      return 'Making the MP4';
    case 'thumbnails':
      return 'Making previews';
    default:
      return assertNever(stage);
  }
}

/** The state of a recording in words, as the library and the corner show it. */
export function recordingStateWords(recording: Recording): string {
  const { progress, status } = recording;
  switch (status) {
    case 'recording':
      return 'Recording now';
    case 'paused':
      return 'Paused';
    case 'stopping':
      return progress === null ? 'Saving' : `${stageWords(progress.stage)} ${percent(progress.fraction)}`;
    case 'processing':
      return progress === null ? 'Saving' : `${stageWords(progress.stage)} ${percent(progress.fraction)}`;
    case 'interrupted':
      return progress === null ? 'Was interrupted, saving' : `Was interrupted, saving ${percent(progress.fraction)}`;
    case 'failed':
      return recording.error === null ? 'Could not be saved' : errorWords(recording.error.code).sentence;
    case 'completed':
      return progress === null ? 'Saved' : `${stageWords(progress.stage)} ${percent(progress.fraction)}`;
    default:
      return assertNever(status);
  }
}

/** What a recording is called: its title, or who was in it when nobody gave it one. */
export function recordingTitle({ title, participantNames }: Pick<Recording, 'title' | 'participantNames'>): string {
  if (title !== '') return title;
  return participantNames.length === 0 ? 'Call' : `Call of ${nameList(participantNames)}`;
}

/** Whether work is going on for this recording. */
export function isBeingSaved(recording: Recording): boolean {
  return ['stopping', 'processing', 'interrupted'].includes(recording.status) || recording.progress !== null;
}

/** Whether it may be deleted, renamed files made of it, and so on: nothing of it is still in the making. */
export function isAtRest(recording: Recording): boolean {
  return recording.status === 'completed' || recording.status === 'failed';
}
