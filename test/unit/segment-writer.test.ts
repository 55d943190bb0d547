import { describe, expect, test } from 'vitest';
import { MatroskaError } from '../../main/media/matroska/matroska-error.ts';
import type { TimedBlock } from '../../main/media/matroska/interleaver.ts';
import { parseHead } from '../../main/media/matroska/segment-head.ts';
import {
  CLUSTER_MAX_BYTES,
  CLUSTER_MAX_MS,
  createSegmentWriter,
  type SegmentWriter,
} from '../../main/media/matroska/segment-writer.ts';
import type { TrackInfo } from '../../main/media/matroska/track-entry.ts';
import {
  applyPlan,
  blocksOf,
  createMemoryFile,
  loadLane,
  parseAll,
  writeSegment,
  type LaneName,
} from '../support/lanes.ts';

const PERSON = [
  { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
  { lane: 'video', name: 'video-vp8.webm', offsetMs: 37, startMs: 20 },
] as const;

function tracksOf(name: LaneName): readonly TrackInfo[] {
  const [first] = parseAll([loadLane(name).bytes]);
  if (first?.kind !== 'header') throw new Error('no header');
  return first.header.tracks;
}

function trackOf(name: LaneName): TrackInfo {
  const [track] = tracksOf(name);
  if (track === undefined) throw new Error('no track');
  return track;
}

function soundWriter(): SegmentWriter {
  const writer = createSegmentWriter({ container: 'webm', writingApp: 'test' });
  writer.addTracks([{ lane: 'audio', info: trackOf('audio-opus.webm') }]);
  return writer;
}

function soundHead(): Uint8Array {
  const writer = createSegmentWriter({ container: 'webm', writingApp: 'test' });
  const head = writer.addTracks([{ lane: 'audio', info: trackOf('audio-opus.webm') }]);
  if (head.kind !== 'head') throw new Error('no head');
  return head.bytes;
}

function sound(timeMs: number, sizeBytes = 3): TimedBlock {
  // 0xfb 0x03: three 20 ms frames in one Opus packet, as Chromium makes them.
  const payload = new Uint8Array(sizeBytes);
  payload.set([0xfb, 0x03]);
  return { lane: 'audio', trackNumber: 1, timeMs, isKeyFrame: true, payload };
}

function picture(timeMs: number, isKeyFrame: boolean): TimedBlock {
  return { lane: 'video', trackNumber: 1, timeMs, isKeyFrame, payload: Uint8Array.of(1, 2, 3) };
}

function errorCode(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MatroskaError) return error.code;
    throw error;
  }
  return 'none';
}

function payloads(blocks: readonly { payload: Uint8Array }[]): string[] {
  return blocks.map((block) => Buffer.from(block.payload).toString('base64'));
}

