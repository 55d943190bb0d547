import { expect, test } from 'vitest';
import { assertNever } from '../../contract/errors.ts';
import { markerIdSchema } from '../../contract/ids.ts';
import { nextStep } from '../../main/recording/finalise-plan.ts';
import { applyRecord, foldRecords } from '../../main/recording/fold.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import type { RecordingModel } from '../../main/recording/recording-model.ts';
import { deliverableRecord, startedRecord, TRACK_ADA, TRACK_MIX, trackRecords } from '../support/journal-fixtures.ts';

function modelOf(records: JournalRecord[]): RecordingModel {
  const model = foldRecords(records);
  if (model === null) throw new Error('no model');
  return model;
}

/** Does every step as a finaliser whose every result works would, and gives the steps in order. */
function runPlan(
  records: JournalRecord[],
  failing: readonly string[] = [],
): { steps: string[]; model: RecordingModel } {
  let model = modelOf(records);
  const steps: string[] = [];
  const failed = new Set<string>();
  for (let step = nextStep(model, failed); step !== null; step = nextStep(model, failed)) {
    steps.push(step.key);
    if (steps.length > 50) throw new Error('The plan never ends.');
    if (failing.includes(step.key)) {
      failed.add(step.key);
      continue;
    }
    for (const record of outcome(model, step)) model = applyRecord(model, record);
  }
  return { steps, model };
}

function outcome(model: RecordingModel, step: NonNullable<ReturnType<typeof nextStep>>): JournalRecord[] {
  switch (step.kind) {
    case 'finishSegment': {
      const codecs = { audioCodec: 'A_OPUS', videoCodec: 'V_MPEG4/ISO/AVC' };
      const { trackId, segment } = step;
      return [{ kind: 'segmentFinished', trackId, segment, durationMs: 1_000, sizeBytes: 500, ...codecs }];
    }
    case 'listSegment': {
      const track = model.tracks.find((each) => each.id === step.trackId);
      return [deliverableRecord(step.trackId, track?.segments[step.segment]?.file?.path ?? '')];
    }
    case 'process':
      return [{ kind: 'processing' }];
    case 'mixMp4':
    case 'joinTrack': {
      const old = model.deliverables.filter((each) => each.trackId === step.trackId).map((each) => each.id);
      const file = step.kind === 'mixMp4' ? 'deliverables/mix.mp4' : 'deliverables/ada-camera.mkv';
      return [{ ...deliverableRecord(step.trackId, file), replaces: old }];
    }
    case 'thumbnails':
      return [{ kind: 'thumbnails', files: [] }];
    case 'chapters':
      return [{ kind: 'chapters', key: step.key.replace('chapters:', '') }];
    default:
      return assertNever(step);
  }
}

test('an mp4 recording: finish, list, announce, MP4 of the mix, thumbnails, and then nothing', () => {
  const { steps, model } = runPlan([
    startedRecord('mp4'),
    ...trackRecords(TRACK_MIX, 'mix', { finished: false }),
    ...trackRecords(TRACK_ADA, 'camera', { finished: true }),
  ]);
  expect(steps).toEqual(['finish:mix:0', 'list:mix:0', 'list:ada-camera:0', 'process', 'mp4:mix', 'thumbnails']);
  expect(nextStep(model, new Set())).toBeNull();
  expect(model.deliverables.map((each) => each.file)).toEqual(['deliverables/mix.mp4', 'segments/ada-camera-0.mkv']);
});

test('an mkv recording has nothing to make but thumbnails', () => {
  const { steps } = runPlan([startedRecord('mkv'), ...trackRecords(TRACK_MIX, 'mix', { finished: true })]);
  expect(steps).toEqual(['list:mix:0', 'process', 'thumbnails']);
});

test('a track of several segments is playable before it is joined, and not listed twice after', () => {
  const { steps, model } = runPlan([
    startedRecord('mkv'),
    ...trackRecords(TRACK_ADA, 'camera', { finished: true, segments: 2 }),
  ]);
  expect(steps).toEqual(['list:ada-camera:0', 'list:ada-camera:1', 'process', 'join:ada-camera', 'thumbnails']);
  expect(model.deliverables.map((each) => each.file)).toEqual(['deliverables/ada-camera.mkv']);
});

