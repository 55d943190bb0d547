import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markerIdSchema } from '../../contract/ids.ts';
import type { Marker, Recording } from '../../contract/recording.ts';
import { MAX_MARKERS } from '../../main/recording/limits.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { loadLane } from '../support/lanes.ts';
import { chaptersIn, decodeComplaints, hashTree } from '../support/media-report.ts';
import { ADA, makeHarness, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await makeHarness();
});
afterEach(() => harness.end());

/** Records a mix and one person who came 700 ms later, with markers at about 300, 1,400 and 2,400 ms. */
async function recordWithMarkers(format: 'mkv' | 'mp4' | 'webm'): Promise<{ recording: Recording; markers: Marker[] }> {
  const { id } = await start(harness, format);
  const picture = format === 'webm' ? 'vp8' : 'h264';
  const mix = await openTrack(harness, id, {
    participantId: null,
    participantName: '',
    source: 'mix',
    lanes: ['av'],
    atMs: 20,
  });
  const ada = await openTrack(harness, id, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio', 'video'],
    atMs: 700,
  });
  const asked: Promise<Marker>[] = [];
  const undo = [300, 1_400, 2_400].map((atMs) =>
    harness.time.scheduler.after(atMs - (harness.recordings.callRecording()?.elapsedMs ?? 0), () => {
      asked.push(harness.recordings.addMarker({ recordingId: id }));
    }),
  );
  await play(harness, id, [
    { ...mix, lane: 'av', chunks: loadLane(picture === 'h264' ? 'mix-h264.mkv' : 'mix-vp8.webm').chunks, atMs: 290 },
    { ...ada, lane: 'audio', chunks: loadLane('audio-opus.webm').chunks, atMs: 960 },
    {
      ...ada,
      lane: 'video',
      chunks: loadLane(picture === 'h264' ? 'video-h264.mkv' : 'video-vp8.webm').chunks,
      atMs: 970,
    },
  ]);
  for (const each of undo) each();
  const markers = await Promise.all(asked);
  await harness.recordings.renameMarker({ recordingId: id, markerId: idOf(markers[1]), name: 'The question' });
  return { recording: await stopAndSettle(harness, id), markers };
}

function idOf(marker: Marker | undefined): Marker['id'] {
  if (marker === undefined) throw new Error('There is no such marker.');
  return marker.id;
}

const pathOf = (recording: Recording, kind: 'mix' | 'track'): string =>
  join(recording.folder, recording.deliverables.find((each) => each.kind === kind)?.file ?? 'none');

/** What each deliverable should have: the markers within it, on its own clock. */
async function expectChapters(recording: Recording, names: readonly string[]): Promise<void> {
  expect(recording.markers).toHaveLength(names.length);
  for (const file of recording.deliverables) {
    const wanted = recording.markers
      .map(({ atMs }, index) => ({ atMs: atMs - file.offsetMs, name: names[index] }))
      .filter(({ atMs }) => atMs >= 0 && atMs <= file.durationMs);
    expect(wanted.length).toBeGreaterThan(0);
    const path = join(recording.folder, file.file);
    expect(await chaptersIn(path), file.file).toEqual(wanted);
    expect(await decodeComplaints(path), file.file).toBe('');
    expect(file.sizeBytes, file.file).toBe(await nodeFiles.sizeBytes(path));
  }
}

describe.each(['mp4', 'mkv'] as const)('markers of a recording as %s', (format) => {
  test('become chapters of every file that they lie in, named by place until somebody names them', async () => {
    const { recording } = await recordWithMarkers(format);
    expect(recording).toMatchObject({ status: 'completed', error: null, notes: [] });
    expect(recording.markers.map(({ name }) => name)).toEqual(['', 'The question', '']);
    await expectChapters(recording, ['Marker 1', 'The question', 'Marker 3']);
    // Ada came after the first one.
    expect(await chaptersIn(pathOf(recording, 'track'))).toHaveLength(2);
  });

  test('change in the finished files when one is named or removed later, and nothing else of them does', async () => {
    const { recording } = await recordWithMarkers(format);
    const recordingId = recording.id;
    const [first, , third] = recording.markers;
    await harness.recordings.renameMarker({ recordingId, markerId: idOf(third), name: 'Agreed – 8 März' });
    await harness.recordings.removeMarker({ recordingId, markerId: idOf(first) });
    const changed = await harness.recordings.settled({ recordingId });
    expect(changed.status).toBe('completed');
    await expectChapters(changed, ['The question', 'Agreed – 8 März']);
    for (const { id: markerId } of changed.markers) await harness.recordings.removeMarker({ recordingId, markerId });
    const bare = await harness.recordings.settled({ recordingId });
    for (const file of bare.deliverables) expect(await chaptersIn(join(bare.folder, file.file))).toEqual([]);
  });

  test('are written once: another launch changes no byte', async () => {
    const { recording } = await recordWithMarkers(format);
    await harness.library.flush();
    const before = await hashTree(recording.folder);
    const next = harness.restart();
    await (
      await next.recordings.recover()
    ).finished;
    expect(next.recordings.list()).toEqual([recording]);
    expect(await hashTree(recording.folder)).toEqual(before);
  });
});

