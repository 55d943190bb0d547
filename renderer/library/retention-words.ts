import { assertNever } from '../../contract/errors.ts';
import type { BinEntry, RetentionStatus } from '../../contract/retention.ts';
import type { Recording } from '../../contract/recording.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import { nameList } from '../ui/people-words.ts';
import { sizeWords } from '../ui/size-words.ts';
import { comingDayWords } from '../ui/time-words.ts';
import { BIN_DAYS } from '../../contract/retention.ts';

/** A sentence and the line below it. */
export type BannerWords = { sentence: string; more: string };

const recordingCount = (count: number): string => (count === 1 ? '1 recording' : `${count} recordings`);

/** Those of a list of ids that the library has. */
function chosen(ids: readonly string[], recordings: readonly Recording[]): Recording[] {
  return recordings.filter(({ id }) => ids.includes(id));
}

/** Where they still are when they have left this computer. */
function whereTheyStay(ids: readonly string[], recordings: readonly Recording[]): string {
  const one = ids.length === 1;
  const missing = ids.length - chosen(ids, recordings).filter(({ cloud }) => cloud.complete).length;
  if (missing === 0) return one ? 'It stays in your bucket.' : 'They stay in your bucket.';
  const bin = `The bin keeps ${one ? 'it' : 'them'} for ${BIN_DAYS} days more`;
  if (missing === ids.length) return `${bin}; ${one ? 'it is' : 'they are'} in no bucket.`;
  return `${bin}; ${missing} of them ${missing === 1 ? 'is' : 'are'} in no bucket.`;
}

/** What is told once, before something leaves by itself. */
export function noticeWords(
  notice: NonNullable<RetentionStatus['notice']>,
  recordings: readonly Recording[],
  now: Date,
  locale?: string,
): BannerWords {
  const { recordingIds, firstAt } = notice;
  const one = recordingIds.length === 1;
  const day = comingDayWords(firstAt, now, locale);
  const affected = chosen(recordingIds, recordings);
  const sameDay = affected.every(({ leavesAt }) => leavesAt === null || comingDayWords(leavesAt, now, locale) === day);
  const when = sameDay ? day : `from ${day.replace(/^on /u, '')} on`;
  return {
    sentence: `${recordingCount(recordingIds.length)} ${one ? 'leaves' : 'leave'} this computer ${when}. ${whereTheyStay(recordingIds, recordings)}`,
    more: affected.length === 0 ? '' : nameList(affected.map(recordingTitle)),
  };
}

/** What is asked when a great many would leave at once. */
export function questionWords(
  question: NonNullable<RetentionStatus['question']>,
  recordings: readonly Recording[],
): BannerWords {
  const { recordingIds, sizeBytes } = question;
  const one = recordingIds.length === 1;
  return {
    sentence: `${recordingCount(recordingIds.length)}, ${sizeWords(sizeBytes)}, ${one ? 'is' : 'are'} old enough to leave this computer. That is a lot at once, so nothing leaves before you answer.`,
    more: whereTheyStay(recordingIds, recordings),
  };
}

/** What an entry of the bin is, beside its title. */
export function binKindWords(kind: BinEntry['kind']): string {
  switch (kind) {
    case 'recording':
      return 'Recording';
    case 'media':
      return 'Files only: its entry is in the Library';
    default:
      return assertNever(kind);
  }
}

/** When an entry goes for good. */
export function binGoesWords({ goesAt }: Pick<BinEntry, 'goesAt'>, now: Date, locale?: string): string {
  if (Date.parse(goesAt) <= now.getTime()) return 'Goes for good soon';
  return `Goes for good ${comingDayWords(goesAt, now, locale)}`;
}

/** The way to the bin, with how much lies in it. */
export function binLabel(count: number): string {
  return count === 0 ? 'Bin' : `Bin (${count})`;
}

/** All of the bin together. */
export function binSizeWords(bin: readonly Pick<BinEntry, 'sizeBytes'>[]): string {
  return sizeWords(bin.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
}
