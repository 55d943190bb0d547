import type { Recording } from '../../contract/recording.ts';
import { BIN_DAYS, type BinEntry } from '../../contract/retention.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import { sizeWords } from '../ui/size-words.ts';
import { filesInBucket, isUploading } from './cloud-words.ts';

/** Text of a question before something is deleted; `warning` is what must not be overlooked. */
export type DeleteWords = { text: string[]; warning: string | null };

/** "1 file", "3 files". */
export const fileCount = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

/** What is said before a recording goes into the bin, with or without its files in the bucket. */
export function binWords(recording: Recording, alsoInBucket: boolean): DeleteWords {
  const { cloud, deliverables, mediaLeftAt, sizeBytes } = recording;
  const name = `“${recordingTitle(recording)}”`;
  const inBucket = filesInBucket(cloud).length;
  const back = `You can bring it back from the bin for ${BIN_DAYS} days; then it goes for good.`;
  if (mediaLeftAt !== null) {
    const entry = `${name} is not on this computer any more. Its entry goes into the bin for ${BIN_DAYS} days.`;
    if (inBucket === 0) return { text: [entry], warning: null };
    return alsoInBucket
      ? { text: [entry], warning: `Your bucket has the last copy of its ${fileCount(inBucket)}. It goes for good.` }
      : { text: [entry, 'Its files in your bucket stay there.'], warning: null };
  }
  const text = [`${name} with ${fileCount(deliverables.length)}, ${sizeWords(sizeBytes)}. ${back}`];
  if (isUploading(cloud)) text.push('Its upload ends.');
  if (alsoInBucket) {
    return { text, warning: 'In the bucket nothing can be undone: what is in the bin is then the last copy.' };
  }
  if (cloud.complete) return { text: [...text, 'Its files in your bucket stay there.'], warning: null };
  return {
    text,
    warning: inBucket === 0 ? 'This is the last copy.' : 'Your bucket does not have all of it: this is the last copy.',
  };
}

/** What is said before a recording's files in the bucket go. */
export function removeWords(recording: Recording, mediaInBin: boolean): DeleteWords {
  const { cloud, mediaLeftAt } = recording;
  const files = filesInBucket(cloud);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const bucket = cloud.destination === null ? 'your bucket' : `your bucket “${cloud.destination.bucket}”`;
  const whose = `“${recordingTitle(recording)}”: ${fileCount(files.length)}, ${sizeWords(sizeBytes)}`;
  const text = [`${whose}, in ${bucket} are deleted for good. This cannot be undone.`];
  if (mediaLeftAt === null) return { text: [...text, 'What is on this computer stays.'], warning: null };
  return {
    text,
    warning: mediaInBin
      ? 'The bin then has the last copy. Bring it back first if you want to keep it.'
      : 'This is the last copy: nothing of it is on this computer any more.',
  };
}

/** What is said before something in the bin goes for good. */
export function emptyWords(
  entries: readonly Pick<BinEntry, 'title' | 'participantNames' | 'sizeBytes'>[],
): DeleteWords {
  const size = sizeWords(entries.reduce((sum, entry) => sum + entry.sizeBytes, 0));
  const [only] = entries;
  const what =
    entries.length === 1 && only !== undefined ? `“${recordingTitle(only)}”` : `All ${entries.length} entries`;
  const text = [`${what}, ${size}, cannot be brought back after that. What is in your bucket stays there.`];
  return { text, warning: null };
}
