import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../renderer/capture/crc32.ts';

describe('the checksum of a chunk', () => {
  it('has the known values', () => {
    expect(crc32(new Uint8Array())).toBe(0);
    // The check value of CRC-32/ISO-HDLC in every catalogue.
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc32(new TextEncoder().encode('The quick brown fox jumps over the lazy dog'))).toBe(0x414fa339);
  });

  it('is the one that main computes, for every byte value and beyond 2^31', () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 131 + (index >> 8)) & 0xff);
    expect(crc32(bytes)).toBe(zlibCrc32(bytes));
  });
});
