import { describe, expect, it } from 'vitest';
import { parseByteRange } from '../../main/shell/byte-range.ts';

const part = (firstByte: number, lastByte: number) => ({ kind: 'part', firstByte, lastByte });

describe('a Range header for a file of 100 bytes', () => {
  it.each([
    ['bytes=0-', part(0, 99)],
    ['bytes=0-0', part(0, 0)],
    ['bytes=10-19', part(10, 19)],
    ['bytes=99-', part(99, 99)],
    ['bytes=50-1000', part(50, 99)],
    ['bytes=-1', part(99, 99)],
    ['bytes=-100', part(0, 99)],
    ['bytes=-1000', part(0, 99)],
    ['Bytes=1-2', part(1, 2)],
  ])('%s asks for a part', (header, expected) => {
    expect(parseByteRange(header, 100)).toEqual(expected);
  });

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0'])('%s cannot be answered', (header) => {
    expect(parseByteRange(header, 100)).toEqual({ kind: 'unsatisfiable' });
  });

  it.each([
    null,
    '',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-4',
    'bytes=0-1,5-6',
    'lines=0-1',
    'bytes=0-1e3',
    'bytes=+1-2',
    `bytes=${'9'.repeat(30)}-`,
  ])('%s is ignored', (header) => {
    expect(parseByteRange(header, 100)).toEqual({ kind: 'whole' });
  });

  it('finds nothing in an empty file', () => {
    expect(parseByteRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseByteRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' });
  });
});
