import { expect, test } from 'vitest';
import type { Destination } from '../../contract/cloud.ts';
import { foldRecords } from '../../main/recording/fold.ts';
import { toRecordingCloud } from '../../main/recording/fold-cloud.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { deliverableRecord, startedRecord, TRACK_ADA, TRACK_MIX } from '../support/journal-fixtures.ts';

const MIX = 'deliverables/mix.mp4';
const ADA = 'deliverables/ada-camera.mp4';
const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const destination: Destination = { provider: 's3', bucket: 'mine', region: '', endpoint: '', pathStyle: false };
const fingerprint = { sizeBytes: 700, mtimeMs: 1, inode: 1 };

const queued = (...files: [string, string][]): JournalRecord => ({
  kind: 'cloudQueued',
  destination,
  files: files.map(([uploadId, file]) => ({ uploadId, file, key: `p/${file}`, sizeBytes: 700 })),
});
const begun = (uploadId: string): JournalRecord => ({
  kind: 'cloudBegun',
  uploadId,
  session: `session-${uploadId}`,
  partBytes: 100,
  fingerprint,
});
const verified = (uploadId: string): JournalRecord => ({
  kind: 'cloudVerified',
  uploadId,
  by: 'checksum',
  sha256OfParts: 'x',
  partBytes: 100,
  fingerprint,
});
const failed = (uploadId: string, code: 'SOURCE_CHANGED' | 'CLOUD_KEY_WRONG'): JournalRecord => ({
  kind: 'cloudFailed',
  uploadId,
  error: { code, message: 'no', retryable: true },
});
const chapters: JournalRecord = { kind: 'chapters', key: 'other' };

function fold(...records: JournalRecord[]) {
  const files = [deliverableRecord(TRACK_MIX, MIX), deliverableRecord(TRACK_ADA, ADA)];
  const model = foldRecords([startedRecord(), ...files, { kind: 'completed' }, ...records]);
  if (model === null) throw new Error('no model');
  return { cloud: model.cloud, seen: toRecordingCloud(model.cloud, [MIX, ADA]) };
}

test('a recording is verified when all that was to go is, and complete when that is every file', () => {
  expect(fold(queued([A, MIX]), begun(A), verified(A)).seen).toMatchObject({ state: 'verified', complete: false });
  const { seen } = fold(queued([A, MIX], [B, ADA]), verified(A), verified(B));
  expect(seen).toMatchObject({ state: 'verified', complete: true, sentBytes: 1_400, error: null });
});

test('what is still on its way is told before what failed', () => {
  const { seen } = fold(queued([A, MIX], [B, ADA]), failed(A, 'CLOUD_KEY_WRONG'));
  expect(seen).toMatchObject({ state: 'queued', error: { code: 'CLOUD_KEY_WRONG' } });
  expect(fold(queued([A, MIX]), failed(A, 'CLOUD_KEY_WRONG')).seen.state).toBe('failed');
});

test('a file that was changed here is no copy any more, whether it was there, on its way, or found changed before the cause was told', () => {
  for (const before of [[verified(A)], [begun(A)], [begun(A), failed(A, 'SOURCE_CHANGED')]]) {
    for (const after of [[], [failed(A, 'SOURCE_CHANGED')], [verified(A)]]) {
      const { cloud, seen } = fold(queued([A, MIX]), ...before, chapters, ...after);
      expect(cloud.files[0]?.state).toBe('changed');
      expect(seen).toMatchObject({ state: 'failed', complete: false, error: { code: 'SOURCE_CHANGED' } });
    }
  }
  // One that waits is sent as it is when its turn comes.
  expect(fold(queued([A, MIX]), chapters).cloud.files[0]?.state).toBe('queued');
});

test('what failed goes on with its session and its parts, and not from the beginning', () => {
  const part: JournalRecord = { kind: 'cloudPart', uploadId: A, part: 1, sizeBytes: 100, etag: 'e', sha256Hex: 'x' };
  const { cloud } = fold(queued([A, MIX]), begun(A), part, failed(A, 'CLOUD_KEY_WRONG'), {
    kind: 'cloudRetried',
    uploadId: A,
  });
  expect(cloud.files[0]).toMatchObject({ state: 'begun', session: `session-${A}`, parts: [{ part: 1 }], error: null });
});

test('a sending that was cancelled or replaced is remembered until nothing of it lies in the bucket', () => {
  const cancelled: JournalRecord = { kind: 'cloudCancelled' };
  const after = fold(queued([A, MIX], [B, ADA]), begun(A), verified(B), cancelled);
  expect(after.cloud.leftovers).toEqual([{ uploadId: A, destination, key: `p/${MIX}`, session: `session-${A}` }]);
  expect(after.seen).toMatchObject({ state: 'verified', unsettled: true });
  expect(fold(queued([A, MIX]), begun(A), queued([B, MIX])).cloud.leftovers).toHaveLength(1);
  const swept: JournalRecord = { kind: 'cloudSwept', uploadIds: [A] };
  expect(fold(queued([A, MIX]), begun(A), cancelled, swept).seen).toMatchObject({ state: 'none', unsettled: false });
});

test('a recording that is to be queued says so until it is', () => {
  expect(fold({ kind: 'cloudWanted' }).seen).toMatchObject({ state: 'none', unsettled: true });
  expect(fold({ kind: 'cloudWanted' }, queued([A, MIX])).seen.unsettled).toBe(false);
});
