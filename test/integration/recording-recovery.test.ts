import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { Lane } from '../../contract/recording.ts';
import { childMark } from '../../main/media/processes.ts';
import { systemProcesses } from '../../main/media/system-processes.ts';
import { journalLine } from '../../main/recording/journal-lines.ts';
import { createLaneParser } from '../../main/media/matroska/lane-parser.ts';
import { loadLane } from '../support/lanes.ts';
import { decodeComplaints, hashTree, packetTimesMs } from '../support/media-report.ts';
import { ADA, makeHarness, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await makeHarness({ folder: await mkdtemp(join(tmpdir(), 'tallylight-recovery-')) });
});
afterEach(() => harness.end());

/** Runs the writer until each of its five lanes had `acks` chunks acknowledged, kills it, and says which. */
async function recordAndKill(
  format: string,
  acks: number,
): Promise<{ id: string; acked: Map<string, number>; killedWallMs: number }> {
  const script = fileURLToPath(new URL('../support/recorder-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, harness.folder, format], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acked = new Map<string, number>();
  let id = '';
  let killedWallMs = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { event: string; id?: string; trackId: string; lane: Lane; seq: number };
    if (event.event === 'started') id = event.id ?? '';
    if (event.event !== 'ack') continue;
    acked.set(`${event.trackId}/${event.lane}`, event.seq);
    if (acked.size === 5 && Math.min(...acked.values()) >= acks - 1 && child.kill('SIGKILL'))
      killedWallMs ||= Date.now();
  }
  return { id, acked, killedWallMs };
}

/** How many frames the first chunks of a fixture hold. */
function framesIn(lane: Lane, name: 'audio-opus.webm' | 'video-h264.mkv' | 'mix-h264.mkv', lastSeq: number): number {
  const parser = createLaneParser();
  const items = loadLane(name)
    .chunks.slice(0, lastSeq + 1)
    .flatMap((chunk) => parser.push(chunk));
  return items.filter((item) => item.kind === 'block' && (lane !== 'av' || item.block.trackNumber > 0)).length;
}

test.each(['mkv', 'mp4'])(
  'kill -9 in the middle (%s): every acknowledged frame is saved, and recovering again changes nothing',
  async (format) => {
    const { id, acked } = await recordAndKill(format, 6);
    const report = await harness.recordings.recover();
    expect(report.interrupted).toEqual([id]);
    expect(harness.recordings.list()[0]).toMatchObject({ id, status: 'interrupted' });
    await report.finished;
    const [recording] = harness.recordings.list();
    if (recording === undefined) throw new Error('no recording');
    expect(recording.status).toBe('completed');
    expect(recording.thumbnails).toHaveLength(5);
    expect(recording.deliverables).toHaveLength(3);
    expect(recording.notes).toHaveLength(1);
    for (const deliverable of recording.deliverables) {
      expect(await decodeComplaints(join(recording.folder, deliverable.file))).toBe('');
    }
    const ada = recording.tracks.find((track) => track.participantName === 'Ada');
    const path = join(recording.folder, ada?.segments[0]?.file ?? '');
    const sound = await packetTimesMs(path, 'a');
    const picture = await packetTimesMs(path, 'v');
    expect(sound.length).toBeGreaterThanOrEqual(
      framesIn('audio', 'audio-opus.webm', acked.get(`${ada?.id}/audio`) ?? -1),
    );
    expect(picture.length).toBeGreaterThanOrEqual(
      framesIn('video', 'video-h264.mkv', acked.get(`${ada?.id}/video`) ?? -1),
    );

    const before = await hashTree(recording.folder);
    const again = harness.restart();
    const second = await again.recordings.recover();
    await second.finished;
    expect(second.interrupted).toEqual([]);
    expect(again.recordings.list()).toEqual([recording]);
    expect(await hashTree(recording.folder)).toEqual(before);
  },
);

test('what a killed app lost is told as it was, within half a second', async () => {
  for (const acks of [3, 6, 9]) {
    const { id, killedWallMs } = await recordAndKill('mkv', acks);
    const next = harness.restart();
    await (
      await next.recordings.recover()
    ).finished;
    const recording = next.recordings.get({ recordingId: recordingIdSchema.parse(id) });
    const killedMs = killedWallMs - Date.parse(recording.startedAt);
    expect(recording.tracks).toHaveLength(3);
    for (const { segments, lost } of recording.tracks) {
      const endMs = Math.max(...segments.map((segment) => segment.offsetMs + segment.durationMs));
      expect(Math.abs(lost.endMs - (killedMs - endMs))).toBeLessThanOrEqual(500);
      expect(lost).toEqual({ endMs: lost.endMs, gaps: [], totalMs: lost.endMs });
    }
  }
});

test('an orphan of the killed app is ended and what it had not finished is swept before anything is made', async () => {
  const { id } = await recordAndKill('mkv', 3);
  const folder = join(harness.recordingsFolder, id);
  const mark = { [childMark.name]: childMark.value };
  const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { ...process.env, ...mark } });
  const identity = await systemProcesses.identityOf(orphan.pid ?? 0);
  if (identity === null) throw new Error('The orphan is not there.');
  await appendFile(join(folder, 'journal.jsonl'), journalLine({ kind: 'process', ...identity }));
  const partial = join(folder, 'deliverables', '.mix.mp4.0123456789abcdef.partial');
  await writeFile(partial, 'half a result');
  const gone = once(orphan, 'exit');
  await (
    await harness.recordings.recover()
  ).finished;
  await gone;
  expect(harness.recordings.list()[0]).toMatchObject({ id, status: 'completed' });
  await expect(readFile(partial)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a torn last line and bytes lost after the last sync do not keep a recording from being saved', async () => {
  const { id } = await recordAndKill('mkv', 5);
  const folder = join(harness.recordingsFolder, id);
  const journal = await readFile(join(folder, 'journal.jsonl'));
  await truncate(join(folder, 'journal.jsonl'), journal.length - 7);
  const segment = join(folder, 'segments', 'ada-camera-0.mkv');
  await truncate(segment, (await readFile(segment)).length - 1_000);
  const report = await harness.recordings.recover();
  await report.finished;
  expect(harness.recordings.list()[0]).toMatchObject({ id, status: 'completed' });
  expect(await decodeComplaints(segment)).toBe('');
});

