import { expect, test } from 'vitest';
import { checkMedia } from '../../main/media/check-media.ts';
import type { MediaExpectation } from '../../main/media/check-media.ts';
import type { MediaProbe } from '../../main/media/probe.ts';

const good: MediaProbe = {
  container: 'mp4',
  durationMs: 20_014,
  startMs: -21,
  tracks: [
    { kind: 'video', codec: 'avc', widthPx: 1280, heightPx: 720 },
    { kind: 'audio', codec: 'aac', sampleRateHz: 48_000 },
  ],
  sizeBytes: 5_000_000,
};
const expected: MediaExpectation = {
  container: 'mp4',
  kinds: ['video', 'audio'],
  durationMs: 20_000,
  toleranceMs: 500,
};
const sound: MediaProbe['tracks'][number] = { kind: 'audio', codec: 'aac', sampleRateHz: 48_000 };

test('a file as expected has nothing wrong with it', () => {
  expect(checkMedia(good, expected)).toEqual([]);
});

test('a duration at the tolerance passes and one past it does not', () => {
  expect(checkMedia({ ...good, durationMs: 20_500 }, expected)).toEqual([]);
  expect(checkMedia({ ...good, durationMs: 19_500 }, expected)).toEqual([]);
  expect(checkMedia({ ...good, durationMs: 20_501 }, expected)).toEqual(['it lasts 20501 ms, not 20000 ms']);
  expect(checkMedia({ ...good, durationMs: 19_499 }, expected)).toEqual(['it lasts 19499 ms, not 20000 ms']);
});

test('a duration that nobody expects must still be there', () => {
  expect(checkMedia(good, { ...expected, durationMs: null })).toEqual([]);
  expect(checkMedia({ ...good, durationMs: null }, { ...expected, durationMs: null })).toEqual(['it says no duration']);
  expect(checkMedia({ ...good, durationMs: 0 }, { ...expected, durationMs: null })).toEqual(['it says no duration']);
});

test('a missing kind and a kind that nobody asked for are both named', () => {
  expect(checkMedia({ ...good, tracks: [sound] }, expected)).toEqual(['it has no video']);
  expect(checkMedia(good, { ...expected, kinds: ['audio'] })).toEqual(['it has video that nobody asked for']);
});

test('a wrong container, an unknown codec, a picture without size and an empty file are named', () => {
  expect(checkMedia({ ...good, container: 'matroska' }, expected)).toEqual(['it is matroska, not mp4']);
  expect(checkMedia({ ...good, sizeBytes: 0 }, expected)).toEqual(['it is empty']);
  expect(
    checkMedia({ ...good, tracks: [{ kind: 'video', codec: null, widthPx: 0, heightPx: 720 }, sound] }, expected),
  ).toEqual(['its video has an unknown codec', 'its picture has no size']);
});
