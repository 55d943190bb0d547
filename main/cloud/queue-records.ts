import { assertNever } from '../../contract/errors.ts';
import type { Destination } from '../../contract/cloud.ts';
import type { Recording } from '../../contract/recording.ts';
import type { JournalRecord } from '../recording/journal-records.ts';
import type { Ids } from '../recording/ports.ts';
import type { CloudFileModel, CloudModel } from '../recording/recording-model.ts';
import type { UploadSettings } from './cloud-ports.ts';
import { canGoOn } from './retry-policy.ts';
import { filesToSend, keyFor, prefixOfKey, recordingPrefix, sameDestination } from './upload-plan.ts';

/** Who asks for a recording to be sent. */
export type QueueReason =
  /** A person: whatever the settings say, and all that failed, to the bucket of the settings. */
  | { kind: 'byHand' }
  /** It is completed. */
  | { kind: 'completed' }
  /** Files were changed or made after it had been sent; `newFiles` are those that were made. */
  | { kind: 'changed'; newFiles: ReadonlySet<string> }
  /** Other settings or credentials: what failed for want of them. */
  | { kind: 'retry'; isRetried: (file: CloudFileModel) => boolean };

/**
 * The records that put what is to be sent of a recording into the queue; none when there is nothing to send. Files that were sent
 * before keep their names in the bucket, and new ones join them.
 */
export function queueRecords(
  recording: Pick<Recording, 'id' | 'title' | 'startedAt' | 'status' | 'deliverables' | 'mediaLeftAt'>,
  cloud: CloudModel,
  context: { destination: Destination; settings: UploadSettings; ids: Ids; reason: QueueReason },
): JournalRecord[] {
  const { destination, settings, reason } = context;
  const isHere = (file: CloudFileModel): boolean => sameDestination(file.destination, destination);
  const entries = new Map(cloud.files.map((file) => [file.file, file]));
  const wanted = new Set(filesToSend(recording, settings.cloudWhat).map(({ file }) => file));
  const finished = filesToSend(recording, 'everything');
  if (finished.length === 0) return [];
  const records: JournalRecord[] = [];

  // What is no finished file any more can neither be sent nor fail.
  const listed = new Set(finished.map(({ file }) => file));
  const stale = cloud.files.filter((file) => file.state === 'failed' && !listed.has(file.file));
  if (reason.kind === 'byHand' && stale.length > 0) {
    records.push({ kind: 'cloudRemoved', uploadIds: stale.map(({ uploadId }) => uploadId) });
  }

  const anew: string[] = [];
  for (const { file } of finished) {
    const entry = entries.get(file);
    const what = decide(file, entry, reason, { isWanted: wanted.has(file), isHere });
    if (what === 'anew') anew.push(file);
    if (what === 'goOn' && entry !== undefined) records.push({ kind: 'cloudRetried', uploadId: entry.uploadId });
  }
  if (anew.length === 0) return records;

  const here = cloud.files.filter(isHere);
  const known = here[0];
  const prefix = known === undefined ? recordingPrefix(settings.cloudPrefix, recording) : prefixOfKey(known.key);
  const taken = new Set(here.map(({ key }) => key));
  const files = finished
    .filter(({ file }) => anew.includes(file))
    .map(({ file, sizeBytes }) => {
      const before = entries.get(file);
      const key = before !== undefined && isHere(before) ? before.key : keyFor(prefix, file, taken);
      taken.add(key);
      return { uploadId: context.ids.next(), file, key, sizeBytes };
    });
  return [...records, { kind: 'cloudQueued', destination, files }];
}

function decide(
  file: string,
  entry: CloudFileModel | undefined,
  reason: QueueReason,
  facts: { isWanted: boolean; isHere: (file: CloudFileModel) => boolean },
): 'anew' | 'goOn' | null {
  const { isWanted, isHere } = facts;
  switch (reason.kind) {
    case 'completed':
      return entry === undefined && isWanted ? 'anew' : null;
    case 'changed':
      if (entry === undefined) return isWanted && reason.newFiles.has(file) ? 'anew' : null;
      return entry.state === 'changed' ? 'anew' : null;
    case 'retry':
      return entry?.state === 'failed' && isHere(entry) && reason.isRetried(entry) ? 'goOn' : null;
    case 'byHand': {
      if (entry === undefined) return isWanted ? 'anew' : null;
      if (!isHere(entry)) return 'anew';
      if (entry.state === 'changed') return 'anew';
      if (entry.state !== 'failed') return null;
      return entry.error !== null && canGoOn(entry.error.code) ? 'goOn' : 'anew';
    }
    default:
      return assertNever(reason);
  }
}
