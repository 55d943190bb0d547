import { assertNever } from '../../contract/errors.ts';
import type { Recording, Track } from '../../contract/recording.ts';
import type { Settings } from '../../contract/settings.ts';
import { isAtRest } from '../recording/recording-words.ts';
import { filesInBucket, isOutdated, isUploading, verifiedFiles } from './cloud-words.ts';
import { sourceWords } from './file-words.ts';

/** What one can do with a recording, the same in every menu. */
export type Command =
  | { kind: 'play' }
  | { kind: 'details' }
  | { kind: 'showInFolder' }
  | { kind: 'rename' }
  | { kind: 'retry' }
  | { kind: 'exportTrack'; track: Track }
  | { kind: 'upload' }
  | { kind: 'uploadAgain' }
  | { kind: 'pauseUpload' }
  | { kind: 'resumeUpload' }
  | { kind: 'cancelUpload' }
  | { kind: 'copyLink' }
  | { kind: 'removeFromBucket' }
  | { kind: 'bringBack' }
  | { kind: 'pin' }
  | { kind: 'unpin' }
  | { kind: 'delete' };

/** What commands depend on besides the recording. */
export type CommandPlace = {
  /** Whether there is a bucket to send to. */
  bucketReady: boolean;
  what: Settings['cloudWhat'];
  /** Whether the recording's files still lie in the bin. */
  mediaInBin: boolean;
};

/** The commands that make sense for a recording in its state, in the groups and the order in which menus show them. */
export function commandGroups(recording: Recording, place: CommandPlace): Command[][] {
  const rest = isAtRest(recording);
  const here = recording.mediaLeftAt === null;
  const playable = recording.deliverables.length > 0;
  const groups: Command[][] = [
    [
      ...(playable ? [{ kind: here ? 'play' : 'details' } as const] : []),
      ...(here ? [{ kind: 'showInFolder' } as const] : []),
      ...(rest ? [{ kind: 'rename' } as const] : []),
      ...(recording.status === 'failed' ? [{ kind: 'retry' } as const] : []),
      ...exportableTracks(recording).map((track) => ({ kind: 'exportTrack', track }) as const),
    ],
    cloudCommands(recording, place),
    pinCommands(recording),
    rest && recording.progress === null ? [{ kind: 'delete' }] : [],
  ];
  return groups.filter((group) => group.length > 0);
}

/** The same in one row. */
export function commandsFor(recording: Recording, place: CommandPlace): Command[] {
  return commandGroups(recording, place).flat();
}

function cloudCommands(recording: Recording, place: CommandPlace): Command[] {
  const { cloud } = recording;
  const uploading = isUploading(cloud);
  const inBucket = filesInBucket(cloud).length > 0;
  return [
    ...sendCommands(recording, place),
    ...(uploading ? [{ kind: cloud.paused ? 'resumeUpload' : 'pauseUpload' } as const] : []),
    ...(uploading || hasFailed(cloud) ? [{ kind: 'cancelUpload' } as const] : []),
    ...(verifiedFiles(cloud).length > 0 ? [{ kind: 'copyLink' } as const] : []),
    ...(recording.mediaLeftAt !== null && place.mediaInBin ? [{ kind: 'bringBack' } as const] : []),
    ...(inBucket && !uploading ? [{ kind: 'removeFromBucket' } as const] : []),
  ];
}

const hasFailed = ({ files }: Recording['cloud']): boolean => files.some(({ state }) => state === 'failed');

function sendCommands(recording: Recording, { bucketReady, what }: CommandPlace): Command[] {
  const { cloud } = recording;
  if (recording.status !== 'completed' || recording.mediaLeftAt !== null || isUploading(cloud)) return [];
  // What failed may be tried again whatever the settings say: it is how one finds out whether they are right now.
  if (hasFailed(cloud)) return [{ kind: 'uploadAgain' }];
  if (!bucketReady || recording.deliverables.length === 0) return [];
  if (isOutdated(cloud)) return [{ kind: 'uploadAgain' }];
  const all = cloud.complete || (cloud.state === 'verified' && what === 'mix');
  return all ? [] : [{ kind: 'upload' }];
}

function pinCommands(recording: Recording): Command[] {
  if (recording.pinned) return [{ kind: 'unpin' }];
  return recording.status === 'completed' && recording.mediaLeftAt === null ? [{ kind: 'pin' }] : [];
}

/** Tracks of people that have no MP4 yet; nothing while another file is being made. */
export function exportableTracks(recording: Recording): Track[] {
  if (recording.status !== 'completed' || recording.progress !== null || recording.mediaLeftAt !== null) return [];
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
    case 'details':
      return 'Details';
    case 'showInFolder':
      return 'Show in folder';
    case 'rename':
      return 'Rename';
    case 'retry':
      return 'Try again';
    case 'exportTrack':
      return `Save ${command.track.participantName}${sourceWords(command.track.source)} as MP4`;
    case 'upload':
      return 'Upload to bucket';
    case 'uploadAgain':
      return 'Upload again';
    case 'pauseUpload':
      return 'Pause upload';
    case 'resumeUpload':
      return 'Resume upload';
    case 'cancelUpload':
      return 'Cancel upload';
    case 'copyLink':
      return 'Copy link';
    case 'removeFromBucket':
      return 'Delete in bucket';
    case 'bringBack':
      return 'Bring back from the bin';
    case 'pin':
      return 'Pin: keep on this computer';
    case 'unpin':
      return 'Unpin';
    case 'delete':
      return 'Delete';
    default:
      return assertNever(command);
  }
}
