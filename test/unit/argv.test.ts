import { expect, test } from 'vitest';
import {
  concatList,
  fileUrl,
  joinByCopyArgs,
  liveMp4Args,
  remuxToMp4Args,
  thumbnailArgs,
} from '../../main/media/argv.ts';

const common = '-hide_banner -nostdin -nostats -loglevel warning -progress pipe:1 -y'.split(' ');
const mp4 = [
  ...'-map 0:v:0? -map 0:a:0? -c:v copy -c:a aac -b:a 128k'.split(' '),
  ...'-af aresample=async=1:min_hard_comp=0.050:first_pts=0 -max_muxing_queue_size 1000000'.split(' '),
  ...'-map_metadata -1 -map_chapters -1 -f mp4'.split(' '),
];

test('the live MP4 reads Matroska from its input and nothing else, and copies the picture', () => {
  expect(liveMp4Args({ outputPath: '/r/.mix.mp4.partial' })).toEqual({
    args: [
      ...common,
      ...'-protocol_whitelist pipe -f matroska -i pipe:0'.split(' '),
      ...mp4,
      'file:/r/.mix.mp4.partial',
    ],
    input: { kind: 'stream' },
  });
});

test('an MP4 from a finished file differs from the live one in its input only', () => {
  const spec = remuxToMp4Args({ source: { path: '/r/a.mkv', container: 'matroska' }, outputPath: '/r/a.mp4' });
  expect(spec).toEqual({
    args: [...common, ...'-protocol_whitelist file -f matroska -i file:/r/a.mkv'.split(' '), ...mp4, 'file:/r/a.mp4'],
    input: { kind: 'none' },
  });
});

test('an MP4 from several segments gets the list of them on its input', () => {
  const spec = remuxToMp4Args({
    source: {
      segments: [
        { path: '/r/1.mkv', startMs: 0 },
        { path: '/r/2.mkv', startMs: 7250 },
      ],
    },
    outputPath: '/r/a.mp4',
  });
  expect(spec.args.join(' ')).toContain(
    '-protocol_whitelist file,pipe -format_whitelist concat,matroska,webm -f concat -safe 0 -i pipe:0',
  );
  expect(spec.input).toEqual({
    kind: 'text',
    text: "ffconcat version 1.0\nfile 'file:/r/1.mkv'\nduration 7.250\nfile 'file:/r/2.mkv'\n",
  });
});

test('a join copies every track into the container asked for', () => {
  const spec = joinByCopyArgs({ segments: [{ path: '/r/1.webm', startMs: 0 }], container: 'webm', outputPath: '/r/o' });
  expect(spec.args.slice(-11)).toEqual('-map 0 -c copy -map_metadata -1 -map_chapters -1 -f webm file:/r/o'.split(' '));
});

test('a thumbnail seeks before it opens its source and never lets a file name be a pattern', () => {
  const { args } = thumbnailArgs({
    source: { path: '/r/%d.mkv', container: 'matroska' },
    atMs: 1234.5678,
    widthPx: 640,
    outputPath: '/r/%d.jpg',
  });
  expect(args.indexOf('-ss')).toBeLessThan(args.indexOf('-i'));
  expect(args[args.indexOf('-ss') + 1]).toBe('1.235');
  expect(args.slice(-3)).toEqual(['-f', 'mjpeg', 'file:/r/%d.jpg']);
  expect(args).not.toContain('image2');
});

test('a seek before the start is a seek to the start', () => {
  const { args } = thumbnailArgs({
    source: { path: '/a', container: 'mp4' },
    atMs: -40,
    widthPx: 640,
    outputPath: '/b',
  });
  expect(args[args.indexOf('-ss') + 1]).toBe('0.000');
});

test('a path is absolute, whole and named as a file, whatever its characters', () => {
  expect(fileUrl('/tmp/-y http://x?%d.mkv')).toBe('file:/tmp/-y http://x?%d.mkv');
  expect(() => fileUrl('-y.mkv')).toThrow(/absolute/);
  expect(() => fileUrl('/tmp/a\0b')).toThrow(/zero byte/);
});

test('a quote in a path cannot end its name in the list, and a line break is refused', () => {
  expect(concatList([{ path: "/it's\\/a.mkv", startMs: 0 }])).toBe(
    "ffconcat version 1.0\nfile 'file:/it'\\''s\\/a.mkv'\n",
  );
  expect(() => concatList([{ path: '/a\nfile /etc/passwd', startMs: 0 }])).toThrow(/line break/);
});

test('segments that do not follow each other in time are refused', () => {
  expect(() =>
    concatList([
      { path: '/a', startMs: 10 },
      { path: '/b', startMs: 10 },
    ]),
  ).toThrow(/order of time/);
});
