import { describe, expect, test } from 'vitest';
import { joinWithLengths, MAX_NAL_UNITS, splitAnnexB } from '../../main/media/matroska/avc.ts';
import { concatBytes } from '../../main/media/matroska/ebml.ts';
import { blocksOf, loadLane, parseAll, seededRandom } from '../support/lanes.ts';

const H264_LANES = ['video-h264.mkv', 'received-h264-resized.mkv'] as const;

function hex(units: readonly Uint8Array[] | null): string[] | null {
  return units === null ? null : units.map((unit) => Buffer.from(unit).toString('hex'));
}

function split(...bytes: number[]): string[] | null {
  return hex(splitAnnexB(Uint8Array.from(bytes)));
}

function readLengths(frame: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  let at = 0;
  while (at < frame.length) {
    const sizeBytes = view.getUint32(at);
    units.push(frame.subarray(at + 4, at + 4 + sizeBytes));
    at += 4 + sizeBytes;
  }
  if (at !== frame.length) throw new Error('lengths do not add up');
  return units;
}

describe('splitting an annex B frame', () => {
  test('takes start codes of three and of four bytes', () => {
    expect(split(0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3)).toEqual(['6701', '6802', '6503']);
  });

  test('leaves out the zeros that may stand before, between and behind units, and nothing else', () => {
    expect(split(0, 0, 0, 0, 0, 1, 0x65, 9, 0, 0, 0, 0, 0, 1, 0x65, 8, 0, 0)).toEqual(['6509', '6508']);
    expect(split(0, 0, 1, 0x65, 0, 0, 3, 0, 0, 2, 0, 1, 1)).toEqual(['65000003000002000101']);
  });

  test('passes over empty units and keeps damaged ones', () => {
    expect(split(0, 0, 1, 0, 0, 1, 0xe5, 7, 0, 0, 1)).toEqual(['e507']);
  });

  test('keeps a unit of a single byte and access unit delimiters', () => {
    expect(split(0, 0, 1, 0x0c, 0, 0, 0, 1, 0x09, 0xf0)).toEqual(['0c', '09f0']);
  });

  test('is null for what is no annex B', () => {
    expect(split()).toBeNull();
    expect(split(0, 0)).toBeNull();
    expect(split(0, 0, 1)).toBeNull();
    expect(split(0, 0, 0, 0, 0, 0)).toBeNull();
    expect(split(1, 2, 3, 4, 5)).toBeNull();
    expect(split(0, 0, 0, 2, 0x65, 1)).toBeNull();
    expect(split(7, 0, 0, 1, 0x65, 1)).toBeNull();
  });

  test('takes as many units as there may be and refuses one more', () => {
    const unit = Uint8Array.of(0, 0, 1, 0x65);
    const full = concatBytes(Array.from({ length: MAX_NAL_UNITS }, () => unit));
    expect(splitAnnexB(full)).toHaveLength(MAX_NAL_UNITS);
    expect(splitAnnexB(concatBytes([full, unit]))).toBeNull();
  });
});

describe('a frame with lengths', () => {
  test('holds the same units, each behind its length in four bytes', () => {
    const long = new Uint8Array(70_000).fill(5);
    const units = [Uint8Array.of(0x67, 1, 2), long];
    const frame = joinWithLengths(units);
    expect([...frame.subarray(0, 7)]).toEqual([0, 0, 0, 3, 0x67, 1, 2]);
    expect([...frame.subarray(7, 11)]).toEqual([0, 1, 0x11, 0x70]);
    expect(readLengths(frame)).toEqual(units);
  });

  test('of a real recorder holds what the recorder wrote between its start codes', () => {
    for (const name of H264_LANES) {
      const blocks = blocksOf(parseAll([loadLane(name).bytes]));
      for (const { payload } of blocks) {
        const units = readLengths(joinWithLengths(splitAnnexB(payload) ?? []));
        // Chromium's start codes have four bytes, so writing them again must give every byte back.
        const again = units.flatMap((unit) => [Uint8Array.of(0, 0, 0, 1), unit]);
        expect(Buffer.compare(concatBytes(again), payload)).toBe(0);
      }
    }
  });

  test('loses no byte but zeros and start codes of 2,000 random payloads, and its lengths add up', () => {
    const random = seededRandom(264);
    let converted = 0;
    for (let round = 0; round < 2000; round += 1) {
      const zeros = random();
      const begun = random() < 0.7 ? [0, 0, 1] : [];
      const size = Math.floor(random() ** 3 * 3000);
      const noise = Array.from({ length: size }, () =>
        random() < zeros ? 0 : Math.floor(random() * (random() < 0.5 ? 3 : 256)),
      );
      const payload = Uint8Array.from([...begun, ...noise]);
      const before = payload.slice();
      const units = splitAnnexB(payload);
      expect(payload).toEqual(before);
      if (units === null) continue;
      converted += 1;
      expect(readLengths(joinWithLengths(units))).toEqual(units);
      let from = 0;
      for (const unit of units) {
        // Between two units lie only zeros and the ones of start codes.
        const at = unit.byteOffset - payload.byteOffset;
        expect(Buffer.from(payload.subarray(from, at)).toString('hex')).toMatch(/^(0000(00)*01)+$/);
        expect(Buffer.from(unit).includes(Buffer.of(0, 0, 1))).toBe(false);
        expect(unit.at(-1)).not.toBe(0);
        from = at + unit.length;
      }
      expect(Buffer.from(payload.subarray(from)).toString('hex')).toMatch(/^(0000(00)*01)*(00)*$/);
    }
    expect(converted).toBeGreaterThan(1000);
  });
});
