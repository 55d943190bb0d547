import { expect, test } from 'vitest';
import { createLineReader } from '../../main/media/line-reader.ts';

function read(pieces: string[], maxLineChars = 100): string[] {
  const lines: string[] = [];
  const reader = createLineReader(maxLineChars, (line) => lines.push(line));
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return lines;
}

test('lines come out whole however the text was cut, at any kind of line end', () => {
  expect(read(['on', 'e\r\ntw', 'o\rthree\n', '\nfour'])).toEqual(['one', 'two', 'three', 'four']);
});

test('a line at the limit is whole and one character more is cut off', () => {
  expect(read(['abcde\nabcdef\n'], 5)).toEqual(['abcde', 'abcde']);
});

test('text without any line end is never kept beyond the limit', () => {
  const piece = 'x'.repeat(1_000_000);
  expect(read([piece, piece, piece, '\nafter\n'], 5)).toEqual(['xxxxx', 'after']);
});
