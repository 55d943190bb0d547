import { assertNever } from '../../contract/errors.ts';
import type { Recording, Track } from '../../contract/recording.ts';
import { isAtRest } from '../recording/recording-words.ts';
import { sourceWords } from './file-words.ts';

/** What one can do with a recording, the same in every menu. */
export type Command =
  | { kind: 'play' }
  | { kind: 'showInFolder' }
  | { kind: 'rename' }
  | { kind: 'retry' }
  | { kind: 'exportTrack'; track: Track }
  | { kind: 'delete' };

/** The commands that make sense for a recording in its state, in the order in which menus show them. */
export function commandsFor(recording: Recording): Command[] {
  const rest = isAtRest(recording);
  return [
    ...(recording.deliverables.length > 0 ? [{ kind: 'play' } as const] : []),
    { kind: 'showInFolder' },
    ...(rest ? [{ kind: 'rename' } as const] : []),
    ...(recording.status === 'failed' ? [{ kind: 'retry' } as const] : []),
    ...exportableTracks(recording).map((track) => ({ kind: 'exportTrack', track }) as const),
    ...(rest && recording.progress === null ? [{ kind: 'delete' } as const] : []),
  ];
}

/** Tracks of people that have no MP4 yet; nothing while another file is being made. */
export function exportableTracks(recording: Recording): Track[] {
  if (recording.status !== 'completed' || recording.progress !== null) return [];
  return recording.tracks.filter(
    (track) =>
      track.source !== 'mix' &&
      track.segments.length > 0 &&
      !recording.deliverables.some((file) => file.trackId === track.id && file.format === 'mp4'),
  );
}

/** A command as the menu says it. */
export function commandWords(command: Command): string {
  switch (command.kind) {
    case 'play':
      return 'Play';
    case 'showInFolder':
      return 'Show in folder';
    case 'rename':
      return 'Rename';
    case 'retry':
      return 'Try again';
    case 'exportTrack':
      return `Save ${command.track.participantName}${sourceWords(command.track.source)} as MP4`;
    case 'delete':
      return 'Delete';
    default:
      return assertNever(command);
  }
}
