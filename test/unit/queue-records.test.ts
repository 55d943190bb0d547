import { expect, test } from 'vitest';
import type { Destination } from '../../contract/cloud.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { queueRecords } from '../../main/cloud/queue-records.ts';
import type { QueueReason } from '../../main/cloud/queue-records.ts';
import { foldRecords, toRecording } from '../../main/recording/fold.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import { deliverableRecord, startedRecord, TRACK_ADA, TRACK_MIX } from '../support/journal-fixtures.ts';

const MIX = 'deliverables/mix.mp4';
const ADA = 'deliverables/ada-camera.mp4';
const A = '00000000-0000-4000-8000-00000000000a';
const HERE: Destination = { provider: 's3', bucket: 'mine', region: '', endpoint: '', pathStyle: false };
const ELSEWHERE: Destination = { ...HERE, bucket: 'other' };
const files = [deliverableRecord(TRACK_MIX, MIX), deliverableRecord(TRACK_ADA, ADA)];

const queued = (key = 'old/folder/mix.mp4', destination = HERE): JournalRecord => ({
  kind: 'cloudQueued',
  destination,
  files: [{ uploadId: A, file: MIX, key, sizeBytes: 700 }],
});
const ended = (code: 'CLOUD_KEY_WRONG' | 'CLOUD_CONTENT_DIFFERS'): JournalRecord => ({
  kind: 'cloudFailed',
  uploadId: A,
  error: { code, message: 'no', retryable: true },
});
const verified: JournalRecord = {
  kind: 'cloudVerified',
  uploadId: A,
  by: 'checksum',
  sha256OfParts: 'x',
  partBytes: 100,
  fingerprint: { sizeBytes: 700, mtimeMs: 1, inode: 1 },
};

/** What is queued for this reason: the files with their keys, or what goes on. */
function ask(reason: QueueReason, journal: JournalRecord[], settings: Partial<typeof DEFAULT_SETTINGS> = {}): string[] {
  const model = foldRecords([startedRecord(), ...files, { kind: 'completed' }, ...journal]);
  if (model === null) throw new Error('no model');
  const recording = toRecording(model, '/folder', { progress: null, elapsedMs: null });
  const records = queueRecords(recording, model.cloud, {
    destination: HERE,
    settings: { ...DEFAULT_SETTINGS, cloudPrefix: 'calls', ...settings },
    ids: nodeIds,
    reason,
  });
  return records.flatMap((record) =>
    record.kind === 'cloudQueued' ? record.files.map(({ key }) => key) : [record.kind],
  );
}

const NEW = 'calls/2026-11-22-interview-00000000-0000-4000-8000-000000000010';
const byHand: QueueReason = { kind: 'byHand' };
const completed: QueueReason = { kind: 'completed' };

test('a completed recording is queued once, as the settings say', () => {
  expect(ask(completed, [])).toEqual([`${NEW}/mix.mp4`, `${NEW}/ada-camera.mp4`]);
  expect(ask(completed, [], { cloudWhat: 'mix' })).toEqual([`${NEW}/mix.mp4`]);
  expect(ask(completed, [queued()], { cloudWhat: 'mix' })).toEqual([]);
});

test('a file that is sent again keeps its key, and a new one joins its folder', () => {
  const changed: JournalRecord = { kind: 'chapters', key: 'other' };
  expect(ask({ kind: 'changed', newFiles: new Set([ADA]) }, [queued(), verified, changed])).toEqual([
    'old/folder/mix.mp4',
    'old/folder/ada-camera.mp4',
  ]);
  expect(ask({ kind: 'changed', newFiles: new Set() }, [queued(), verified])).toEqual([]);
});

test('by hand what failed goes on where that helps, and anew where it does not', () => {
  expect(ask(byHand, [queued(), ended('CLOUD_KEY_WRONG')], { cloudWhat: 'mix' })).toEqual(['cloudRetried']);
  expect(ask(byHand, [queued(), ended('CLOUD_CONTENT_DIFFERS')], { cloudWhat: 'mix' })).toEqual(['old/folder/mix.mp4']);
  expect(ask(byHand, [queued(), verified], { cloudWhat: 'mix' })).toEqual([]);
});

test('by hand what lies in another bucket goes to the one of the settings, under a name of its own there', () => {
  expect(ask(byHand, [queued('old/folder/mix.mp4', ELSEWHERE), verified], { cloudWhat: 'mix' })).toEqual([
    `${NEW}/mix.mp4`,
  ]);
});

test('a changed setup goes on only with what failed for want of it, and only there', () => {
  const retry: QueueReason = { kind: 'retry', isRetried: ({ error }) => error?.code === 'CLOUD_KEY_WRONG' };
  expect(ask(retry, [queued(), ended('CLOUD_KEY_WRONG')])).toEqual(['cloudRetried']);
  expect(ask(retry, [queued(), ended('CLOUD_CONTENT_DIFFERS')])).toEqual([]);
  expect(ask(retry, [queued('k', ELSEWHERE), ended('CLOUD_KEY_WRONG')])).toEqual([]);
});
