import { describe, expect, test } from 'vitest';
import { fileSlug, fileStem, insideFolder, segmentFile } from '../../main/recording/recording-folder.ts';
import { seededRandom } from '../support/lanes.ts';

describe('a name that a person typed', () => {
  test.each([
    ['Ada Lovelace', 'ada-lovelace'],
    ['  ../../etc/passwd ', 'etc-passwd'],
    ['..', 'person'],
    ['', 'person'],
    ['🙂', 'person'],
    ['CON', 'con-person'],
    ['com1', 'com1-person'],
    ['Zoë Müller', 'zoë-müller'],
    ['李雷', '李雷'],
    ['a\u202Eb\u0000c', 'a-b-c'],
    ['x'.repeat(300), 'x'.repeat(48)],
    ['\uD800', 'person'],
  ])('%j becomes %j', (name, slug) => {
    expect(fileSlug(name)).toBe(slug);
  });

  test('whatever it is, the file name is safe and short', () => {
    const random = seededRandom(11);
    const alphabet = [...Array.from('aZ9 ./\\:*?"<>|\0\n-_~$é漢🙂\u0301\u202E'), 'con', 'nul'];
    for (let round = 0; round < 2_000; round += 1) {
      const length = Math.floor(random() * 90);
      const name = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
      const file = segmentFile(fileStem(name, 'camera', new Set()), 999, 'webm').split('/')[1] ?? '';
      expect(file.length).toBeLessThanOrEqual(80);
      expect(Buffer.byteLength(file)).toBeLessThanOrEqual(200);
      expect(file).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}\p{M}-]*\.webm$/u);
    }
  });
});

test('two people of one name get two files', () => {
  const first = fileStem('Ben', 'camera', new Set());
  const second = fileStem('ben', 'camera', new Set([first]));
  expect([first, second]).toEqual(['ben-camera', 'ben-2-camera']);
  expect(fileStem('', 'mix', new Set())).toBe('mix');
});

test('a path from a journal stays inside the folder', () => {
  expect(insideFolder('/r', 'segments/ada-camera-0.mkv')).toBe('/r/segments/ada-camera-0.mkv');
  for (const path of ['../x', 'segments/../../x', '/etc/passwd', 'a//b', '', 'C:\\x', 'a\0b', './a']) {
    expect(insideFolder('/r', path)).toBeNull();
  }
});