/** A finished recording of one person. */
async function recordOne(): Promise<string> {
  const { id } = await start(harness, 'mkv');
  const track = await openTrack(harness, id, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio'],
    atMs: 0,
  });
  await play(harness, id, [{ ...track, lane: 'audio', chunks: loadLane('audio-opus.webm').chunks, atMs: 260 }]);
  await stopAndSettle(harness, id);
  return id;
}

test('a lost, damaged or older library is rebuilt from the journals', async () => {
  await recordOne();
  await harness.library.flush();
  const before = harness.recordings.list();
  const damages = [
    () => rm(harness.libraryPath),
    () => writeFile(harness.libraryPath, '{"schema":1,"folders":{'),
    () => writeFile(harness.libraryPath, '{"schema":0,"rows":[]}'),
    () => writeFile(harness.libraryPath, Buffer.alloc(4096)),
  ];
  for (const damage of damages) {
    await damage();
    const next = harness.restart();
    await next.recordings.recover();
    expect(next.recordings.list()).toEqual(before);
    await next.library.flush();
    expect(JSON.parse(await readFile(harness.libraryPath, 'utf8'))).toMatchObject({ schema: 1 });
  }
});

test('a library of a later version is left as it is and the recordings are listed all the same', async () => {
  await recordOne();
  await harness.library.flush();
  const newer = '{"schema":99,"somethingElse":true}';
  await writeFile(harness.libraryPath, newer);
  const next = harness.restart();
  await next.recordings.recover();
  expect(next.recordings.list()).toHaveLength(1);
  await next.library.flush();
  expect(await readFile(harness.libraryPath, 'utf8')).toBe(newer);
});

test('a row older than its journal is folded again, and a recording whose folder is gone is not listed', async () => {
  const id = await recordOne();
  const gone = await recordOne();
  await harness.library.flush();
  const old = await readFile(harness.libraryPath, 'utf8');
  await harness.recordings.rename({ recordingId: recordingIdSchema.parse(id), title: 'Renamed' });
  await harness.library.flush();
  await writeFile(harness.libraryPath, old);
  await rm(join(harness.recordingsFolder, gone), { recursive: true });
  const next = harness.restart();
  await next.recordings.recover();
  expect(next.recordings.list().map((each) => [each.id, each.title])).toEqual([[id, 'Renamed']]);
});

test('a recording that was begun and got nothing is listed as failed with the reason', async () => {
  const { id } = await start(harness, 'mkv');
  const next = harness.restart();
  await harness.library.flush();
  const report = await next.recordings.recover();
  await report.finished;
  expect(next.recordings.get({ recordingId: id })).toMatchObject({
    status: 'failed',
    error: { code: 'RESULT_INVALID', retryable: false },
    deliverables: [],
  });
});

test('saving begins when it is told to, and an app that closes before leaves all to the next launch', async () => {
  const { id } = await start(harness, 'mkv');
  await harness.library.flush();
  const next = harness.restart();
  const { interrupted } = await next.recordings.recover({ beginSaving: new Promise(() => undefined) });
  expect(interrupted).toEqual([id]);
  // Its time stands still: it must not wait for what has not begun.
  await next.recordings.close({ limitMs: 10_000 });
  expect(next.recordings.get({ recordingId: id })).toMatchObject({ status: 'interrupted' });

  const last = harness.restart();
  const begin = Promise.withResolvers<void>();
  const { finished } = await last.recordings.recover({ beginSaving: begin.promise });
  expect(last.recordings.get({ recordingId: id })).toMatchObject({ status: 'interrupted' });
  begin.resolve();
  await finished;
  expect(last.recordings.get({ recordingId: id })).toMatchObject({ status: 'failed' });
});