test('a step that fails stops no other, and is the first thing to do next time', () => {
  const records = [startedRecord('mp4'), ...trackRecords(TRACK_MIX, 'mix', { finished: true })];
  const { steps, model } = runPlan(records, ['mp4:mix']);
  expect(steps).toEqual(['list:mix:0', 'process', 'mp4:mix', 'thumbnails']);
  expect(nextStep(model, new Set())?.key).toBe('mp4:mix');
});

test('a result that can never be made is not tried again; a mix of two runs is joined instead', () => {
  const { steps } = runPlan([
    startedRecord('mp4'),
    ...trackRecords(TRACK_MIX, 'mix', { finished: true, segments: 2, videoCodec: 'V_VP8' }),
    { kind: 'abandoned', step: 'mp4:mix', note: 'An MP4 cannot hold it.' },
  ]);
  expect(steps).toEqual(['list:mix:0', 'list:mix:1', 'process', 'join:mix', 'thumbnails']);
});

test('an MP4 that somebody asked for does not stand for the track', () => {
  const { steps } = runPlan([
    startedRecord('mkv'),
    ...trackRecords(TRACK_ADA, 'camera', { finished: true }),
    deliverableRecord(TRACK_ADA, 'deliverables/ada-camera.mp4'),
  ]);
  expect(steps).toContain('list:ada-camera:0');
});

const marker = (n: number, atMs: number): JournalRecord => ({
  kind: 'marker',
  markerId: markerIdSchema.parse(`00000000-0000-4000-8000-00000000000${n}`),
  atMs,
  name: '',
});

test('markers are written into the files last, once, and again when one of them changes', () => {
  const records = [
    startedRecord('mp4'),
    ...trackRecords(TRACK_MIX, 'mix', { finished: true }),
    marker(1, 300),
    marker(2, 600),
  ];
  const { steps, model } = runPlan(records);
  expect(steps.slice(0, -1)).toEqual(['list:mix:0', 'process', 'mp4:mix', 'thumbnails']);
  expect(steps.at(-1)).toMatch(/^chapters:[0-9a-f]{32}$/);
  const [, second] = model.markers;
  if (second === undefined) throw new Error('no marker');
  const named = applyRecord(model, { kind: 'markerNamed', markerId: second.id, name: 'Question' });
  expect(nextStep(named, new Set())?.kind).toBe('chapters');
  expect(nextStep(named, new Set())?.key).not.toBe(steps.at(-1));
  const without = model.markers.reduce(
    (left, each) => applyRecord(left, { kind: 'markerRemoved', markerId: each.id }),
    model,
  );
  expect(nextStep(without, new Set())?.key).toBe('chapters:none');
  const again = applyRecord(without, { kind: 'chapters', key: 'none' });
  expect(nextStep(again, new Set())).toBeNull();
});

test('chapters that could not be written are left until somebody tries again', () => {
  const records = [startedRecord('mkv'), ...trackRecords(TRACK_MIX, 'mix', { finished: true }), marker(1, 300)];
  const listed = deliverableRecord(TRACK_MIX, 'segments/mix-0.mkv');
  const made: JournalRecord[] = [...records, { kind: 'processing' }, listed, { kind: 'thumbnails', files: [] }];
  const step = nextStep(modelOf(made), new Set());
  expect(step?.kind).toBe('chapters');
  const left: JournalRecord[] = [...made, { kind: 'abandoned', step: step?.key ?? '', note: 'The disk was full.' }];
  expect(nextStep(modelOf(left), new Set())).toBeNull();
  expect(nextStep(modelOf([...left, { kind: 'processing' }]), new Set())?.key).toBe(step?.key);
});

test('markers that lie in no file, and files that take no chapters, are no work', () => {
  const webm = [startedRecord('webm'), ...trackRecords(TRACK_MIX, 'mix', { finished: true, container: 'webm' })];
  expect(runPlan([...webm, marker(1, 300)]).steps.at(-1)).toBe('thumbnails');
  const late = [startedRecord('mkv'), ...trackRecords(TRACK_MIX, 'mix', { finished: true }), marker(1, 60_000)];
  expect(runPlan(late).steps.at(-1)).toBe('thumbnails');
});

test('a recording in which nothing was saved has nothing to make', () => {
  const { steps } = runPlan([startedRecord('mp4'), { kind: 'segmentEmpty', trackId: TRACK_ADA, segment: 0 }]);
  expect(steps).toEqual([]);
});
