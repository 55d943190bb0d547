import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { MAX_CHUNK_BYTES } from '../../contract/recording.ts';
import { checkChunk } from '../../main/recording/chunk-order.ts';

const bytes = new Uint8Array([1, 2, 3]);
const chunk = (seq: number) => ({ seq, crc32: crc32(bytes), bytes });

test('the next number is next, an earlier one a duplicate, a later one a gap that names what is wanted', () => {
  expect(checkChunk(chunk(4), 4)).toBe('next');
  expect(checkChunk(chunk(3), 4)).toBe('duplicate');
  expect(() => checkChunk(chunk(5), 4)).toThrow(
    expect.objectContaining({ code: 'CHUNK_GAP', retryable: true, details: { expectedSeq: 4 } }),
  );
});

test('a wrong sum is corruption that may be sent again', () => {
  expect(() => checkChunk({ ...chunk(0), crc32: 1 }, 0)).toThrow(
    expect.objectContaining({ code: 'CHUNK_CORRUPT', retryable: true }),
  );
});

test('a chunk of the largest size is taken, one byte more is not', () => {
  const largest = new Uint8Array(MAX_CHUNK_BYTES);
  expect(checkChunk({ seq: 0, crc32: crc32(largest), bytes: largest }, 0)).toBe('next');
  const larger = new Uint8Array(MAX_CHUNK_BYTES + 1);
  expect(() => checkChunk({ seq: 0, crc32: crc32(larger), bytes: larger }, 0)).toThrow(
    expect.objectContaining({ code: 'CHUNK_TOO_LARGE', retryable: false }),
  );
});
