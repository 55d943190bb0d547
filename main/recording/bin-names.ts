import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';

/** What the name of an entry of the bin says: all that is needed to bring it back, without any other file. */
export type BinName = {
  recordingId: RecordingId;
  /** Wall clock when it was put there, milliseconds since 1970. */
  binnedWallMs: number;
  /** The whole folder of a recording, or only its media. */
  kind: 'recording' | 'media';
};

/** What is being deleted for good has this at the end of its name. */
const GONE = '.gone';

const ID = '[0-9a-f-]{36}';
// 15 digits: every date that JavaScript knows (ECMA-262, 21.4.1.1) has fewer.
const entryPattern = new RegExp(`^(${ID})\\.(\\d{1,15})\\.(recording|media)$`);
/** How entries were named before there was an undo: deletions under way. */
const earlierPattern = new RegExp(`^${ID}\\.${ID}$`);

/** The name of an entry. */
export function binName({ recordingId, binnedWallMs, kind }: BinName): string {
  return `${recordingId}.${Math.max(0, Math.round(binnedWallMs))}.${kind}`;
}

/** Takes the name of an entry apart; null for whatever the app did not name. */
export function parseBinName(name: string): BinName | null {
  const [, id, binnedWallMs, kind] = entryPattern.exec(name) ?? [];
  const recordingId = parseUntrusted(recordingIdSchema, id);
  if (!recordingId.success || (kind !== 'recording' && kind !== 'media')) return null;
  return { recordingId: recordingId.data, binnedWallMs: Number(binnedWallMs), kind };
}

/** The name that an entry gets at the instant in which it is deleted for good. */
export function goneName(name: string): string {
  return `${name}${GONE}`;
}

/** Whether a name is that of a deletion which was begun. */
export function isBegunDeletion(name: string): boolean {
  if (earlierPattern.test(name)) return true;
  return name.endsWith(GONE) && parseBinName(name.slice(0, -GONE.length)) !== null;
}
