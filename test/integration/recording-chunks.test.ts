import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import { blocksOf, loadLane, readAll, seededRandom } from '../support/lanes.ts';
import { decodeComplaints, largestGapMs, packetTimesMs } from '../support/media-report.ts';
import { ADA, makeHarness, openTrack, play, start, stopAndSettle, toChunk } from '../support/recorder-harness.ts';
import type { Feed, Harness } from '../support/recorder-harness.ts';

let harness: Harness;
let id: RecordingId;
let track: { trackId: TrackId; segment: number };
const audio = loadLane('audio-opus.webm').chunks;
const video = loadLane('video-h264.mkv').chunks;

beforeEach(async () => {
  harness = await makeHarness();
  ({ id } = await start(harness, 'mkv'));
  track = await openTrack(harness, id, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio', 'video'],
    atMs: 0,
  });
});
afterEach(() => harness.end());

const feeds = (): Feed[] => [
  { ...track, lane: 'audio', chunks: audio, atMs: 260 },
  { ...track, lane: 'video', chunks: video, atMs: 270 },
];

async function segmentBytes(h: Harness, recordingId: RecordingId): Promise<Buffer> {
  const recording = h.recordings.get({ recordingId });
  const [deliverable] = recording.deliverables;
  return readFile(join(recording.folder, deliverable?.file ?? 'none'));
}

test('the same participant and source give the same track', async () => {
  const again = await harness.recordings.openTrack({
    recordingId: id,
    participantId: ADA,
    participantName: 'Ada renamed',
    source: 'camera',
  });
  expect(again.trackId).toBe(track.trackId);
  const screen = await harness.recordings.openTrack({
    recordingId: id,
    participantId: ADA,
    participantName: 'Ada',
    source: 'screen',
  });
  expect(screen.trackId).not.toBe(track.trackId);
});

test('a recorder that only ever gave its header keeps nobody waiting for an ack', async () => {
  const { bytes } = loadLane('video-vp8.webm');
  const header = bytes.subarray(0, Buffer.from(bytes).indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75])));
  const feed = { ...track, lane: 'video' as const, atMs: 260 };
  await expect(harness.recordings.append(toChunk(id, feed, header.subarray(0, 1), 0))).resolves.toEqual({ seq: 0 });
  await expect(harness.recordings.append(toChunk(id, feed, header.subarray(1), 1))).resolves.toEqual({ seq: 1 });
  await play(harness, id, [{ ...track, lane: 'audio', chunks: audio, atMs: 260 }]);
  const recording = await stopAndSettle(harness, id);
  expect(recording.tracks[0]?.segments[0]).toMatchObject({ audioCodec: 'A_OPUS', videoCodec: null });
});

test('what the stopped recorders gave last is acknowledged at once when nothing more is expected of them', async () => {
  const [firstSound, ...moreSound] = audio.slice(0, 8);
  const [firstPicture, ...morePicture] = video.slice(0, 8);
  if (firstSound === undefined || firstPicture === undefined) throw new Error('fixture');
  await play(harness, id, [
    { ...track, lane: 'audio', chunks: [firstSound], atMs: 260 },
    { ...track, lane: 'video', chunks: [firstPicture], atMs: 270 },
  ]);
  const later = { ...track, firstSeq: 1, atMs: 900 };
  const acks = Promise.all([
    ...moreSound.map((bytes, n) => harness.recordings.append(toChunk(id, { ...later, lane: 'audio' }, bytes, n))),
    ...morePicture.map((bytes, n) => harness.recordings.append(toChunk(id, { ...later, lane: 'video' }, bytes, n))),
  ]);
  const expectNothing = { recordingId: id, trackId: track.trackId, expecting: false };
  harness.recordings.expect({ ...expectNothing, lane: 'audio' });
  harness.recordings.expect({ ...expectNothing, lane: 'video' });
  // The clock stands: nothing can have waited for a time limit.
  expect(await acks).toHaveLength(moreSound.length + morePicture.length);
});

test('a gap is refused with the number that is wanted, and the lane goes on from there', async () => {
  const feed = { ...track, lane: 'audio' as const, atMs: 260 };
  const [first, second, third] = audio;
  if (first === undefined || second === undefined || third === undefined) throw new Error('fixture');
  void harness.recordings.append(toChunk(id, feed, first, 0)).catch(() => undefined);
  await expect(harness.recordings.append(toChunk(id, feed, third, 2))).rejects.toMatchObject({
    code: 'CHUNK_GAP',
    retryable: true,
    details: { expectedSeq: 1 },
  });
  const ack = harness.recordings.append(toChunk(id, feed, second, 1));
  harness.time.advance(1_000);
  await expect(ack).resolves.toEqual({ seq: 1 });
});

