import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingIdSchema, trackIdSchema } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { journalLine } from '../../main/recording/journal-lines.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { failingFiles, systemError } from '../support/failing-files.ts';
import { loadLane } from '../support/lanes.ts';
import { decodeComplaints, hashTree } from '../support/media-report.ts';
import { ADA, BEN, CALL_ID, makeHarness, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await makeHarness({ folder: await mkdtemp(join(tmpdir(), 'tallylight-salvage-')) });
});
// Its time stands still: an app that was killed does nothing more.
afterEach(() => rm(harness.folder, { recursive: true, force: true }));

/** Ada for a second and a half, a second run of hers, and the mix: finished, or left as a killed app leaves it. */
async function record(stops: boolean): Promise<Recording> {
  const { id } = await start(harness, 'mkv');
  const camera = { participantId: ADA, participantName: 'Ada Løvelace', source: 'camera' as const };
  const lanes = ['audio' as const];
  const first = await openTrack(harness, id, { ...camera, lanes, atMs: 0 });
  const mix = await openTrack(harness, id, {
    participantId: null,
    participantName: '',
    source: 'mix',
    lanes: ['av'],
    atMs: 0,
  });
  const sound = loadLane('audio-opus.webm').chunks.slice(0, 6);
  await play(harness, id, [
    { ...first, lane: 'audio', chunks: sound, atMs: 300 },
    { ...mix, lane: 'av', chunks: loadLane('mix-h264.mkv').chunks.slice(0, 6), atMs: 350 },
  ]);
  await harness.recordings.closeSegment({
    recordingId: id,
    trackId: first.trackId,
    segment: first.segment,
    reason: 'deviceChanged',
  });
  const second = await openTrack(harness, id, { ...camera, lanes, atMs: 2_500 });
  await play(harness, id, [{ ...second, lane: 'audio', chunks: sound, atMs: 2_800 }]);
  harness.time.advance(2_000);
  if (stops) await stopAndSettle(harness, id);
  await harness.library.flush();
  return harness.recordings.get({ recordingId: id });
}

async function recoverIn(next: Harness): Promise<Recording[]> {
  const { finished } = await next.recordings.recover();
  await finished;
  return next.recordings.list();
}

const journalOf = (recording: Recording): string => join(recording.folder, 'journal.jsonl');

const damages: Record<string, (path: string) => Promise<void>> = {
  'is gone': (path) => rm(path),
  'is empty': (path) => writeFile(path, ''),
  'is zeros': async (path) => writeFile(path, Buffer.alloc((await readFile(path)).length)),
  'is damaged in its first line': (path) => flip(path, 0.001),
  'is damaged in the middle': (path) => flip(path, 0.5),
  'is cut short': async (path) => {
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length * 0.3));
  },
  'is cut in its first line': async (path) => writeFile(path, (await readFile(path)).subarray(0, 40)),
  'is followed by lines of another recording': async (path) => {
    await writeFile(path, Buffer.concat([await readFile(path), foreignLines()]));
  },
  'is another recording': (path) => writeFile(path, foreignLines()),
  'is a folder': async (path) => {
    await rm(path);
    await mkdir(path);
  },
};

/** What a journal of another recording says, in good lines. */
function foreignLines(): Buffer {
  const trackId = trackIdSchema.parse(BEN);
  const records: JournalRecord[] = [
    {
      kind: 'started',
      version: 1,
      recordingId: recordingIdSchema.parse(BEN),
      callId: CALL_ID,
      title: 'Another one',
      recordedBy: 'Ben',
      format: 'mkv',
      startedAt: '2026-11-21T00:00:00.000Z',
    },
    { kind: 'trackOpened', trackId, participantId: BEN, participantName: 'Ben', source: 'screen', stem: 'ben-screen' },
    { kind: 'renamed', title: 'Another one' },
    { kind: 'failed', error: { code: 'RESULT_INVALID', message: 'Nothing.', retryable: false } },
  ];
  return Buffer.concat(records.map(journalLine));
}

async function flip(path: string, part: number): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length * part);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(path, bytes);
}

async function forgetLibrary(): Promise<void> {
  for (const path of [harness.libraryPath, `${harness.libraryPath}.previous`]) await rm(path, { force: true });
}

/** Where the segments lie: the camera's two, then the mix. */
function offsets(recording: Recording | undefined): number[] {
  const tracks = recording?.tracks.toSorted((a, b) => a.source.localeCompare(b.source)) ?? [];
  return tracks.flatMap(({ segments }) => segments.map(({ offsetMs }) => offsetMs));
}

const whats = Object.keys(damages).flatMap((what) =>
  [true, false].flatMap((stops) => [true, false].map((hasLibrary) => ({ what, stops, hasLibrary }))),
);

