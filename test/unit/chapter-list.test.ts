import { expect, test } from 'vitest';
import { MAX_CHAPTER_NAME_LENGTH, startsInUnits, tidyChapters } from '../../main/media/chapters/chapter-list.ts';

test('chapters come in the order of time, and equal times as they were given', () => {
  const tidy = tidyChapters(
    [
      { atMs: 900, name: 'late' },
      { atMs: 100, name: 'first' },
      { atMs: 900, name: 'later' },
      { atMs: 100, name: 'second' },
    ],
    1000,
  );
  expect(tidy.map(({ name }) => name)).toEqual(['first', 'second', 'late', 'later']);
});

test('times are whole milliseconds inside the file', () => {
  const at = (atMs: number, durationMs = 1000.9): number | undefined =>
    tidyChapters([{ atMs, name: '' }], durationMs)[0]?.atMs;
  expect(at(12.6)).toBe(13);
  expect(at(-5)).toBe(0);
  expect(at(1000.7)).toBe(1000);
  expect(at(Infinity)).toBe(1000);
  expect(at(5, Number.NaN)).toBe(0);
  expect(at(Number.NaN)).toBeUndefined();
});

test('a name is one line without control characters, of 200 characters at most and never half a character', () => {
  const nameOf = (name: string): string | undefined => tidyChapters([{ atMs: 0, name }], 1000)[0]?.name;
  expect(nameOf('  a\u0000\r\nb\u2028c\u009f\t ')).toBe('a b c');
  expect(nameOf('\ud800x')).toBe('\ufffdx');
  expect(nameOf('🎬'.repeat(MAX_CHAPTER_NAME_LENGTH))).toBe('🎬'.repeat(MAX_CHAPTER_NAME_LENGTH));
  expect(nameOf('🎬'.repeat(MAX_CHAPTER_NAME_LENGTH + 1))).toBe('🎬'.repeat(MAX_CHAPTER_NAME_LENGTH));
});

test('there are 255 chapters at most, the earliest ones', () => {
  const many = Array.from({ length: 256 }, (_, index) => ({ atMs: 1000 - index, name: String(index) }));
  const tidy = tidyChapters(many, 5000);
  expect(tidy).toHaveLength(255);
  expect(tidy[0]?.name).toBe('255');
  expect(tidy.at(-1)?.name).toBe('1');
});

test('chapters at one time start one unit after the other', () => {
  const chapters = [0, 0, 0, 7, 7, 9].map((atMs) => ({ atMs, name: '' }));
  expect(startsInUnits(chapters, 10)).toEqual([0, 1, 2, 70, 71, 90]);
});