test('a damaged chunk is refused and its resend is taken', async () => {
  const feed = { ...track, lane: 'audio' as const, atMs: 260 };
  const [first] = audio;
  if (first === undefined) throw new Error('fixture');
  const good = toChunk(id, feed, first, 0);
  const damaged = { ...good, bytes: new Uint8Array(good.bytes) };
  damaged.bytes[40] = (damaged.bytes[40] ?? 0) ^ 1;
  await expect(harness.recordings.append(damaged)).rejects.toMatchObject({ code: 'CHUNK_CORRUPT', retryable: true });
  await play(harness, id, [{ ...track, lane: 'audio', chunks: audio, atMs: 260 }]);
  expect((await stopAndSettle(harness, id)).status).toBe('completed');
});

test('a chunk past the limit, a lane or a track that was never opened, and another recording are refused', async () => {
  const feed = { ...track, lane: 'audio' as const, atMs: 260 };
  const large = toChunk(id, feed, new Uint8Array(8 * 1024 * 1024 + 1), 0);
  await expect(harness.recordings.append(large)).rejects.toMatchObject({ code: 'CHUNK_TOO_LARGE' });
  await expect(
    harness.recordings.append(toChunk(id, { ...feed, lane: 'av' }, new Uint8Array(4), 0)),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  const stranger = { ...feed, trackId: harness.recordings.get({ recordingId: id }).callId as unknown as TrackId };
  await expect(harness.recordings.append(toChunk(id, stranger, new Uint8Array(4), 0))).rejects.toMatchObject({
    code: 'TRACK_UNKNOWN',
  });
  const other = harness.recordings.get({ recordingId: id }).callId as unknown as RecordingId;
  await expect(harness.recordings.append(toChunk(other, feed, new Uint8Array(4), 0))).rejects.toMatchObject({
    code: 'RECORDING_NOT_FOUND',
  });
});

test('bytes that are no media end the segment with a typed error; what came before stays playable', async () => {
  await play(harness, id, [
    { ...track, lane: 'audio', chunks: audio, atMs: 260 },
    { ...track, lane: 'video', chunks: video.slice(0, 6), atMs: 270 },
  ]);
  const garbage = toChunk(id, { ...track, lane: 'video', atMs: 3000, firstSeq: 6 }, new Uint8Array(3000), 0);
  await expect(harness.recordings.append(garbage)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  const recording = await stopAndSettle(harness, id);
  expect(recording.status).toBe('completed');
  expect(recording.tracks[0]?.segments[0]?.endReason).toBe('sourceChanged');
  expect(await decodeComplaints(join(recording.folder, recording.deliverables[0]?.file ?? ''))).toBe('');
});

test.each([
  { what: 'bytes that are no media', follows: new Uint8Array(3000), code: 'MEDIA_UNREADABLE' },
  { what: 'another stream', follows: loadLane('video-vp8.webm').bytes, code: 'SEGMENT_CLOSED' },
])(
  'the frames before $what in one chunk are in the file; the chunk is refused and stays refused',
  async ({ follows, code }) => {
    const last = video.at(-1);
    if (last === undefined) throw new Error('fixture');
    await play(harness, id, [
      { ...track, lane: 'audio', chunks: audio, atMs: 260 },
      { ...track, lane: 'video', chunks: video.slice(0, -1), atMs: 270 },
    ]);
    const feed = { ...track, lane: 'video' as const, atMs: 3_300, firstSeq: video.length - 1 };
    const half = toChunk(id, feed, new Uint8Array(Buffer.concat([last, follows])), 0);
    await expect(harness.recordings.append(half)).rejects.toMatchObject({ code });
    await harness.recordings.closeSegment({ recordingId: id, ...track, reason: 'sourceChanged' });
    await expect(harness.recordings.append(half)).rejects.toMatchObject({ code: 'SEGMENT_CLOSED' });
    const recording = await stopAndSettle(harness, id);
    expect(recording.status).toBe('completed');
    const path = join(recording.folder, recording.deliverables[0]?.file ?? '');
    expect(await packetTimesMs(path, 'v')).toHaveLength(blocksOf(readAll(video)).length);
    expect(blocksOf(readAll(video)).length).toBeGreaterThan(blocksOf(readAll(video.slice(0, -1))).length);
    expect(await decodeComplaints(path)).toBe('');
  },
);

test('duplicates, early chunks and damaged copies leave the file byte for byte as it would be without them', async () => {
  await play(harness, id, feeds());
  await stopAndSettle(harness, id);
  const reference = await segmentBytes(harness, id);
  const random = seededRandom(7);
  for (let round = 0; round < 10; round += 1) {
    const other = await makeHarness();
    const { id: otherId } = await start(other, 'mkv');
    const opened = await openTrack(other, otherId, {
      participantId: ADA,
      participantName: 'Ada',
      source: 'camera',
      lanes: ['audio', 'video'],
      atMs: 0,
    });
    const acks: Promise<unknown>[] = [];
    const refusals: string[] = [];
    const noise = (work: Promise<unknown>): void => {
      acks.push(work.catch((error: unknown) => refusals.push((error as { code: string }).code)));
    };
    const zeroMs = other.time.nowMs();
    const chunks = feeds()
      .map((feed) => ({ ...feed, ...opened }))
      .flatMap((feed) => feed.chunks.map((bytes, index) => ({ feed, bytes, index })))
      .sort((a, b) => a.feed.atMs + 250 * a.index - (b.feed.atMs + 250 * b.index));
    for (const { feed, bytes, index } of chunks) {
      const chunk = toChunk(otherId, feed, bytes, index);
      other.time.advanceTo(zeroMs + chunk.atMs);
      if (random() < 0.3) noise(other.recordings.append({ ...chunk, crc32: chunk.crc32 ^ 1 }));
      if (random() < 0.3) noise(other.recordings.append(toChunk(otherId, feed, bytes, index + 1)));
      acks.push(other.recordings.append(chunk));
      if (random() < 0.3) acks.push(other.recordings.append(chunk));
      await nextTurn();
    }
    other.time.advance(400);
    await Promise.all(acks);
    await stopAndSettle(other, otherId);
    expect(await segmentBytes(other, otherId)).toEqual(reference);
    expect(new Set(refusals)).toEqual(new Set(['CHUNK_CORRUPT', 'CHUNK_GAP']));
    await other.end();
  }
});

test('while a camera is released its sound keeps reaching the file, and the picture comes back in it', async () => {
  // Three rounds of sound; the picture is there in the first and the last.
  const later = { ...track, lane: 'audio' as const };
  await play(harness, id, [
    { ...later, chunks: audio, atMs: 260 },
    { ...track, lane: 'video', chunks: video.slice(0, 4), atMs: 270 },
  ]);
  harness.time.advance(1_000);
  const path = join(harness.recordingsFolder, id, 'segments', 'ada-camera-0.mkv');
  const written = await readFile(path);
  // The last sound packet of the fixture is in the file though no picture came for two seconds: it is still recording.
  const lastSound = Buffer.from(audio.at(-1)?.subarray(-40) ?? []);
  expect(written.includes(lastSound)).toBe(true);
  const soundSoFar = await packetTimesMs(path, 'a');
  expect(largestGapMs(soundSoFar)).toBeLessThan(100);
  await play(harness, id, [{ ...track, lane: 'video', chunks: video.slice(4), atMs: 5_000, firstSeq: 4 }]);
  const recording = await stopAndSettle(harness, id);
  expect(recording.deliverables).toHaveLength(1);
  expect(await decodeComplaints(join(recording.folder, recording.deliverables[0]?.file ?? ''))).toBe('');
});

test('a camera that comes on late lies late in the file, its sound from the beginning', async () => {
  await play(harness, id, [
    { ...track, lane: 'audio', chunks: audio, atMs: 260 },
    { ...track, lane: 'video', chunks: video.slice(0, 8), atMs: 1_400 },
  ]);
  const recording = await stopAndSettle(harness, id);
  const path = join(recording.folder, recording.deliverables[0]?.file ?? '');
  const [firstSound] = await packetTimesMs(path, 'a');
  const [firstPicture] = await packetTimesMs(path, 'v');
  expect(recording.deliverables[0]?.offsetMs).toBe(0);
  expect(firstSound).toBe(0);
  // Its first chunk came at 1400 ms and held about 250 ms.
  expect(firstPicture).toBeGreaterThan(1_050);
  expect(firstPicture).toBeLessThan(1_250);
  expect(await decodeComplaints(path)).toBe('');
});

test('H.264 that comes late to a WebM segment ends it, and the next segment is Matroska', async () => {
  await stopAndSettle(harness, id);
  const { id: webmId } = await start(harness, 'webm');
  const opened = await openTrack(harness, webmId, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio', 'video'],
    atMs: 0,
  });
  await play(harness, webmId, [{ ...opened, lane: 'audio', chunks: audio, atMs: 260 }]);
  const [firstPicture] = video;
  if (firstPicture === undefined) throw new Error('fixture');
  await expect(
    harness.recordings.append(toChunk(webmId, { ...opened, lane: 'video', atMs: 3_300 }, firstPicture, 0)),
  ).rejects.toMatchObject({ code: 'SEGMENT_CLOSED' });
  const { segment } = await harness.recordings.openSegment({
    recordingId: webmId,
    trackId: opened.trackId,
    lanes: ['audio', 'video'],
    atMs: 3_400,
  });
  await play(harness, webmId, [
    { trackId: opened.trackId, segment, lane: 'audio', chunks: audio, atMs: 3_700 },
    { trackId: opened.trackId, segment, lane: 'video', chunks: video, atMs: 3_700 },
  ]);
  const recording = await stopAndSettle(harness, webmId);
  expect(recording.tracks[0]?.segments.map((each) => [each.container, each.endReason])).toEqual([
    ['webm', 'sourceChanged'],
    ['mkv', 'stopped'],
  ]);
  // Sound alone and sound with picture cannot be one file without encoding: both are listed.
  expect(recording.deliverables.map((each) => each.format)).toEqual(['webm', 'mkv']);
  expect(recording.status).toBe('completed');
});

test('a device switch makes a second segment and one joined file with the gap in it', async () => {
  await play(harness, id, feeds());
  await harness.recordings.closeSegment({ recordingId: id, ...track, reason: 'deviceChanged' });
  const { segment } = await harness.recordings.openSegment({
    recordingId: id,
    trackId: track.trackId,
    lanes: ['audio', 'video'],
    atMs: 4_000,
  });
  const second = { trackId: track.trackId, segment };
  await play(harness, id, [
    { ...second, lane: 'audio', chunks: audio, atMs: 4_260 },
    { ...second, lane: 'video', chunks: video, atMs: 4_270 },
  ]);
  const recording = await stopAndSettle(harness, id);
  expect(recording.status).toBe('completed');
  expect(recording.deliverables.map((each) => each.file)).toEqual(['deliverables/ada-camera.mkv']);
  const path = join(recording.folder, 'deliverables/ada-camera.mkv');
  const pictures = await packetTimesMs(path, 'v');
  expect(pictures.some((ms) => Math.abs(ms - 4_000) < 40)).toBe(true);
  expect(largestGapMs(pictures)).toBeGreaterThan(500);
  // Both segments stay: they are the truth.
  expect(recording.tracks[0]?.segments.map((each) => [each.finished, each.endReason])).toEqual([
    [true, 'deviceChanged'],
    [true, 'stopped'],
  ]);
});

test('a closed segment gives the same acks again and takes nothing new', async () => {
  await play(harness, id, feeds());
  await harness.recordings.closeSegment({ recordingId: id, ...track, reason: 'left' });
  await harness.recordings.closeSegment({ recordingId: id, ...track, reason: 'left' });
  const feed = { ...track, lane: 'audio' as const, atMs: 260 };
  const [first] = audio;
  if (first === undefined) throw new Error('fixture');
  await expect(harness.recordings.append(toChunk(id, feed, first, 0))).resolves.toEqual({ seq: 0 });
  await expect(harness.recordings.append(toChunk(id, feed, first, audio.length))).rejects.toMatchObject({
    code: 'SEGMENT_CLOSED',
  });
});

test('a new window that attaches ends what the old one left open', async () => {
  await play(harness, id, feeds());
  const elapsedMs = harness.recordings.callRecording()?.elapsedMs ?? 0;
  const attached = await harness.recordings.attach({ recordingId: id, clockMs: 100_000 });
  expect(attached.zeroClockMs).toBe(100_000 - elapsedMs);
  expect(attached.plan.mixMimeTypes[0]).toBe('video/x-matroska;codecs=avc1,opus');
  const [segment] = harness.recordings.get({ recordingId: id }).tracks[0]?.segments ?? [];
  expect(segment).toMatchObject({ finished: true, endReason: 'crashed' });
});
