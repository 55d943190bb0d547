import { describe, expect, test } from 'vitest';
import { splitAnnexB } from '../../main/media/matroska/avc.ts';
import { buildAvcConfig, MAX_AVC_CONFIG_BYTES } from '../../main/media/matroska/avc-config.ts';
import { blocksOf, loadLane, parseAll, seededRandom } from '../support/lanes.ts';

const SPS = Uint8Array.of(0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01);
const PPS = Uint8Array.of(0x68, 0xce, 0x3c, 0x80);
const IDR = Uint8Array.of(0x65, 1, 2, 3);

/** A High-family SPS: profile, flags, level, then the bits as written. */
function highSps(profile: number, bits: string): Uint8Array {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return Uint8Array.of(
    0x67,
    profile,
    0,
    0x28,
    ...(padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)),
  );
}

function numbers(config: Uint8Array | null): number[] | null {
  return config === null ? null : [...config];
}

describe('decoder configuration of H.264', () => {
  test('repeats profile and level and holds the parameter sets, wherever they stand in the frame', () => {
    const expected = [1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 6, ...SPS, 1, 0, 4, ...PPS];
    expect(numbers(buildAvcConfig([SPS, PPS, IDR]))).toEqual(expected);
    expect(numbers(buildAvcConfig([Uint8Array.of(9, 0xf0), PPS, SPS, IDR]))).toEqual(expected);
  });

  test('holds each of several different sets once', () => {
    const otherPps = Uint8Array.of(0x68, 0x5b, 0x80);
    const config = numbers(buildAvcConfig([SPS, PPS, otherPps, SPS, PPS]));
    expect(config?.slice(5)).toEqual([0xe1, 0, 6, ...SPS, 2, 0, 4, ...PPS, 0, 3, ...otherPps]);
  });

  test('tells chroma format and bit depths of the High profiles', () => {
    // Id 0, 4:2:0, 8 and 8 bits: 1 010 1 1.
    expect(numbers(buildAvcConfig([highSps(100, '101011'), PPS]))?.slice(-4)).toEqual([0xfd, 0xf8, 0xf8, 0]);
    // High 10: id 0, 4:2:0, 10 and 9 bits.
    expect(numbers(buildAvcConfig([highSps(110, '1010011010'), PPS]))?.slice(-4)).toEqual([0xfd, 0xfa, 0xf9, 0]);
    // High 4:4:4 Predictive: format 3 is followed by separate_colour_plane_flag.
    expect(numbers(buildAvcConfig([highSps(244, '100100111'), PPS]))?.slice(-4)).toEqual([0xff, 0xf8, 0xf8, 0]);
  });

  test('reads past emulation prevention bytes', () => {
    // An id of 33 bits that begins with two bytes of zeros: behind them an encoder puts a 3.
    const plain = highSps(100, `${'0'.repeat(16)}1${'0'.repeat(16)}010${'1'.repeat(5)}`);
    const at = Buffer.from(plain).indexOf(Buffer.of(0, 0), 4);
    expect(at).toBe(4);
    const stuffed = Uint8Array.of(...plain.subarray(0, at + 2), 3, ...plain.subarray(at + 2));
    expect(numbers(buildAvcConfig([stuffed, PPS]))?.slice(-4)).toEqual([0xfd, 0xf8, 0xf8, 0]);
  });

  test('is null without parameter sets of both kinds, and for damaged, short, impossible or oversized ones', () => {
    const damaged = Uint8Array.from(SPS);
    damaged[0] = 0xe7;
    expect(buildAvcConfig([])).toBeNull();
    expect(buildAvcConfig([IDR, PPS])).toBeNull();
    expect(buildAvcConfig([SPS, IDR])).toBeNull();
    expect(buildAvcConfig([damaged, PPS])).toBeNull();
    expect(buildAvcConfig([SPS.subarray(0, 3), PPS])).toBeNull();
    expect(buildAvcConfig([highSps(100, '1'), PPS])).not.toBeNull();
    expect(buildAvcConfig([highSps(100, ''), PPS])).toBeNull();
    // Chroma format 4 does not exist.
    expect(buildAvcConfig([highSps(100, '10010111'), PPS])).toBeNull();
    const sized = (bytes: number): Uint8Array => Uint8Array.of(...SPS, ...new Uint8Array(bytes - SPS.length).fill(7));
    const room = MAX_AVC_CONFIG_BYTES - 2 - 2 - PPS.length;
    expect(buildAvcConfig([sized(room), PPS])).not.toBeNull();
    expect(buildAvcConfig([sized(room + 1), PPS])).toBeNull();
  });

  test('can be made of the first frame of real lanes', () => {
    for (const name of ['video-h264.mkv', 'received-h264-resized.mkv'] as const) {
      const [first] = blocksOf(parseAll([loadLane(name).bytes]));
      const units = splitAnnexB(first?.payload ?? new Uint8Array(0)) ?? [];
      const config = buildAvcConfig(units);
      expect(config?.[0]).toBe(1);
      expect(config?.[5]).toBe(0xe1);
    }
  });

  test('never throws for 2,000 random sets of units', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2000; round += 1) {
      const units = Array.from({ length: Math.floor(random() * 5) }, () => {
        const unit = Uint8Array.from({ length: Math.floor(random() * 40) }, () =>
          Math.floor(random() * (random() < 0.5 ? 2 : 256)),
        );
        if (unit.length > 1) unit.set([random() < 0.5 ? 0x67 : 0x68, random() < 0.5 ? 100 : 66]);
        return unit;
      });
      const config = buildAvcConfig(units);
      if (config !== null) expect(config.length).toBeLessThan(MAX_AVC_CONFIG_BYTES + 16);
    }
  });
});
