import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import type { Deliverable, Recording } from '../../contract/recording.ts';
import { decodeComplaints, decodeSound, packetTimes } from '../support/av-measure.ts';
import { loadLane } from '../support/lanes.ts';
import { ADA, makeHarness, openTrack, play, realJobs, start, stopAndSettle } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await makeHarness();
});
afterEach(() => harness.end());

const MIX = loadLane('mix-h264.mkv').chunks;
const VIDEO = loadLane('video-h264.mkv').chunks;
const AUDIO = loadLane('audio-opus.webm').chunks;
const PAUSE_MS = 10_000;

type Open = { trackId: TrackId; segment: number };

const nowMs = (): number => harness.recordings.callRecording()?.elapsedMs ?? 0;

/** Records one run of the mix and of Ada, as a window that attaches now would; about 3 s pass. */
async function recordRun(id: RecordingId): Promise<Open[]> {
  const atMs = nowMs();
  const nobody = { participantId: null, participantName: '', source: 'mix', lanes: ['av'] } as const;
  const person = { participantId: ADA, participantName: 'Ada', source: 'camera', lanes: ['audio', 'video'] } as const;
  const mix = await openTrack(harness, id, { ...nobody, lanes: [...nobody.lanes], atMs: atMs + 20 });
  const ada = await openTrack(harness, id, { ...person, lanes: [...person.lanes], atMs: atMs + 40 });
  await play(harness, id, [
    { ...mix, lane: 'av', chunks: MIX, atMs: atMs + 270 },
    { ...ada, lane: 'audio', chunks: AUDIO, atMs: atMs + 290 },
    { ...ada, lane: 'video', chunks: VIDEO, atMs: atMs + 300 },
  ]);
  return [mix, ada];
}

async function closeAs(
  id: RecordingId,
  open: readonly Open[],
  reason: 'paused' | 'stopped' | 'crashed',
): Promise<void> {
  await Promise.all(open.map((target) => harness.recordings.closeSegment({ recordingId: id, ...target, reason })));
}

/** Pauses as a window would see it, and answers with the time at which the clock stands. */
async function pause(id: RecordingId, open: readonly Open[]): Promise<number> {
  const paused = await harness.recordings.pause({ recordingId: id });
  expect(paused.status).toBe('paused');
  await closeAs(id, open, 'paused');
  return nowMs();
}

/** Three runs with two pauses of ten seconds between them. */
async function recordWithPauses(format: 'mkv' | 'mp4'): Promise<{ recording: Recording; frozenMs: number[] }> {
  const { id } = await start(harness, format);
  const frozenMs: number[] = [];
  for (let run = 0; run < 2; run += 1) {
    const open = await recordRun(id);
    frozenMs.push(await pause(id, open));
    harness.time.advance(PAUSE_MS);
    await harness.recordings.resume({ recordingId: id });
  }
  const last = await recordRun(id);
  await harness.recordings.stop({ recordingId: id });
  await closeAs(id, last, 'stopped');
  return { recording: await harness.recordings.settled({ recordingId: id }), frozenMs };
}

