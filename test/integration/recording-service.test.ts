import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Recording } from '../../contract/recording.ts';
import { probeMedia } from '../../main/media/probe.ts';
import { loadLane } from '../support/lanes.ts';
import { decodeComplaints } from '../support/media-report.ts';
import { ADA, BEN, makeHarness, openTrack, play, start } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await makeHarness();
});
afterEach(() => harness.end());

/** Records two people with sound and picture and a mix, from fixtures that last 2.5 to 3 s. */
async function recordTwo(format: 'mkv' | 'webm' | 'mp4', picture: 'h264' | 'vp8'): Promise<Recording> {
  const { id } = await start(harness, format);
  const video = loadLane(picture === 'h264' ? 'video-h264.mkv' : 'video-vp8.webm').chunks;
  const mixed = loadLane(picture === 'h264' ? 'mix-h264.mkv' : 'mix-vp8.webm').chunks;
  const audio = loadLane('audio-opus.webm').chunks;
  const both = ['audio' as const, 'video' as const];
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
    lanes: both,
    atMs: 40,
  });
  const ben = await openTrack(harness, id, {
    participantId: BEN,
    participantName: 'Ben/..',
    source: 'camera',
    lanes: both,
    atMs: 700,
  });
  await play(harness, id, [
    { ...mix, lane: 'av', chunks: mixed, atMs: 290 },
    { ...ada, lane: 'audio', chunks: audio, atMs: 300 },
    { ...ada, lane: 'video', chunks: video, atMs: 310 },
    { ...ben, lane: 'audio', chunks: audio, atMs: 960 },
    { ...ben, lane: 'video', chunks: video, atMs: 970 },
  ]);
  const open = [mix, ada, ben];
  await harness.recordings.stop({ recordingId: id });
  await Promise.all(
    open.map((target) => harness.recordings.closeSegment({ recordingId: id, ...target, reason: 'stopped' })),
  );
  return harness.recordings.settled({ recordingId: id });
}

describe('two people and a mix', () => {
  test.each([
    ['mkv', 'h264', 'mkv', 'mkv'],
    ['webm', 'vp8', 'webm', 'webm'],
    ['mp4', 'h264', 'mp4', 'mkv'],
    ['webm', 'h264', 'mkv', 'mkv'],
  ] as const)(
    '%s with %s: every file is there, probed and decodable',
    async (format, picture, mixFormat, trackFormat) => {
      const recording = await recordTwo(format, picture);
      expect(recording.error).toBeNull();
      expect(recording.status).toBe('completed');
      expect(recording.deliverables.map((each) => [each.kind, each.participantName, each.format])).toEqual([
        ['mix', '', mixFormat],
        ['track', 'Ada', trackFormat],
        ['track', 'Ben/..', trackFormat],
      ]);
      expect(recording.thumbnails).toHaveLength(5);
      for (const deliverable of recording.deliverables) {
        const path = join(recording.folder, deliverable.file);
        expect(await decodeComplaints(path)).toBe('');
        const probe = await probeMedia(path);
        expect(probe.durationMs).toBeCloseTo(deliverable.durationMs, -1);
        expect(probe.tracks.map((track) => track.kind).sort()).toEqual(['audio', 'video']);
        expect(probe.sizeBytes).toBe(deliverable.sizeBytes);
      }
      const [, ada, ben] = recording.deliverables;
      expect(ada?.offsetMs).toBe(40);
      expect(ben?.offsetMs).toBe(700);
      expect(ben?.file).toBe(`segments/ben-camera-0.${trackFormat}`);
    },
  );
});

test('a track that stays Matroska in a WebM recording says why', async () => {
  const recording = await recordTwo('webm', 'h264');
  expect(recording.deliverables[1]?.note).toContain('WebM cannot hold');
});

test('events come in order and the recording is playable before it is completed', async () => {
  const recording = await recordTwo('mp4', 'h264');
  const types = harness.events
    .map((event) => event.type)
    .filter((type) => type !== 'recordingHealth' && type !== 'recordingChanged' && type !== 'recordingProgress');
  expect(types).toEqual([
    'recordingStarted',
    'recordingStopping',
    'recordingProcessing',
    'thumbnailsGenerated',
    'recordingCompleted',
  ]);
  const playable = harness.events.find((event) => event.type === 'recordingProcessing');
  expect(playable?.type === 'recordingProcessing' && playable.recording.deliverables).toHaveLength(3);
  expect(harness.recordings.list()).toEqual([recording]);
});
