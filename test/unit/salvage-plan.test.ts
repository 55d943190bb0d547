import { describe, expect, test } from 'vitest';
import {
  callIdSchema,
  markerIdSchema,
  participantIdSchema,
  recordingIdSchema,
  trackIdSchema,
} from '../../contract/ids.ts';
import { foldRecords, toRecording } from '../../main/recording/fold.ts';
import { createBehind } from '../../main/recording/journal-behind.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { parseSegmentName, salvagePlan } from '../../main/recording/salvage-plan.ts';
import type { FoundSegment, SalvageInput } from '../../main/recording/salvage-plan.ts';

const recordingId = recordingIdSchema.parse('00000000-0000-4000-8000-0000000000aa');
const trackId = trackIdSchema.parse('00000000-0000-4000-8000-0000000000a1');
const ada = participantIdSchema.parse('00000000-0000-4000-8000-000000000ada');
const startedAt = '2026-11-22T18:00:00.000Z';
const startedMs = Date.parse(startedAt);

function found(name: string, dateMs: number | null, more: Partial<FoundSegment['facts']> = {}): FoundSegment {
  const parsed = parseSegmentName(name);
  if (parsed === null) throw new Error(`${name} is no segment's name`);
  const facts = { dateMs, participantName: 'Åda', audioCodec: 'A_OPUS', videoCodec: 'V_VP8', ...more };
  return { ...parsed, facts, modifiedWallMs: startedMs + 5_000 };
}

function input(changes: Partial<SalvageInput>): SalvageInput {
  let n = 0;
  return {
    recordingId,
    model: null,
    behind: [],
    isDamaged: false,
    row: null,
    files: [],
    folderWallMs: startedMs,
    hasMixMp4: false,
    nextId: () => `00000000-0000-4000-8000-${String((n += 1)).padStart(12, '0')}`,
    ...changes,
  };
}

const started: JournalRecord = {
  kind: 'started',
  version: 1,
  recordingId,
  callId: callIdSchema.parse('00000000-0000-4000-8000-00000000ca11'),
  title: 'Interview',
  recordedBy: 'Ada',
  format: 'mkv',
  startedAt,
};
const trackOpened: JournalRecord = {
  kind: 'trackOpened',
  trackId,
  participantId: ada,
  participantName: 'Ada',
  source: 'camera',
  stem: 'ada-camera',
};
const segmentOpened: JournalRecord = {
  kind: 'segmentOpened',
  trackId,
  segment: 0,
  lanes: ['audio', 'video'],
  atMs: 90,
};
const segmentFile: JournalRecord = {
  kind: 'segmentFile',
  trackId,
  segment: 0,
  file: 'segments/ada-camera-0.webm',
  container: 'webm',
  audioCodec: 'A_OPUS',
  videoCodec: 'V_VP8',
  offsetMs: 120.5,
};

