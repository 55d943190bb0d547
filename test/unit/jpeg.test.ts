import { expect, test } from 'vitest';
import { readJpegInfo } from '../../main/media/jpeg.ts';

const soi = [0xff, 0xd8];
const comment = [0xff, 0xfe, 0x00, 0x04, 0x41, 0x42];
const frame = (width: number, height: number): number[] => [
  0xff,
  0xc0,
  0x00,
  0x0b,
  8,
  height >> 8,
  height & 255,
  width >> 8,
  width & 255,
  1,
  1,
  0x11,
  0,
];
const scan = [0xff, 0xda, 0x00, 0x08, 1, 1, 0, 0, 63, 0, 0x12, 0x34];
const eoi = [0xff, 0xd9];
const jpeg = (...parts: number[][]): Uint8Array => new Uint8Array(parts.flat());

test('the size is read from the frame header behind other segments', () => {
  expect(readJpegInfo(jpeg(soi, comment, frame(640, 360), scan, eoi))).toEqual({ widthPx: 640, heightPx: 360 });
});

test('fill bytes before a marker are allowed', () => {
  expect(readJpegInfo(jpeg(soi, [0xff], frame(640, 360), scan, eoi))).toEqual({ widthPx: 640, heightPx: 360 });
});

test.each([
  ['nothing', jpeg()],
  ['a cut-off end', jpeg(soi, frame(640, 360), scan)],
  ['another kind of file', new TextEncoder().encode('<!doctype html><p>not a picture</p>')],
  ['no frame header', jpeg(soi, comment, scan, eoi)],
  ['a picture without width', jpeg(soi, frame(0, 360), scan, eoi)],
  ['a segment longer than the file', jpeg(soi, [0xff, 0xe0, 0xff, 0xff], eoi)],
  ['a segment shorter than its own length', jpeg(soi, [0xff, 0xe0, 0x00, 0x01], scan, eoi)],
  ['only start and end', jpeg(soi, eoi)],
])('%s is no JPEG', (_name, bytes) => {
  expect(readJpegInfo(bytes)).toBeNull();
});

test('every cut of a good JPEG is refused', () => {
  const whole = jpeg(soi, comment, frame(640, 360), scan, eoi);
  for (let length = 0; length < whole.byteLength; length += 1) {
    expect(readJpegInfo(whole.subarray(0, length))).toBeNull();
  }
});