test.each(whats)(
  'a journal that $what (stopped $stops, library there $hasLibrary) costs nothing that was recorded',
  async ({ what, stops, hasLibrary }) => {
    const before = await record(stops);
    const bytes = await readFile(journalOf(before));
    await damages[what]?.(journalOf(before));
    if (!hasLibrary) await forgetLibrary();
    const next = harness.restart();
    const [after, ...more] = await recoverIn(next);
    expect(more).toEqual([]);
    expect(after).toMatchObject({ id: before.id, status: 'completed', error: null });
    const summary = (recording: Recording | undefined): unknown =>
      recording?.tracks
        .map(({ source, participantName, segments }) => ({ source, participantName, segments: segments.length }))
        .sort((a, b) => a.source.localeCompare(b.source));
    expect(summary(after)).toEqual([
      { source: 'camera', participantName: 'Ada Løvelace', segments: 2 },
      { source: 'mix', participantName: '', segments: 1 },
    ]);
    // Where the start is not known any more, the first frame is: all stays where it was to one another.
    const [first = 0, ...others] = offsets(before);
    const [firstAfter = 0, ...othersAfter] = offsets(after);
    expect(othersAfter).toHaveLength(2);
    for (const [index, offsetMs] of others.entries()) {
      expect((othersAfter[index] ?? 0) - firstAfter).toBeCloseTo(offsetMs - first, 0);
    }
    expect(after?.deliverables).toHaveLength(2);
    for (const { file } of after?.deliverables ?? []) {
      expect(await decodeComplaints(join(before.folder, file))).toBe('');
    }
    if (hasLibrary) expect(after).toMatchObject({ title: 'Interview', callId: before.callId });
    // With the library as it was, nobody has a reason to read a journal that begins well and has its length.
    if (what === 'is damaged in the middle' && !(stops && hasLibrary)) {
      const kept = await readFile(join(before.folder, 'journal.damaged-1'));
      expect(bytes.includes(kept.subarray(-200))).toBe(true);
    }

    const hashes = await hashTree(before.folder);
    expect(await recoverIn(next.restart())).toEqual([after]);
    expect(await hashTree(before.folder)).toEqual(hashes);
  },
);

test('damage in a finished recording that nobody noticed is mended when the recording is renamed', async () => {
  const before = await record(true);
  await damages['is damaged in the middle']?.(journalOf(before));
  const next = harness.restart();
  await recoverIn(next);
  await next.recordings.rename({ recordingId: before.id, title: 'Renamed' });
  const after = await next.recordings.settled({ recordingId: before.id });
  expect(after).toMatchObject({ status: 'completed', title: 'Renamed' });
  expect(after.deliverables).toHaveLength(2);
});

test('a journal of a later version is not touched, and is in the list with the reason', async () => {
  const before = await record(true);
  const json = JSON.stringify({ kind: 'started', version: 2, somethingElse: true });
  const line = `["${crc32(json).toString(16).padStart(8, '0')}",${json}]\n`;
  await writeFile(journalOf(before), line);
  const hashes = await hashTree(before.folder);
  for (const hasLibrary of [true, false]) {
    if (!hasLibrary) await forgetLibrary();
    const next = harness.restart();
    const [listed] = await recoverIn(next);
    expect(listed).toMatchObject({ id: before.id, status: 'failed', error: { code: 'CONFLICT' } });
    await expect(next.recordings.retry({ recordingId: before.id })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await hashTree(before.folder)).toEqual(hashes);
  }
});

test('a folder with nothing in it is listed as failed with the reason', async () => {
  const id = recordingIdSchema.parse('00000000-0000-4000-8000-0000000000ee');
  await mkdir(join(harness.recordingsFolder, id), { recursive: true });
  expect(await recoverIn(harness)).toMatchObject([{ id, status: 'failed', error: { code: 'RESULT_INVALID' } }]);
  expect(await recoverIn(harness.restart())).toMatchObject([{ id, status: 'failed' }]);
});

test('a journal that cannot be replaced now is listed with the reason, and replaced at the next launch', async () => {
  const before = await record(true);
  await damages['is zeros']?.(journalOf(before));
  const refusing = failingFiles(({ kind, path }) => (kind === 'rename' && path === journalOf(before) ? 'EIO' : null));
  const [listed] = await recoverIn(harness.restart({ files: refusing }));
  expect(listed).toMatchObject({ id: before.id, status: 'failed', title: 'Interview', error: { code: 'DISK_FAILED' } });
  expect(await readdir(before.folder)).toContain('journal.damaged-1');
  expect(await readdir(before.folder)).not.toContain('journal.jsonl');
  const [mended] = await recoverIn(harness.restart());
  expect(mended).toMatchObject({ id: before.id, status: 'completed', title: 'Interview' });
  expect(await readdir(before.folder)).not.toContain('journal.replacement');
});

test('a recordings folder that cannot be read does not hide the others', async () => {
  const before = await record(true);
  const broken = join(harness.folder, 'broken');
  await mkdir(broken);
  harness.library.put(broken, { recording: { ...before, id: recordingIdSchema.parse(ADA) }, journalBytes: 1 });
  await harness.library.flush();
  const files = {
    ...nodeFiles,
    list: (path: string) => (path === broken ? Promise.reject(systemError('EIO')) : nodeFiles.list(path)),
  };
  const next = harness.restart({ files });
  const { shelves } = await next.recordings.recover();
  expect(shelves.map(({ error }) => error === null)).toEqual([true, false]);
  expect(
    next.recordings
      .list()
      .map(({ id }) => id)
      .sort(),
  ).toEqual([before.id, ADA].sort());
});
