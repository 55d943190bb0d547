import { describe, expect, it } from 'vitest';
import { expectedBytesPerSecond, floorBytes, judgeSpace } from '../../main/recording/disk-space.ts';

const GB = 1024 ** 3;

describe('room on the disk', () => {
  it('is ok at the reserve, low below it, and at the floor below a tenth of it', () => {
    const judge = (freeBytes: number) => judgeSpace({ freeBytes, reserveBytes: 2 * GB, bytesPerSecond: 1 }).level;
    const floor = floorBytes(2 * GB);
    expect([judge(2 * GB), judge(2 * GB - 1), judge(floor), judge(floor - 1)]).toEqual(['ok', 'low', 'low', 'floor']);
  });

  it('lasts until the floor at the rate given', () => {
    const space = judgeSpace({ freeBytes: floorBytes(2 * GB) + 600_000, reserveBytes: 2 * GB, bytesPerSecond: 10_000 });
    expect(space.secondsLeft).toBe(60);
  });

  it('says nothing of how long when no rate is known', () => {
    expect(judgeSpace({ freeBytes: GB, reserveBytes: 0, bytesPerSecond: 0 }).secondsLeft).toBeNull();
  });

  it('has no floor without a reserve: then only a full disk ends a recording', () => {
    expect(judgeSpace({ freeBytes: 0, reserveBytes: 0, bytesPerSecond: 1 })).toMatchObject({
      level: 'ok',
      secondsLeft: 0,
    });
  });

  it('is used by each person and the mix, which MP4 writes twice', () => {
    const settings = { videoBitsPerSecond: 7_000, audioBitsPerSecond: 1_000, recordMix: true };
    expect(expectedBytesPerSecond(2, 'mkv', settings)).toBe(3_000);
    expect(expectedBytesPerSecond(2, 'mp4', settings)).toBe(4_000);
    expect(expectedBytesPerSecond(2, 'mp4', { ...settings, recordMix: false })).toBe(2_000);
  });
});
