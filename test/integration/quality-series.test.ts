import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RecordingId } from '../../contract/ids.ts';
import type { ParticipantQuality } from '../../contract/quality.ts';
import type { Recording } from '../../contract/recording.ts';
import { MAX_QUALITY_SERIES_BYTES, MIN_QUALITY_SPACING_MS } from '../../main/recording/limits.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createQualitySeries, type QualityTrouble } from '../../main/recording/quality-series.ts';
import { failingFiles } from '../support/failing-files.ts';
import { loadLane } from '../support/lanes.ts';
import { ADA, BEN, CALL_ID, makeHarness, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';
import { DAY_MS, HOUR_MS } from '../support/retention-rig.ts';
import { setRetentionScene } from '../support/retention-scene.ts';

const AUDIO = loadLane('audio-opus.webm').chunks;

const person = (over: Partial<ParticipantQuality> = {}): ParticipantQuality => ({
  participantId: BEN,
  packetLoss: 0.012345,
  roundTripMs: 20.123_456,
  jitterMs: 5,
  width: 640,
  height: 360,
  framesPerSecond: 29.97,
  framesDropped: 1,
  receivedBitsPerSecond: 400_000.4,
  sentBitsPerSecond: null,
  limitation: 'none',
  bars: 3,
  words: 'Fair: 1 % of the sound and picture is lost',
  measuredAtMs: 1,
  ...over,
});

type Line = { atMs: number; people: Partial<ParticipantQuality>[] };

/** The lines that a reader gets who skips what is no JSON. */
async function readLines(folder: string): Promise<Line[]> {
  const text = await readFile(join(folder, 'quality.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}

describe('beside a recording', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await makeHarness();
  });
  afterEach(() => harness.end());

  /** Notes a look and waits until its line is there. */
  async function note({ folder }: Recording): Promise<Line[]> {
    const before = (await readLines(folder)).length;
    harness.recordings.noteQuality({ callId: CALL_ID, people: [person()] });
    await vi.waitFor(async () => expect(await readLines(folder)).toHaveLength(before + 1), { timeout: 5_000 });
    return readLines(folder);
  }

  async function capture(id: RecordingId): Promise<void> {
    const lanes = ['audio' as const];
    const atMs = harness.recordings.callRecording()?.elapsedMs ?? 0;
    const track = { participantId: ADA, participantName: 'Ada', source: 'camera' as const, lanes, atMs };
    const open = await openTrack(harness, id, track);
    await play(harness, id, [{ ...open, lane: 'audio', chunks: AUDIO.slice(0, 6), atMs: atMs + 300 }]);
    await harness.recordings.closeSegment({ recordingId: id, ...open, reason: 'stopped' });
  }

  test('each look is a line on the recording’s clock, with the numbers and bars of each person', async () => {
    const recording = await start(harness);
    harness.time.advance(5_000);
    await note(recording);
    harness.time.advance(5_000);
    const [first, second] = await note(recording);
    expect(first?.atMs).toBe(5_000);
    expect(second?.atMs).toBe(10_000);
    expect(first?.people).toEqual([
      {
        participantId: BEN,
        packetLoss: 0.0123,
        roundTripMs: 20.1,
        jitterMs: 5,
        width: 640,
        height: 360,
        framesPerSecond: 30,
        framesDropped: 1,
        receivedBitsPerSecond: 400_000.4,
        sentBitsPerSecond: null,
        limitation: 'none',
        bars: 3,
      },
    ]);
  });

  test('it is kept when the recording is finished, and counts for nothing in its size', async () => {
    const recording = await start(harness);
    await capture(recording.id);
    const lines = await note(recording);
    const done = await stopAndSettle(harness, recording.id);
    expect(done.status).toBe('completed');
    expect(await readLines(done.folder)).toEqual(lines);
    const files = [...done.tracks.flatMap(({ segments }) => segments), ...done.deliverables];
    expect(done.sizeBytes).toBeLessThanOrEqual(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    harness.recordings.noteQuality({ callId: CALL_ID, people: [person()] });
    await harness.recordings.delete({ recordingId: done.id });
    const [entry = ''] = await readdir(join(harness.recordingsFolder, '.bin'));
    expect(await readLines(join(harness.recordingsFolder, '.bin', entry))).toEqual(lines);
  });

  test('paused time, another call and a recording that is over are not written', async () => {
    const recording = await start(harness);
    harness.time.advance(5_000);
    await note(recording);
    await harness.recordings.pause({ recordingId: recording.id });
    for (let look = 0; look < 3; look += 1) {
      harness.time.advance(5_000);
      harness.recordings.noteQuality({ callId: CALL_ID, people: [person()] });
    }
    await harness.recordings.resume({ recordingId: recording.id });
    const otherCall = recording.callId.replace(/^0/, '1') as typeof recording.callId;
    harness.time.advance(5_000);
    harness.recordings.noteQuality({ callId: otherCall, people: [person()] });
    const lines = await note(recording);
    // The clock stood still while it was paused.
    expect(lines.map(({ atMs }) => atMs)).toEqual([5_000, 10_000]);
  });

  test('it outlives a kill of the app, and a journal that is lost with it', async () => {
    const recording = await start(harness);
    await capture(recording.id);
    const lines = await note(recording);
    await harness.library.flush();
    await appendFile(join(recording.folder, 'quality.jsonl'), '{"atMs":9000,"peo');
    await rm(join(recording.folder, 'journal.jsonl'));
    const next = harness.restart();
    await (
      await next.recordings.recover()
    ).finished;
    const [saved] = next.recordings.list();
    expect(saved).toMatchObject({ id: recording.id, status: 'completed' });
    expect(await readLines(recording.folder)).toEqual(lines);
  });
});

test('a disk that refuses it costs the recording nothing, and is told once', async () => {
  const troubles: QualityTrouble[] = [];
  let refuses = true;
  const files = failingFiles(({ kind, path }) =>
    refuses && path.endsWith('quality.jsonl') && kind === 'write' ? 'ENOSPC' : null,
  );
  const harness = await makeHarness({ files });
  try {
    const { id, folder } = await start(harness);
    const series = createQualitySeries(files, (trouble) => troubles.push(trouble));
    const look = (atMs: number) => ({ recordingId: id, folder, atMs, people: [person()] });
    for (const atMs of [0, 5_000]) {
      series.note(look(atMs));
      await series.idle();
    }
    expect(troubles).toEqual([{ recordingId: id, reason: expect.stringContaining('The disk is full') }]);
    refuses = false;
    series.note(look(10_000));
    await series.idle();
    // What the refused writes left is a line of its own, which a reader skips.
    expect((await readLines(folder)).map(({ atMs }) => atMs)).toEqual([10_000]);

    harness.recordings.noteQuality({ callId: CALL_ID, people: [person()] });
    const track = { participantId: ADA, participantName: 'Ada', source: 'camera' as const };
    const open = await openTrack(harness, id, { ...track, lanes: ['audio'], atMs: 0 });
    await play(harness, id, [{ ...open, lane: 'audio', chunks: AUDIO.slice(0, 6), atMs: 300 }]);
    const done = await stopAndSettle(harness, id);
    expect(done).toMatchObject({ status: 'completed', notes: [] });
  } finally {
    await harness.end();
  }
});

describe('the series of a recording', () => {
  let folder = '';
  let harness: Harness;
  let id: RecordingId;
  let troubles: QualityTrouble[];
  beforeEach(async () => {
    harness = await makeHarness();
    ({ id, folder } = await start(harness));
    troubles = [];
  });
  afterEach(() => harness.end());

  const makeSeries = (files = nodeFiles) => createQualitySeries(files, (trouble) => troubles.push(trouble));
  const path = () => join(folder, 'quality.jsonl');

  test('takes no more when it is as large as it may be, and says so once', async () => {
    const series = makeSeries();
    series.note({ recordingId: id, folder, atMs: 0, people: [person()] });
    await series.idle();
    const lineBytes = (await readFile(path())).byteLength + '5000'.length - '0'.length;
    const fill = (bytes: number) => writeFile(path(), `${' '.repeat(bytes - 1)}\n`);
    await fill(MAX_QUALITY_SERIES_BYTES - lineBytes);
    series.note({ recordingId: id, folder, atMs: 5_000, people: [person()] });
    await series.idle();
    expect((await readFile(path())).byteLength).toBe(MAX_QUALITY_SERIES_BYTES);
    expect(troubles).toEqual([]);
    await fill(MAX_QUALITY_SERIES_BYTES - lineBytes + 1);
    for (const atMs of [6_000, 7_000]) {
      series.note({ recordingId: id, folder, atMs, people: [person()] });
      await series.idle();
    }
    expect((await readFile(path())).byteLength).toBe(MAX_QUALITY_SERIES_BYTES - lineBytes + 1);
    expect(troubles).toEqual([{ recordingId: id, reason: expect.stringContaining('takes no more') }]);
  });

  test('goes on behind a line that was cut off', async () => {
    await writeFile(path(), '{"atMs":1,"people":[]}\n{"atMs":2,"pe');
    const series = makeSeries();
    series.note({ recordingId: id, folder, atMs: 5_000, people: [person()] });
    await series.idle();
    expect((await readLines(folder)).map(({ atMs }) => atMs)).toEqual([1, 5_000]);
  });

  test('leaves out what comes faster than it should', async () => {
    const series = makeSeries();
    for (const atMs of [0, 1, MIN_QUALITY_SPACING_MS - 1, MIN_QUALITY_SPACING_MS]) {
      series.note({ recordingId: id, folder, atMs, people: [] });
      await series.idle();
    }
    expect((await readLines(folder)).map(({ atMs }) => atMs)).toEqual([0, MIN_QUALITY_SPACING_MS]);
  });

  test('keeps nothing waiting while the disk hangs', async () => {
    const { promise: hung, resolve: goOn } = Promise.withResolvers<void>();
    const files = {
      ...nodeFiles,
      create: async (at: string) => {
        const file = await nodeFiles.create(at);
        return {
          ...file,
          write: (bytes: Uint8Array, position: number) => hung.then(() => file.write(bytes, position)),
        };
      },
    };
    const series = makeSeries(files);
    for (const atMs of [0, 5_000, 10_000]) series.note({ recordingId: id, folder, atMs, people: [] });
    goOn();
    await series.idle();
    series.note({ recordingId: id, folder, atMs: 15_000, people: [] });
    await series.idle();
    expect((await readLines(folder)).map(({ atMs }) => atMs)).toEqual([0, 15_000]);
  });

  test('never follows what somebody else put in its place', async () => {
    await mkdir(path());
    const series = makeSeries();
    series.note({ recordingId: id, folder, atMs: 0, people: [] });
    await series.idle();
    expect(troubles).toHaveLength(1);
    expect(await readdir(path())).toEqual([]);
  });
});

describe('when media leave', () => {
  const scene = setRetentionScene();

  test('the series is the recorder’s own and stays beside the journal', async () => {
    await scene.company();
    const id = await scene.old(31);
    const folder = join(scene.rig.root, id);
    await writeFile(join(folder, 'quality.jsonl'), '{"atMs":0,"people":[]}\n');
    const run = await scene.startSettled();
    await run.pass(DAY_MS + HOUR_MS);
    expect((await readdir(folder)).toSorted()).toEqual(['journal.jsonl', 'quality.jsonl', 'thumbnails']);
    await run.retention.restore((await run.retention.status()).bin[0]?.id ?? '');
    expect((await readdir(folder)).toSorted()).toEqual([
      'deliverables',
      'journal.jsonl',
      'quality.jsonl',
      'segments',
      'thumbnails',
    ]);
  });
});
