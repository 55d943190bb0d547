import { describe, expect, test } from 'vitest';
import { NO_CLOUD } from '../../contract/cloud.ts';
import type { RecordingCloud } from '../../contract/cloud.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { recordingStatusSchema } from '../../contract/recording.ts';
import type { Recording } from '../../contract/recording.ts';
import { createFold, toRecording } from '../../main/recording/fold.ts';
import { deletionRefusal } from '../../main/recording/deletion-refusal.ts';
import { leavingOf, planLeaving, ruleOf } from '../../main/retention/leaving.ts';
import type { LeavingInput, Notice } from '../../main/retention/leaving.ts';
import { deliverableRecord, startedRecord, TRACK_ADA, TRACK_MIX, trackRecords } from '../support/journal-fixtures.ts';

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 11, 31);
const MIX = 'deliverables/mix.mp4';
const CAMERA = 'segments/ada-camera-0.mkv';

const base = finished();

function finished(): Recording {
  const fold = createFold();
  const records = [
    startedRecord(),
    ...trackRecords(TRACK_MIX, 'mix', { finished: true }),
    ...trackRecords(TRACK_ADA, 'camera', { finished: true }),
    deliverableRecord(TRACK_MIX, MIX),
    deliverableRecord(TRACK_ADA, CAMERA),
  ];
  for (const record of records) fold.add(record);
  const model = fold.model();
  if (model === null) throw new Error('no model');
  return toRecording({ ...model, status: 'completed' }, '/recordings/x', { progress: null, elapsedMs: null });
}

function inBucket(...files: string[]): RecordingCloud {
  return {
    ...NO_CLOUD,
    state: 'verified',
    complete: files.length === 2,
    files: files.map((file) => ({ file, key: file, sizeBytes: 1, state: 'verified' })),
  };
}

const days30 = ruleOf({ retentionPolicy: 'days', retentionDays: 30, retentionUnverified: false });
const days30Unverified = ruleOf({ retentionPolicy: 'days', retentionDays: 30, retentionUnverified: true });
const verified = ruleOf({ retentionPolicy: 'verified', retentionDays: 30, retentionUnverified: true });
const forever = ruleOf({ retentionPolicy: 'forever', retentionDays: 1, retentionUnverified: true });

/** A recording that ended so many days ago. */
function aged(days: number, changes: Partial<Recording> = {}): Recording {
  return { ...base, endedAt: new Date(NOW - days * DAY).toISOString(), ...changes };
}

describe('by the policy', () => {
  test.each([
    ['days: 31 days old and verified', days30, aged(31, { cloud: inBucket(MIX, CAMERA) }), 'media'],
    [
      'days: 31 days old, only its mix there',
      days30,
      aged(31, { cloud: inBucket(MIX) }),
      'Only its mix is in your bucket.',
    ],
    [
      'days: 31 days old, only a track there',
      days30,
      aged(31, { cloud: inBucket(CAMERA) }),
      'Not all of its files are in your bucket.',
    ],
    ['days: 31 days old, in no bucket', days30, aged(31), 'It is in no bucket.'],
    ['days: 29 days old, in no bucket', days30, aged(29), null],
    ['days, last copies too: in no bucket', days30Unverified, aged(31), 'recording'],
    ['days, last copies too: verified', days30Unverified, aged(31, { cloud: inBucket(MIX, CAMERA) }), 'media'],
    ['verified: just ended and verified', verified, aged(0, { cloud: inBucket(MIX, CAMERA) }), 'media'],
    ['verified: in no bucket, whatever is said of days', verified, aged(400), 'It is in no bucket.'],
    ['for ever', forever, aged(4000, { cloud: inBucket(MIX, CAMERA) }), null],
    ['its media left already', days30, aged(31, { cloud: inBucket(MIX, CAMERA), mediaLeftAt: base.startedAt }), null],
    ['pinned', days30Unverified, aged(31, { pinned: true }), 'You pinned it.'],
    ['queued', days30Unverified, aged(31, { cloud: { ...NO_CLOUD, state: 'queued' } }), 'It is being uploaded.'],
    ['uploading', days30Unverified, aged(31, { cloud: { ...NO_CLOUD, state: 'uploading' } }), 'It is being uploaded.'],
    [
      'its upload failed',
      days30Unverified,
      aged(31, { cloud: { ...NO_CLOUD, state: 'failed' } }),
      'Its upload failed.',
    ],
    [
      'to be queued',
      days30Unverified,
      aged(31, { cloud: { ...NO_CLOUD, unsettled: true } }),
      'Its upload is not settled yet.',
    ],
    [
      'all verified, and another file on its way',
      days30Unverified,
      aged(31, { cloud: { ...inBucket(MIX, CAMERA), state: 'uploading' } }),
      'It is being uploaded.',
    ],
    [
      'something is made of it',
      days30Unverified,
      aged(31, { progress: { stage: 'exporting', fraction: 0.5 } }),
      'Something is still being made of it.',
    ],
  ])('%s: %#', (_name, rule, recording, expected) => {
    const leaving = leavingOf(recording, rule, NOW);
    expect(leaving.kind === 'leaves' ? leaving.what : leaving.because).toBe(expected);
  });

  test('only what is completed leaves by itself, and a person may delete what has ended', () => {
    const answers = recordingStatusSchema.options.map((status) => {
      const recording = aged(31, { status, cloud: inBucket(MIX, CAMERA) });
      return [status, deletionRefusal(recording) === null, leavingOf(recording, days30Unverified, NOW).kind];
    });
    expect(answers).toEqual([
      ['recording', false, 'stays'],
      ['paused', false, 'stays'],
      ['stopping', false, 'stays'],
      ['processing', false, 'stays'],
      ['completed', true, 'leaves'],
      ['failed', true, 'stays'],
      ['interrupted', false, 'stays'],
    ]);
  });

  test('a person may delete whatever is not on its way to the bucket', () => {
    const answers = (['none', 'queued', 'uploading', 'verified', 'failed'] as const).map((state) => [
      state,
      deletionRefusal({ status: 'completed', cloud: { ...NO_CLOUD, state } }) === null,
    ]);
    expect(answers).toEqual([
      ['none', true],
      ['queued', false],
      ['uploading', false],
      ['verified', true],
      ['failed', true],
    ]);
  });

  test('the days count from the end; of one that nobody stopped, from its start and its length', () => {
    const dueOf = (recording: Recording): number | null => {
      const leaving = leavingOf(recording, days30Unverified, NOW);
      return leaving.kind === 'leaves' ? leaving.dueMs : null;
    };
    expect(dueOf(aged(10))).toBe(NOW + 20 * DAY);
    expect(dueOf({ ...base, endedAt: null, startedAt: new Date(NOW - DAY).toISOString(), durationMs: 5 })).toBe(
      NOW + 29 * DAY + 5,
    );
  });
});

