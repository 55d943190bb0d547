import { expect, test } from 'vitest';
import { thumbnailAttemptsMs, thumbnailTimesMs } from '../../main/media/thumbnails.ts';

test('the five pictures lie at 10, 30, 50, 70 and 90 % of the duration', () => {
  expect(thumbnailTimesMs(20_000)).toEqual([2000, 6000, 10_000, 14_000, 18_000]);
});

test('a take without a known length has all five at its start', () => {
  for (const durationMs of [null, 0, -5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(thumbnailTimesMs(durationMs)).toEqual([0, 0, 0, 0, 0]);
  }
});

test('a picture that is not found is looked for earlier, at last at the start', () => {
  expect(thumbnailAttemptsMs(9000)).toEqual([9000, 4500, 0]);
  expect(thumbnailAttemptsMs(0)).toEqual([0]);
});
