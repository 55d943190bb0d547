import { expect, test } from 'vitest';
import { buildNeroChapters, cutUtf8 } from '../../main/media/chapters/nero-chapters.ts';

test('the box is the one that FFmpeg and VLC read', () => {
  const bytes = Buffer.from(
    buildNeroChapters([
      { atMs: 1500, name: 'ä' },
      { atMs: 3_600_000, name: '' },
    ]),
  );
  expect(bytes.toString('hex')).toBe(
    // size, chpl, version 1 and flags, reserved, count
    '000000256368706c010000000000000002' +
      // 15,000,000 units of 100 ns, two bytes of title; an hour, none
      '0000000000e4e1c002c3a40000000861c4680000',
  );
});

test('a title is cut at 255 bytes between two characters', () => {
  expect(Buffer.from(cutUtf8('ä'.repeat(200), 255)).toString()).toBe('ä'.repeat(127));
  const bytes = buildNeroChapters([{ atMs: 0, name: '🎬'.repeat(100) }]);
  expect(bytes[25]).toBe(252);
  expect(Buffer.from(bytes.subarray(26)).toString()).toBe('🎬'.repeat(63));
});