describe('the notice and the question', () => {
  const idOf = (n: number): RecordingId =>
    recordingIdSchema.parse(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
  const library = (count: number, due: number): Recording[] =>
    Array.from({ length: count }, (_, n) => ({ ...aged(n < due ? 31 : 1), id: idOf(n) }));
  const planOf = (changes: Partial<LeavingInput>) =>
    planLeaving({
      recordings: [],
      rule: days30Unverified,
      nowMs: NOW,
      believedMs: 100 * DAY,
      notices: new Map(),
      approved: new Set(),
      ...changes,
    });
  const given = (recordings: readonly Recording[], agoMs: number, seen = false): Map<RecordingId, Notice> =>
    new Map(recordings.map(({ id }) => [id, { givenBelievedMs: 100 * DAY - agoMs, seen }]));

  test('what leaves within three days is told of, once', () => {
    const recordings = [26.9, 27, 31].map((days, n) => ({ ...aged(days), id: idOf(n) }));
    expect(planOf({ recordings }).announce).toEqual([idOf(1), idOf(2)]);
    expect(planOf({ recordings, notices: given(recordings, 0) }).announce).toEqual([]);
  });

  test('what is due goes a day after it was told, not a moment sooner', () => {
    const recordings = library(10, 1);
    expect(planOf({ recordings }).ready).toEqual([]);
    expect(planOf({ recordings, notices: given(recordings, DAY - 1) }).ready).toEqual([]);
    expect(planOf({ recordings, notices: given(recordings, DAY) }).ready).toEqual([{ id: idOf(0), what: 'recording' }]);
  });

  test('the notice stands until it was read, with the time at which the first one goes', () => {
    const recordings = library(10, 2);
    const due = recordings.slice(0, 2);
    const told = planOf({ recordings, notices: given(due, 5 * HOUR) }).notice;
    expect(told).toEqual({ recordingIds: [idOf(0), idOf(1)], firstAtMs: NOW + 19 * HOUR });
    expect(planOf({ recordings, notices: given(due, 5 * HOUR, true) }).notice).toBeNull();
  });

  test.each([
    ['one of two', 2, 1, false],
    ['two of ten', 10, 2, false],
    ['three of ten', 10, 3, true],
    ['two of nine', 9, 2, true],
    ['ten of a hundred', 100, 10, false],
    ['eleven of a hundred', 100, 11, true],
  ])('%s at once: whether somebody is asked', (_name, count, due, asks) => {
    const recordings = library(count, due);
    const plan = planOf({ recordings, notices: given(recordings, DAY) });
    expect(plan.asking).toHaveLength(asks ? due : 0);
    expect(plan.ready).toHaveLength(asks ? 0 : due);
  });

  test('who said yes to some is not asked for these again, and the others wait', () => {
    const recordings = library(100, 30);
    const approved = new Set(recordings.slice(0, 12).map(({ id }) => id));
    const plan = planOf({ recordings, notices: given(recordings, DAY), approved });
    expect(plan.ready.map(({ id }) => id)).toEqual([...approved]);
    expect(plan.asking).toHaveLength(18);
  });
});