describe('salvage plan', () => {
  test('a journal that says all that there is lacks nothing', () => {
    const model = foldRecords([started, trackOpened, segmentOpened, segmentFile]);
    expect(salvagePlan(input({ model, files: [found('ada-camera-0.webm', startedMs)] }))).toEqual([]);
  });

  test('a file whose record was lost becomes the file of the segment that was opened for it', () => {
    const model = foldRecords([started, trackOpened, segmentOpened]);
    const plan = salvagePlan(input({ model, files: [found('ada-camera-0.webm', startedMs + 120.5)] }));
    expect(plan).toEqual([segmentFile]);
  });

  test('from files alone: tracks by name, people and times from the heads, mix and screen by their names', () => {
    const files = [
      found('mix-0.mkv', startedMs + 900, { participantName: null, videoCodec: 'V_MPEG4/ISO/AVC' }),
      found('åda-lov-camera-1.webm', startedMs + 60_000),
      found('åda-lov-camera-0.webm', startedMs + 250),
      found('ben-2-screen-0.webm', startedMs + 10_000, { participantName: null, audioCodec: null }),
    ];
    const plan = salvagePlan(input({ files }));
    const model = foldRecords(plan);
    if (model === null) throw new Error('there is no start');
    expect(model).toMatchObject({ id: recordingId, title: 'Recording of 2026-11-22 18:00 UTC', format: 'mkv' });
    expect(model.callId).toBe('00000000-0000-0000-0000-000000000000');
    expect(model.startedAt).toBe(new Date(startedMs + 250).toISOString());
    expect(
      model.tracks.map(({ stem, source, participantName, segments }) => [
        stem,
        source,
        participantName,
        segments.map((segment) => [segment.index, segment.file?.path, segment.file?.offsetMs]),
      ]),
    ).toEqual([
      [
        'åda-lov-camera',
        'camera',
        'Åda',
        [
          [0, 'segments/åda-lov-camera-0.webm', 0],
          [1, 'segments/åda-lov-camera-1.webm', 59_750],
        ],
      ],
      ['mix', 'mix', '', [[0, 'segments/mix-0.mkv', 650]]],
      ['ben-2-screen', 'screen', 'ben 2', [[0, 'segments/ben-2-screen-0.webm', 9_750]]],
    ]);
    expect(model.tracks[0]?.segments[0]?.lanes).toEqual(['audio', 'video']);
    expect(model.tracks[1]?.segments[0]?.lanes).toEqual(['av']);
    expect(model.tracks[2]?.segments[0]?.lanes).toEqual(['video']);
    expect(model.notes).toEqual(['The journal was damaged; this recording was put together from its files.']);
  });

  test('good lines behind the damage give back people, places and markers, and when the clock began', () => {
    const markerId = markerIdSchema.parse('00000000-0000-4000-8000-0000000000c1');
    const behind = [
      trackOpened,
      segmentOpened,
      segmentFile,
      { kind: 'marker' as const, markerId, atMs: 4_000, name: 'here' },
    ];
    const plan = salvagePlan(input({ behind, files: [found('ada-camera-0.webm', startedMs + 120.5)] }));
    const model = foldRecords(plan);
    expect(model).toMatchObject({ startedAt, markers: [{ id: markerId, atMs: 4_000, name: 'here' }] });
    expect(model?.tracks).toMatchObject([{ id: trackId, participantId: ada, participantName: 'Ada' }]);
    expect(model?.tracks[0]?.segments).toMatchObject([{ index: 0, file: { offsetMs: 120.5 } }]);
  });

  test('what the library remembers is kept: title, call, start, people', () => {
    const model = foldRecords([started, trackOpened, segmentOpened, segmentFile]);
    if (model === null) throw new Error('there is no start');
    const row = toRecording(model, '/somewhere', { progress: null, elapsedMs: null });
    const again = foldRecords(salvagePlan(input({ row, files: [found('ada-camera-0.webm', startedMs + 120.5)] })));
    expect(again).toMatchObject({ title: 'Interview', callId: model.callId, startedAt });
    expect(again?.tracks).toMatchObject([{ id: trackId, participantId: ada, stem: 'ada-camera' }]);
    expect(again?.tracks[0]?.segments[0]?.file?.offsetMs).toBeCloseTo(120.5, 2);
  });

  test('a file with a damaged head is adopted by its name, so that somebody says what is wrong with it', () => {
    const files = [{ ...found('ada-camera-0.webm', null), facts: null }];
    const model = foldRecords(salvagePlan(input({ files })));
    expect(model?.tracks).toMatchObject([{ participantName: 'ada', segments: [{ file: { offsetMs: 0 } }] }]);
  });

  test('a date that cannot be is not believed', () => {
    const model = foldRecords([started, trackOpened, segmentOpened]);
    const plan = salvagePlan(input({ model, files: [found('ada-camera-0.webm', Date.UTC(2001, 0, 1))] }));
    expect(plan).toMatchObject([{ kind: 'segmentFile', offsetMs: 0 }]);
  });

  test('two files of one index both become segments', () => {
    const files = [found('ada-camera-0.webm', startedMs), found('ada-camera-0.mkv', startedMs + 500)];
    const model = foldRecords(salvagePlan(input({ files })));
    expect(model?.tracks[0]?.segments.map((segment) => segment.index)).toEqual([0, 1]);
  });

  test('names that are no segments are left alone', () => {
    for (const name of ['notes.txt', 'ada-camera.webm', 'ada-camera-0.mp4', `${'x'.repeat(90)}-0.webm`, '-0.webm']) {
      expect(parseSegmentName(name)).toBeNull();
    }
  });
});

test('of the lines behind a damage only the last word on a segment is kept, however long the recording was', () => {
  const behind = createBehind();
  for (let second = 1; second <= 100_000; second += 1) {
    behind.add({
      kind: 'durable',
      trackId,
      segment: 0,
      sizeBytes: second,
      durationMs: second * 1000,
      atMs: second * 1000,
    });
  }
  behind.add({ kind: 'completed' });
  expect(behind.records()).toEqual([
    { kind: 'durable', trackId, segment: 0, sizeBytes: 100_000, durationMs: 100_000_000, atMs: 100_000_000 },
  ]);
});