const deliverable = (recording: Recording, kind: Deliverable['kind']): Deliverable => {
  const found = recording.deliverables.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

describe('a recording that was paused twice for ten seconds', () => {
  test('is as long as what was recorded, on one timeline, and plays through', async () => {
    const { recording, frozenMs } = await recordWithPauses('mkv');
    expect(recording.status).toBe('completed');
    expect(recording.notes).toEqual([]);
    const recordedMs = recording.durationMs;
    expect(recordedMs).toBeLessThan(15_000);
    const [firstPauseMs = 0, secondPauseMs = 0] = frozenMs;
    for (const track of recording.tracks) {
      expect(track.segments.map((segment) => segment.endReason)).toEqual(['paused', 'paused', 'stopped']);
      expect(track.lost).toEqual({ endMs: 0, gaps: [], totalMs: 0 });
      const [first, second, third] = track.segments.map((segment) => segment.offsetMs);
      expect(first).toBeLessThan(100);
      // Each run begins where the clock stood, not ten seconds later.
      for (const [offsetMs, pausedAtMs] of [
        [second, firstPauseMs],
        [third, secondPauseMs],
      ] as const) {
        expect(offsetMs).toBeGreaterThanOrEqual(pausedAtMs);
        expect(offsetMs).toBeLessThan(pausedAtMs + 100);
      }
    }
    expect(recording.deliverables.map((each) => each.kind)).toEqual(['mix', 'track']);
    for (const each of recording.deliverables) {
      const path = join(recording.folder, each.file);
      expect(await decodeComplaints(path)).toBe('');
      expect(Math.abs(each.offsetMs + each.durationMs - recordedMs)).toBeLessThan(1000);
      const pictures = await packetTimes(path, 'v');
      // Nothing of any run is missing behind a seam.
      expect(pictures.filter(({ atMs }) => atMs > secondPauseMs - each.offsetMs).length).toBeGreaterThan(20);
    }
  });

  test('keeps markers where they were set: before, in the middle of, and after a pause', async () => {
    const { id } = await start(harness);
    const open = await recordRun(id);
    const before = await harness.recordings.addMarker({ recordingId: id });
    const frozenAtMs = await pause(id, open);
    harness.time.advance(PAUSE_MS);
    const within = await harness.recordings.addMarker({ recordingId: id });
    await harness.recordings.resume({ recordingId: id });
    const again = await recordRun(id);
    const after = await harness.recordings.addMarker({ recordingId: id });
    await harness.recordings.stop({ recordingId: id });
    await closeAs(id, again, 'stopped');
    const { markers, durationMs } = await harness.recordings.settled({ recordingId: id });
    expect(markers.map((marker) => marker.id)).toEqual([before.id, within.id, after.id]);
    expect(before.atMs).toBeLessThanOrEqual(frozenAtMs);
    expect(within.atMs).toBe(frozenAtMs);
    expect(after.atMs).toBeGreaterThan(frozenAtMs + 2_000);
    expect(after.atMs).toBeLessThanOrEqual(durationMs);
  });
});

describe('while it is paused', () => {
  test('the clock stands, nothing is taken, and the light never says degraded, also right after', async () => {
    const { id } = await start(harness);
    const open = await recordRun(id);
    const frozenAtMs = await pause(id, open);
    harness.events.length = 0;
    for (let second = 0; second < 10; second += 1) {
      harness.time.advance(1_000);
      await nextTurn();
      expect(harness.recordings.callRecording()).toMatchObject({ state: 'paused', elapsedMs: frozenAtMs });
    }
    await expect(harness.recordings.attach({ recordingId: id, clockMs: 0 })).rejects.toMatchObject({
      code: 'RECORDING_NOT_RUNNING',
      retryable: true,
    });
    const { trackId } = open[0] ?? { trackId: null };
    if (trackId === null) throw new Error('no track');
    await expect(
      harness.recordings.openSegment({ recordingId: id, trackId, lanes: ['av'], atMs: frozenAtMs }),
    ).rejects.toMatchObject({ code: 'RECORDING_NOT_RUNNING' });

    await harness.recordings.resume({ recordingId: id });
    // What was on the disk before the pause does not light the lamp after it.
    expect(harness.recordings.callRecording()).toMatchObject({ state: 'recording', health: { kind: 'starting' } });
    harness.time.advance(1_000);
    await nextTurn();
    const health = harness.events.flatMap((event) => (event.type === 'recordingHealth' ? [event] : []));
    // One a second: guests take silence for a fault.
    expect(health.length).toBeGreaterThanOrEqual(11);
    expect(health.filter((event) => event.health.kind === 'degraded')).toEqual([]);
    const again = await recordRun(id);
    await expect.poll(() => harness.recordings.callRecording()?.health).toEqual({ kind: 'ok' });
    await harness.recordings.stop({ recordingId: id });
    await closeAs(id, again, 'stopped');
    await harness.recordings.settled({ recordingId: id });
  });

  test('a capture that never closes its segments is cut off after the limit', async () => {
    const { id } = await start(harness);
    await recordRun(id);
    await harness.recordings.pause({ recordingId: id });
    await expect(harness.recordings.resume({ recordingId: id })).rejects.toMatchObject({
      code: 'CONFLICT',
      retryable: true,
    });
    const askedAtMs = nowMs();
    harness.time.advance(2_000);
    await expect
      .poll(() => harness.recordings.get({ recordingId: id }).tracks.map((t) => t.segments[0]?.finished))
      .toEqual([true, true]);
    const frozenAtMs = nowMs();
    harness.time.advance(5_000);
    expect(nowMs()).toBe(frozenAtMs);
    // Nothing came any more: waiting for it is no part of the recording.
    expect(frozenAtMs).toBe(askedAtMs);
    const [ada] = harness.recordings.get({ recordingId: id }).tracks.filter((track) => track.source === 'camera');
    expect(ada?.segments[0]?.endReason).toBe('paused');
    await harness.recordings.resume({ recordingId: id });
    expect((await stopAndSettle(harness, id)).status).toBe('completed');
  });

  test('a second Pause and a second Resume are refused and change nothing', async () => {
    const { id } = await start(harness);
    const open = await recordRun(id);
    const first = harness.recordings.pause({ recordingId: id });
    await expect(harness.recordings.pause({ recordingId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
    await first;
    await closeAs(id, open, 'paused');
    harness.time.advance(PAUSE_MS);
    const resumed = harness.recordings.resume({ recordingId: id });
    await expect(harness.recordings.resume({ recordingId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
    await resumed;
    const types = harness.events.map((event) => event.type);
    expect(types.filter((type) => type === 'recordingPaused')).toHaveLength(1);
    expect(types.filter((type) => type === 'recordingResumed')).toHaveLength(1);
    const { folder } = await stopAndSettle(harness, id);
    const journal = await readFile(join(folder, 'journal.jsonl'), 'utf8');
    const paused = [...journal.matchAll(/"kind":"resumed","pausedMs":(\d+)/g)].map(([, pausedMs]) => Number(pausedMs));
    expect(paused).toHaveLength(1);
    expect(paused[0]).toBeGreaterThanOrEqual(PAUSE_MS);
    expect(paused[0]).toBeLessThan(PAUSE_MS + 2_000);
  });

  test.each(['while the last chunks are on their way', 'when it stands'])(
    'Stop %s ends the recording where it was paused',
    async (when) => {
      const { id } = await start(harness);
      const open = await recordRun(id);
      const pausedAtMs = nowMs();
      await harness.recordings.pause({ recordingId: id });
      if (when === 'when it stands') {
        await closeAs(id, open, 'paused');
        harness.time.advance(PAUSE_MS);
        await harness.recordings.stop({ recordingId: id });
      } else {
        await harness.recordings.stop({ recordingId: id });
        await closeAs(id, open, 'paused');
      }
      const recording = await harness.recordings.settled({ recordingId: id });
      expect(recording.status).toBe('completed');
      expect(recording.durationMs).toBe(pausedAtMs);
      expect(recording.deliverables).toHaveLength(2);
      expect(recording.tracks.map((track) => track.lost.totalMs)).toEqual([0, 0]);
    },
  );

  test('an app that is killed leaves a recording that the next start completes, with nothing missing', async () => {
    const { id } = await start(harness);
    const open = await recordRun(id);
    const frozenAtMs = await pause(id, open);
    harness.time.advance(PAUSE_MS);
    const next = harness.restart();
    const report = await next.recordings.recover();
    expect(report.interrupted).toEqual([id]);
    expect(next.recordings.get({ recordingId: id }).status).toBe('interrupted');
    await report.finished;
    const recording = next.recordings.get({ recordingId: id });
    expect(recording.status).toBe('completed');
    expect(recording.tracks.map((track) => track.lost.totalMs)).toEqual([0, 0]);
    expect(recording.durationMs).toBeLessThanOrEqual(frozenAtMs);
    expect(recording.durationMs).toBeGreaterThan(2_000);
  });
});

/** Three runs; before the second and the third the window was gone for some seconds. */
async function recordWithCrashes(): Promise<{ recording: Recording }> {
  const { id } = await start(harness, 'mp4');
  for (let run = 0; run < 2; run += 1) {
    await recordRun(id);
    harness.time.advance(1_500);
    await harness.recordings.attach({ recordingId: id, clockMs: harness.time.nowMs() });
  }
  const last = await recordRun(id);
  await harness.recordings.stop({ recordingId: id });
  await closeAs(id, last, 'stopped');
  return { recording: await harness.recordings.settled({ recordingId: id }) };
}

describe('the MP4 of a mix of three segments', () => {
  test.each([
    ['pauses', () => recordWithPauses('mp4')],
    ['crashes of the window', recordWithCrashes],
  ])(
    'with %s between is finished as it was recorded, and is what an export from the segments makes',
    async (_, record) => {
      const { recording } = await record();
      const mix = deliverable(recording, 'mix');
      const live = join(recording.folder, mix.file);
      expect(mix.format).toBe('mp4');
      const stages = harness.events.flatMap((event) =>
        event.type === 'recordingProgress' && event.recording.progress?.stage === 'mixing' ? [event] : [],
      );
      // An export reports how far it is; what is only closed has nothing to report but its beginning.
      expect(stages.map((event) => event.recording.progress?.fraction)).toEqual([0]);

      const track = recording.tracks.find((each) => each.source === 'mix');
      const sources = (track?.segments ?? []).map((segment) => ({
        path: join(recording.folder, segment.file),
        offsetMs: segment.offsetMs,
      }));
      expect(sources).toHaveLength(3);
      const exported = join(harness.folder, 'exported.mp4');
      const job = { signal: new AbortController().signal, onProgress: () => undefined };
      const made = await realJobs().exportMp4(sources, exported, job);
      expect(Math.abs(made.durationMs - mix.durationMs)).toBeLessThan(50);
      expect(Math.abs(made.offsetMs - mix.offsetMs)).toBeLessThan(50);

      expect(await decodeComplaints(live)).toBe('');
      const times = async (path: string) => (await packetTimes(path, 'v')).map(({ atMs }) => atMs);
      const [livePictures, exportedPictures] = [await times(live), await times(exported)];
      expect(livePictures.length).toBe(exportedPictures.length);
      expect(livePictures.length).toBeGreaterThan(100);
      const apart = livePictures.map((atMs, index) => Math.abs(atMs - (exportedPictures[index] ?? Infinity)));
      expect(Math.max(...apart)).toBeLessThanOrEqual(1);

      const [liveSound, exportedSound] = [await decodeSound(live), await decodeSound(exported)];
      for (const { offsetMs } of sources) {
        const fromMs = offsetMs - (sources[0]?.offsetMs ?? 0) + 500;
        expect(Math.abs(shiftBetween(liveSound, exportedSound, fromMs, 1500))).toBeLessThanOrEqual(20);
      }
    },
  );
});

/** By how much a stretch of one sound lies later in another, milliseconds (the best match within 100 ms). */
function shiftBetween(
  a: { samples: Float32Array; sampleRate: number },
  b: { samples: Float32Array; sampleRate: number },
  fromMs: number,
  lengthMs: number,
): number {
  const perMs = a.sampleRate / 1000;
  const from = Math.round(fromMs * perMs);
  const count = Math.round(lengthMs * perMs);
  let best = { shift: Number.NaN, match: -Infinity };
  let energy = 0;
  for (let index = from; index < from + count; index += 1) energy += (a.samples[index] ?? 0) ** 2;
  expect(energy).toBeGreaterThan(0);
  for (let shift = -100 * perMs; shift <= 100 * perMs; shift += 4) {
    let match = 0;
    for (let index = from; index < from + count; index += 1) {
      match += (a.samples[index] ?? 0) * (b.samples[index + shift] ?? 0);
    }
    if (match > best.match) best = { shift, match };
  }
  return best.shift / perMs;
}
