import type { Recording } from '../../contract/recording.ts';
import type { BinEntry } from '../../contract/retention.ts';
import { sizeWords } from '../ui/size-words.ts';
import { comingDayWords } from '../ui/time-words.ts';
import { filesInBucket, verifiedFiles } from './cloud-words.ts';

/** When a recording leaves this computer, or why it does not. */
export type Leaving = { kind: 'leaves' | 'stays' | 'pinned' | 'gone'; words: string };

/** What a row says about the copy on this computer; null when there is nothing to say. */
export function leavingOf(
  recording: Pick<Recording, 'pinned' | 'mediaLeftAt' | 'leavesAt' | 'staysBecause' | 'cloud'>,
  now: Date,
  locale?: string,
): Leaving | null {
  const { pinned, mediaLeftAt, leavesAt, staysBecause, cloud } = recording;
  if (mediaLeftAt !== null) {
    const inBucket = filesInBucket(cloud).length > 0;
    return { kind: 'gone', words: inBucket ? 'Only in your bucket' : 'Not on this computer any more' };
  }
  if (pinned) return { kind: 'pinned', words: 'Stays: you pinned it' };
  if (leavesAt !== null) {
    const soon = Date.parse(leavesAt) <= now.getTime();
    return {
      kind: 'leaves',
      words: soon ? 'Leaves this computer soon' : `Leaves this computer ${comingDayWords(leavesAt, now, locale)}`,
    };
  }
  return staysBecause === null ? null : { kind: 'stays', words: `Stays: ${asClause(staysBecause)}` };
}

/** A sentence as the second half of another one. */
function asClause(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/u, '');
}

/** Where the media of a recording are that left this computer; `entry` is what the bin still has of them. */
export function goneWords(
  { cloud }: Pick<Recording, 'cloud'>,
  entry: Pick<BinEntry, 'goesAt'> | null,
  now: Date,
  locale?: string,
): { title: string; text: string[] } {
  const files = verifiedFiles(cloud);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const bucket = cloud.destination === null ? 'your bucket' : `your bucket “${cloud.destination.bucket}”`;
  const bin =
    entry === null ? [] : [`The bin has them too: they go for good ${comingDayWords(entry.goesAt, now, locale)}.`];
  if (files.length === 0) {
    return {
      title: 'Not on this computer any more',
      text: entry === null ? ['What is known of it stays in the Library.'] : bin,
    };
  }
  const has = files.length === 1 ? 'Its file is' : `Its ${files.length} files are`;
  return {
    title: 'Only in your bucket',
    text: [`${has} in ${bucket}, ${sizeWords(sizeBytes)}, verified. A link opens a file in any browser.`, ...bin],
  };
}