test('a WebM keeps its markers in the journal and its bytes as they were', async () => {
  const { recording } = await recordWithMarkers('webm');
  expect(recording).toMatchObject({ status: 'completed', notes: [] });
  expect(recording.markers).toHaveLength(3);
  const webm = recording.deliverables.filter(({ format }) => format === 'webm');
  expect(webm.length).toBeGreaterThan(0);
  for (const { file } of webm) expect(await chaptersIn(join(recording.folder, file))).toEqual([]);
});

test('an MP4 of one track that is made on demand has the chapters too', async () => {
  const { recording } = await recordWithMarkers('mkv');
  const recordingId = recording.id;
  const track = recording.tracks.find(({ source }) => source === 'camera');
  if (track === undefined) throw new Error('no track');
  const made = await harness.recordings.exportTrack({ recordingId, trackId: track.id });
  const after = await harness.recordings.settled({ recordingId });
  expect((await chaptersIn(join(after.folder, made.file))).map(({ name }) => name)).toEqual([
    'The question',
    'Marker 3',
  ]);
});

test('a disk that refuses the chapters costs neither the recording nor the markers, and a later name tries again', async () => {
  let refuses = true;
  await harness.end();
  harness = await makeHarness({
    files: {
      ...nodeFiles,
      open: async (path) => {
        const file = await nodeFiles.open(path);
        const isResult = path.endsWith('.mp4');
        const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        return { ...file, write: (...write) => (refuses && isResult ? Promise.reject(full) : file.write(...write)) };
      },
    },
  });
  const { recording } = await recordWithMarkers('mp4');
  expect(recording).toMatchObject({ status: 'completed', error: null });
  expect(recording.markers).toHaveLength(3);
  expect(recording.notes.join()).toContain('the disk was full');
  expect(await chaptersIn(pathOf(recording, 'mix'))).toEqual([]);
  // The other file was written all the same.
  expect(await chaptersIn(pathOf(recording, 'track'))).toHaveLength(2);
  refuses = false;
  const recordingId = recording.id;
  await harness.recordings.renameMarker({ recordingId, markerId: idOf(recording.markers[0]), name: 'Hello' });
  const after = await harness.recordings.settled({ recordingId });
  await expectChapters(after, ['Hello', 'The question', 'Marker 3']);
  expect(after.notes).toEqual([]);
});

test('names given while many changes wait end in the last of them', async () => {
  const { recording } = await recordWithMarkers('mkv');
  const recordingId = recording.id;
  const markerId = idOf(recording.markers[1]);
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) => harness.recordings.renameMarker({ recordingId, markerId, name })),
  );
  const after = await harness.recordings.settled({ recordingId });
  await expectChapters(after, ['Marker 1', after.markers[1]?.name ?? '', 'Marker 3']);
  expect(after.markers[1]?.name).toBe('e');
});

test('a recording takes so many markers and no more, and refuses to name one that it does not have', async () => {
  const { id: recordingId } = await start(harness);
  for (let count = 0; count < MAX_MARKERS; count += 1) await harness.recordings.addMarker({ recordingId });
  await expect(harness.recordings.addMarker({ recordingId })).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  const markerId = markerIdSchema.parse('00000000-0000-4000-8000-0000000000ff');
  await expect(harness.recordings.renameMarker({ recordingId, markerId, name: 'x' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(harness.recordings.removeMarker({ recordingId, markerId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(harness.recordings.get({ recordingId }).markers).toHaveLength(MAX_MARKERS);
});

test.each(['mkv', 'mp4'])('markers survive kill -9 (%s) and are chapters of what was saved', async (format) => {
  const script = fileURLToPath(new URL('../support/recorder-writer.ts', import.meta.url));
  const args = [script, harness.folder, format, '--markers'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen: { id: string; atMs: number }[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { event: string; id: string; atMs: number };
    if (event.event === 'marker') seen.push({ id: event.id, atMs: event.atMs });
    if (seen.length >= 4) child.kill('SIGKILL');
  }
  await (
    await harness.recordings.recover()
  ).finished;
  const [recording] = harness.recordings.list();
  if (recording === undefined) throw new Error('no recording');
  expect(recording.status).toBe('completed');
  expect(recording.markers.map(({ id, atMs }) => ({ id, atMs }))).toEqual(expect.arrayContaining(seen));
  for (const file of recording.deliverables) {
    const chapters = await chaptersIn(join(recording.folder, file.file));
    const inside = recording.markers.filter(
      ({ atMs }) => atMs >= file.offsetMs && atMs <= file.offsetMs + file.durationMs,
    );
    expect(chapters.map(({ atMs }) => atMs)).toEqual(inside.map(({ atMs }) => atMs - file.offsetMs));
  }
  expect(await chaptersIn(pathOf(recording, 'mix'))).not.toHaveLength(0);
  const bytes = await readFile(pathOf(recording, 'mix'));
  await (
    await harness.restart().recordings.recover()
  ).finished;
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  expect(digest(await readFile(pathOf(recording, 'mix')))).toBe(digest(bytes));
});
