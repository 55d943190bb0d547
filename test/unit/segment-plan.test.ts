import { expect, test } from 'vitest';
import type { MediaProbe } from '../../main/media/probe.ts';
import { planSegments } from '../../main/media/segment-plan.ts';

const probe = (durationMs: number | null, startMs = 0, codec = 'vp8'): MediaProbe => ({
  container: 'matroska',
  durationMs,
  startMs,
  tracks: [
    { kind: 'video', codec, widthPx: 640, heightPx: 360 },
    { kind: 'audio', codec: 'opus', sampleRateHz: 48_000 },
  ],
  sizeBytes: 1000,
});
const segment = (path: string, offsetMs: number, of: MediaProbe): Parameters<typeof planSegments>[0][number] => ({
  source: { path, offsetMs },
  probe: of,
});

test('segments are placed by offset and first packet, in the order of time', () => {
  const plan = planSegments([segment('/b', 9000, probe(3000, 20)), segment('/a', 500, probe(4000, 100))]);
  expect(plan.placed).toEqual([
    { path: '/a', startMs: 600 },
    { path: '/b', startMs: 9020 },
  ]);
  expect(plan.offsetMs).toBe(600);
  expect(plan.durationMs).toBe(11_400);
  expect(plan.kinds).toEqual(['video', 'audio']);
  expect(plan.videoCodec).toBe('vp8');
});

test('priming before zero does not move a segment', () => {
  expect(planSegments([segment('/a', 500, probe(4000, -21))]).offsetMs).toBe(500);
});

test('the length is unknown when the last segment says none', () => {
  expect(planSegments([segment('/a', 0, probe(1000)), segment('/b', 2000, probe(null))]).durationMs).toBeNull();
});

test('segments of different codecs or kinds are refused with a reason', () => {
  const mixed = [segment('/a', 0, probe(1000)), segment('/b', 2000, probe(1000, 0, 'avc'))];
  expect(() => planSegments(mixed)).toThrow(/do not fit together: matroska \+ video vp8 .* then .* avc/);
  const soundOnly = { ...probe(1000), tracks: probe(1000).tracks.slice(1) };
  expect(() => planSegments([segment('/a', 0, probe(1000)), segment('/b', 2000, soundOnly)])).toThrow(/do not fit/);
});

test('no segments and a segment without tracks are refused', () => {
  expect(() => planSegments([])).toThrow(/no segments/);
  expect(() => planSegments([segment('/a', 0, { ...probe(1000), tracks: [] })])).toThrow(/neither picture nor sound/);
});
