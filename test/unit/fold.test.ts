import { expect, test } from 'vitest';
import { recordingSchema } from '../../contract/recording.ts';
import { foldRecords, toRecording } from '../../main/recording/fold.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { deliverableRecord, startedRecord, TRACK_ADA, TRACK_MIX, trackRecords } from '../support/journal-fixtures.ts';

const quiet = { progress: null, elapsedMs: null };
const target = { trackId: TRACK_ADA, segment: 0 };

test('a journal that does not begin with a start is nobody', () => {
  expect(foldRecords([])).toBeNull();
  expect(foldRecords([{ kind: 'note', text: 'x' }, startedRecord()])).toBeNull();
});

test('a whole life folds to a recording that the contract knows', () => {
  const records: JournalRecord[] = [
    startedRecord('mp4'),
    ...trackRecords(TRACK_MIX, 'mix', { finished: true }),
    ...trackRecords(TRACK_ADA, 'camera', { finished: true, offsetMs: 40 }),
    { kind: 'stopping', endedAt: '2026-11-22T12:00:10.000Z', elapsedMs: 10_000 },
    { kind: 'processing' },
    deliverableRecord(TRACK_ADA, 'segments/ada-camera-0.mkv'),
    deliverableRecord(TRACK_MIX, 'deliverables/mix.mp4'),
    { kind: 'thumbnails', files: ['thumbnails/1.jpg'] },
    { kind: 'completed' },
    { kind: 'renamed', title: 'Second name' },
  ];
  const model = foldRecords(records);
  if (model === null) throw new Error('no model');
  const recording = recordingSchema.parse(toRecording(model, '/r', quiet));
  expect(recording).toMatchObject({
    status: 'completed',
    title: 'Second name',
    durationMs: 10_000,
    participantNames: ['Ada'],
    thumbnails: ['thumbnails/1.jpg'],
    endedAt: '2026-11-22T12:00:10.000Z',
  });
  // The mix comes first, whenever it was made.
  expect(recording.deliverables.map((each) => each.source)).toEqual(['mix', 'camera']);
  // Two segments of 500 bytes and the MP4 of 700: a segment that is its own deliverable counts once.
  expect(recording.sizeBytes).toBe(1_700);
});

test('while recording, sizes are what is known to be on the disk and never shrink', () => {
  const model = foldRecords([
    startedRecord(),
    ...trackRecords(TRACK_ADA, 'camera', { finished: false }),
    { kind: 'durable', ...target, sizeBytes: 300, durationMs: 900, atMs: 0 },
    { kind: 'durable', ...target, sizeBytes: 200, durationMs: 800, atMs: 0 },
  ]);
  expect(model?.tracks[0]?.segments[0]).toMatchObject({ state: 'open', sizeBytes: 300, durationMs: 900 });
  expect(model && toRecording(model, '/r', { progress: null, elapsedMs: 1_234 })).toMatchObject({
    status: 'recording',
    durationMs: 1_234,
    sizeBytes: 300,
  });
});

test('an interruption ends what was open as crashed, and only that', () => {
  const model = foldRecords([
    startedRecord(),
    ...trackRecords(TRACK_MIX, 'mix', { finished: true }),
    ...trackRecords(TRACK_ADA, 'camera', { finished: false }),
    { kind: 'interrupted', aliveMs: null },
  ]);
  expect(model?.status).toBe('interrupted');
  expect(model?.tracks.map((track) => [track.segments[0]?.state, track.segments[0]?.endReason])).toEqual([
    ['finished', 'stopped'],
    ['closed', 'crashed'],
  ]);
});

test('an interrupted recording lasts as long as its longest segment', () => {
  const model = foldRecords([
    startedRecord(),
    ...trackRecords(TRACK_ADA, 'camera', { finished: true, offsetMs: 700, durationMs: 4_000 }),
    { kind: 'interrupted', aliveMs: null },
  ]);
  expect(model && toRecording(model, '/r', quiet).durationMs).toBe(4_700);
});

test('records about what nobody opened, and records that come twice, change nothing', () => {
  const records = [startedRecord(), ...trackRecords(TRACK_ADA, 'camera', { finished: true })];
  const once = foldRecords(records);
  const twice = foldRecords([
    ...records,
    ...records,
    { kind: 'durable', trackId: TRACK_MIX, segment: 3, sizeBytes: 9, durationMs: 9, atMs: 0 },
  ]);
  expect(twice).toEqual(once);
});

test('a result replaces what it was made of, and a second one of the same id replaces the first', () => {
  const segment = deliverableRecord(TRACK_ADA, 'segments/ada-camera-0.mkv');
  const joined = deliverableRecord(TRACK_ADA, 'deliverables/ada-camera.mkv');
  const model = foldRecords([
    startedRecord(),
    ...trackRecords(TRACK_ADA, 'camera', { finished: true }),
    segment,
    { ...joined, replaces: [segment.deliverable.id] },
    { ...joined, deliverable: { ...joined.deliverable, sizeBytes: 9 } },
  ]);
  expect(model?.deliverables.map((each) => [each.file, each.sizeBytes])).toEqual([['deliverables/ada-camera.mkv', 9]]);
});

test('an error goes away when the recording is tried again', () => {
  const error = { code: 'FFMPEG_FAILED', message: 'It failed.', retryable: true } as const;
  const failed = foldRecords([startedRecord(), { kind: 'failed', error }]);
  expect(failed).toMatchObject({ status: 'failed', error });
  expect(foldRecords([startedRecord(), { kind: 'failed', error }, { kind: 'processing' }])).toMatchObject({
    status: 'processing',
    error: null,
  });
});