describe('segment writer', () => {
  test('keeps every frame of every lane, in time order, byte for byte', () => {
    for (const written of [
      writeSegment('webm', PERSON),
      writeSegment('matroska', [{ lane: 'av', name: 'mix-h264.mkv', offsetMs: 0, startMs: 0 }]),
    ]) {
      const items = parseAll([written.finished.subarray(0, written.plan.truncateTo)]);
      const blocks = blocksOf(items);
      expect(payloads(blocks)).toEqual(payloads(written.blocks));
      expect(blocks.map((block) => block.timeMs)).toEqual(written.blocks.map((block) => block.timeMs));
      expect(blocks.map((block) => block.timeMs)).toEqual(blocks.map((block) => block.timeMs).sort((a, b) => a - b));
    }
    const lanes = PERSON.flatMap(({ name }) => payloads(blocksOf(parseAll([loadLane(name).bytes]))));
    expect(payloads(writeSegment('webm', PERSON).blocks).sort()).toEqual(lanes.sort());
  });

  test('puts sound before picture and keeps the codec data', () => {
    const writer = createSegmentWriter({ container: 'webm', writingApp: 'test' });
    const head = writer.addTracks([
      { lane: 'video', info: trackOf('video-vp8.webm') },
      { lane: 'audio', info: trackOf('audio-opus.webm'), name: `Zoë\n${'x'.repeat(200)}`, language: 'deu' },
    ]);
    if (head.kind !== 'head') throw new Error('no head');
    const { tracks } = parseHead(head.bytes);
    expect(tracks.map(({ number, codecId }) => [number, codecId])).toEqual([
      [1, 'A_OPUS'],
      [2, 'V_VP8'],
    ]);
    expect(tracks[0]?.codecPrivate).toEqual(trackOf('audio-opus.webm').codecPrivate);
    const text = Buffer.from(head.bytes).toString('utf8');
    expect(text).toContain(`Zoë ${'x'.repeat(56)}`);
    expect(text).not.toContain('x'.repeat(57));
    expect(text).toContain('deu');
  });

  test('adds a track that speaks later in place, without moving anything', () => {
    const writer = createSegmentWriter({ container: 'matroska', writingApp: 'test' });
    const file = createMemoryFile();
    const head = writer.addTracks([{ lane: 'audio', info: trackOf('audio-opus.webm') }]);
    if (head.kind !== 'head') throw new Error('no head');
    file.write({ offset: 0, bytes: head.bytes });
    file.write(writer.appendCluster([sound(0), sound(60)]));
    const before = file.bytes();
    const later = writer.addTracks([{ lane: 'video', info: trackOf('video-h264.mkv') }]);
    if (later.kind !== 'patch') throw new Error('no patch');
    file.write(later.patch);
    // One disk sector: it is there or it is not.
    expect(later.patch.offset % 512).toBe(0);
    expect(later.patch.bytes.length).toBeLessThanOrEqual(512);
    expect(file.bytes().length).toBe(before.length);
    expect(file.bytes().subarray(head.bytes.length)).toEqual(before.subarray(head.bytes.length));
    file.write(writer.appendCluster([sound(120), picture(130, true)]));
    const finished = applyPlan(file.bytes(), writer.finish());
    expect(blocksOf(parseAll([finished])).map((block) => block.trackNumber)).toEqual([1, 1, 1, 2]);
    expect(parseHead(finished).tracks.map((track) => track.codecId)).toEqual(['A_OPUS', 'V_MPEG4/ISO/AVC']);
  });

  test('refuses a track that the container cannot hold, that does not fit, or that is there, and goes on without it', () => {
    const writer = soundWriter();
    const h264 = trackOf('video-h264.mkv');
    expect(errorCode(() => writer.addTracks([{ lane: 'video', info: h264 }]))).toBe('unsupported-track');
    expect(errorCode(() => writer.addTracks([{ lane: 'audio', info: trackOf('audio-opus.webm') }]))).toBe(
      'wrong-state',
    );
    const vp8 = trackOf('video-vp8.webm');
    const huge = { ...vp8, raw: Uint8Array.of(0xae, 0x50, 0x00, 0xec, 0x4f, 0xfd, ...new Uint8Array(0xffd)) };
    expect(errorCode(() => writer.addTracks([{ lane: 'video', info: huge }]))).toBe('no-room');
    expect(errorCode(() => writer.appendCluster([picture(0, true)]))).toBe('unknown-track');
    expect(writer.appendCluster([sound(0)]).bytes.length).toBeGreaterThan(0);
    expect(writer.addTracks([{ lane: 'video', info: vp8 }]).kind).toBe('patch');
  });

  test('refuses frames before tracks, of unknown lanes and at impossible times, and forgets them', () => {
    const writer = createSegmentWriter({ container: 'webm', writingApp: 'test' });
    expect(errorCode(() => writer.appendCluster([sound(0)]))).toBe('wrong-state');
    expect(errorCode(() => writer.finish())).toBe('wrong-state');
    writer.addTracks([{ lane: 'audio', info: trackOf('audio-opus.webm') }]);
    expect(errorCode(() => writer.appendCluster([sound(0), picture(0, true)]))).toBe('unknown-track');
    for (const timeMs of [-1, 0.5, Number.NaN, 2 ** 32]) {
      expect(errorCode(() => writer.appendCluster([sound(timeMs)]))).toBe('time-out-of-range');
    }
    expect(writer.finish().durationMs).toBe(0);
  });

  test('splits clusters at 5 seconds and at 5 MB', () => {
    const clusters = (blocks: TimedBlock[]): number => {
      const { bytes } = soundWriter().appendCluster(blocks);
      return Buffer.from(bytes).toString('latin1').split('\x1f\x43\xb6\x75').length - 1;
    };
    expect(clusters([sound(0), sound(CLUSTER_MAX_MS)])).toBe(1);
    expect(clusters([sound(0), sound(CLUSTER_MAX_MS + 1)])).toBe(2);
    expect(clusters([sound(0), sound(40_000), sound(20_000)])).toBe(3);
    const half = CLUSTER_MAX_BYTES / 2;
    expect(clusters([sound(0, half - 100), sound(1, half - 100)])).toBe(1);
    expect(clusters([sound(0, half), sound(1, half)])).toBe(2);
    expect(clusters([])).toBe(0);
  });

  test('measures duration to the end of the last frame', () => {
    const writer = soundWriter();
    writer.addTracks([{ lane: 'video', info: trackOf('video-vp8.webm') }]);
    writer.appendCluster([sound(0)]);
    expect(writer.finish().durationMs).toBe(60);
    writer.appendCluster([picture(10, true), picture(43, false), picture(110, false)]);
    expect(writer.finish().durationMs).toBe(110 + 67);
    // After a still of 8 s the last frame is not 8 s long.
    writer.appendCluster([picture(8110, false)]);
    expect(writer.finish().durationMs).toBe(8110 + 200);
  });

  test('indexes the first picture key frame of each cluster, or without pictures sound once a second', () => {
    const cueTimes = (writer: SegmentWriter): number[] => {
      const cues = Buffer.from(writer.finish().append);
      const times: number[] = [];
      for (let at = cues.indexOf(0xb3); at !== -1; at = cues.indexOf(0xb3, at + 1)) {
        const length = (cues[at + 1] ?? 0) & 0x7f;
        if (cues[at - 2] === 0xbb && length <= 2) times.push(cues.readUIntBE(at + 2, length));
      }
      return times;
    };
    const withPicture = soundWriter();
    withPicture.addTracks([{ lane: 'video', info: trackOf('video-vp8.webm') }]);
    withPicture.appendCluster([sound(0), picture(5, true), picture(38, true)]);
    withPicture.appendCluster([sound(1500)]);
    withPicture.appendCluster([picture(2000, false), picture(2033, true)]);
    expect(cueTimes(withPicture)).toEqual([5, 2033]);

    const soundOnly = soundWriter();
    for (let timeMs = 0; timeMs < 3000; timeMs += 240) soundOnly.appendCluster([sound(timeMs), sound(timeMs + 60)]);
    expect(cueTimes(soundOnly)).toEqual([0, 1200, 2400]);
  });

  test('finish changes nothing and gives the same bytes each time', () => {
    const written = writeSegment('webm', PERSON);
    expect(applyPlan(written.finished, written.plan)).toEqual(written.finished);
    const writer = soundWriter();
    writer.appendCluster([sound(0)]);
    const first = writer.finish();
    expect(writer.finish()).toEqual(first);
    expect(writer.appendCluster([sound(60)]).offset).toBe(first.truncateTo);
  });

  test('leaves out a track that never had a frame, such as a camera that was announced and gave no picture', () => {
    const writer = soundWriter();
    const later = writer.addTracks([{ lane: 'video', info: trackOf('video-vp8.webm') }]);
    if (later.kind !== 'patch') throw new Error('no patch');
    const file = createMemoryFile();
    const head = soundHead();
    file.write({ offset: 0, bytes: head });
    file.write(later.patch);
    expect(parseHead(applyPlan(file.bytes(), writer.finish())).tracks).toHaveLength(2);
    file.write(writer.appendCluster([sound(0)]));
    const finished = applyPlan(file.bytes(), writer.finish());
    expect(parseHead(finished).tracks.map((track) => track.codecId)).toEqual(['A_OPUS']);
    expect(blocksOf(parseAll([finished]))).toHaveLength(1);
  });

  test('finishing patches nothing outside the first disk sector', () => {
    const { plan } = writeSegment('webm', PERSON);
    expect(plan.patches.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([[0, 512]]);
  });
});
