import type { CloudFile, CloudWait, RecordingCloud } from '../../contract/cloud.ts';
import { assertNever } from '../../contract/errors.ts';
import type { Deliverable } from '../../contract/recording.ts';
import { errorWords, type ErrorHelp } from '../ui/error-words.ts';
import { sizeWords } from '../ui/size-words.ts';
import { timeLeftWords } from '../ui/time-words.ts';
import { fileName } from './file-words.ts';

/** What a row says of the bucket. */
export type CloudLine =
  /** On its way: `fraction` 0..1 draws a bar, null draws none. */
  | { kind: 'going'; words: string; fraction: number | null }
  | { kind: 'there'; words: string }
  | { kind: 'failed'; words: string; nextStep: string; settings: Extract<ErrorHelp, { kind: 'settings' }> | null };

/** Why nothing is sent at present, in words. */
export function waitWords(wait: CloudWait): string {
  switch (wait) {
    case 'recording':
      return 'Waits until the recording ends';
    case 'call':
      return 'Waits until the call ends';
    case 'offline':
      return 'Offline: goes on when the network is back';
    case 'busyServer':
      return 'The bucket is busy: tried again by itself';
    case 'turn':
      return 'Waits for its turn';
    case 'setUp':
      return 'Waits until the cloud settings are complete';
    default:
      return assertNever(wait);
  }
}

/** Files that are in the bucket, compared byte by byte. */
export function verifiedFiles(cloud: Pick<RecordingCloud, 'files'>): CloudFile[] {
  return cloud.files.filter(({ state }) => state === 'verified');
}

/** Files of which the bucket has something that could be deleted there, be it an older state. */
export function filesInBucket(cloud: Pick<RecordingCloud, 'files'>): CloudFile[] {
  return cloud.files.filter(({ state }) => state === 'verified' || state === 'changed');
}

const isPending = ({ state }: CloudFile): boolean =>
  state === 'queued' || state === 'uploading' || state === 'verifying';

/** Whether an upload is under way, moving or not. */
export function isUploading(cloud: Pick<RecordingCloud, 'state' | 'files'>): boolean {
  return (cloud.state === 'queued' || cloud.state === 'uploading') && cloud.files.some(isPending);
}

/** Whether the bucket has an older state of something, and nothing is on its way to put that right. */
export function isOutdated(cloud: Pick<RecordingCloud, 'files'>): boolean {
  return cloud.files.some(({ state }) => state === 'changed') && !cloud.files.some(isPending);
}

/** How far an upload is, 0..1. */
function fractionOf({ sentBytes, totalBytes }: Pick<RecordingCloud, 'sentBytes' | 'totalBytes'>): number {
  return totalBytes <= 0 ? 0 : Math.min(1, Math.max(0, sentBytes / totalBytes));
}

const percent = (fraction: number): string => `${Math.floor(fraction * 100)} %`;

/** What the bucket has of a recording, in words; null when there is nothing to say. */
export function cloudLine(cloud: RecordingCloud): CloudLine | null {
  // Changed by the app itself, by a marker for example: nothing failed, and it is sent again.
  const failed = cloud.files.some(({ state }) => state === 'failed');
  if (cloud.state === 'failed' && (failed || !isOutdated(cloud))) return failedLine(cloud);
  if (isOutdated(cloud)) return { kind: 'there', words: 'Changed since it went to your bucket' };
  switch (cloud.state) {
    case 'none':
      return null;
    case 'failed':
      return failedLine(cloud);
    case 'verified':
      return { kind: 'there', words: verifiedWords(cloud) };
    case 'queued':
    case 'uploading':
      return goingLine(cloud);
    default:
      return assertNever(cloud.state);
  }
}

function goingLine(cloud: RecordingCloud): CloudLine {
  const fraction = fractionOf(cloud);
  const begun = cloud.sentBytes > 0;
  if (cloud.paused) {
    return {
      kind: 'going',
      words: begun ? `Upload paused at ${percent(fraction)}` : 'Upload paused',
      fraction: begun ? fraction : null,
    };
  }
  if (cloud.waiting !== null) {
    return { kind: 'going', words: waitWords(cloud.waiting), fraction: begun ? fraction : null };
  }
  const pending = cloud.files.filter(isPending);
  if (pending.length > 0 && pending.every(({ state }) => state === 'verifying')) {
    return { kind: 'going', words: 'Comparing what arrived', fraction };
  }
  if (cloud.state === 'queued' && !begun) return { kind: 'going', words: 'Waiting for the bucket', fraction: null };
  const parts = [
    `In your bucket ${percent(fraction)}`,
    cloud.bytesPerSecond === null ? null : `${sizeWords(cloud.bytesPerSecond)}/s`,
    cloud.secondsLeft === null ? null : timeLeftWords(cloud.secondsLeft),
  ];
  return { kind: 'going', words: parts.filter((part) => part !== null).join(', '), fraction };
}

function verifiedWords(cloud: Pick<RecordingCloud, 'complete' | 'files'>): string {
  if (cloud.complete) return 'In your bucket, verified';
  const count = verifiedFiles(cloud).length;
  return `${count === 1 ? '1 file' : `${count} files`} in your bucket, verified`;
}

function failedLine({ error }: Pick<RecordingCloud, 'error'>): CloudLine {
  if (error === null) {
    return { kind: 'failed', words: 'Upload failed', nextStep: 'Try it again.', settings: null };
  }
  const { sentence, nextStep, help } = errorWords(error.code);
  const settings = help?.kind === 'settings' ? help : null;
  return { kind: 'failed', words: `Upload failed: ${sentence}`, nextStep, settings };
}

/** What one file is called in a list of what the bucket has. */
export function cloudFileName(file: Pick<CloudFile, 'file'>, deliverables: readonly Deliverable[]): string {
  const made = deliverables.find((each) => each.file === file.file);
  return made === undefined
    ? (file.file.split('/').at(-1) ?? file.file)
    : `${fileName(made)}, ${made.format.toUpperCase()}`;
}

/** What the bucket has of one file, beside its name in the player. */
export function cloudFileWords(state: CloudFile['state']): string {
  switch (state) {
    case 'queued':
      return 'Waiting for the bucket';
    case 'uploading':
      return 'On its way to your bucket';
    case 'verifying':
      return 'Comparing what arrived';
    case 'verified':
      return 'In your bucket, verified';
    case 'failed':
      return 'Upload failed';
    case 'changed':
      return 'Changed since it went to your bucket';
    default:
      return assertNever(state);
  }
}
