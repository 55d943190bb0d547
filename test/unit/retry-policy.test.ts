import { expect, test } from 'vitest';
import { errorCodeSchema } from '../../contract/errors.ts';
import { canGoOn, errorClass, isRetriedByChange, retryDelayMs } from '../../main/cloud/retry-policy.ts';

test('the ceiling of the delay doubles from one second to a minute', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 500].map((failures) => Math.round(retryDelayMs(failures, 0.999_999)));
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('the delay lies anywhere below its ceiling, and is as long as the server asks, within reason', () => {
  expect(retryDelayMs(4, 0)).toBe(0);
  expect(retryDelayMs(4, 0.5)).toBe(4_000);
  expect(retryDelayMs(1, 0, 20_000)).toBe(20_000);
  expect(retryDelayMs(1, 0, 86_400_000)).toBe(300_000);
});

test('only what the way or the server does is tried again by itself, and what a person can change is tried when it was changed', () => {
  const of = (kind: string): string[] => errorCodeSchema.options.filter((code) => errorClass(code) === kind);
  expect(of('transient')).toEqual(['CLOUD_UNREACHABLE', 'CLOUD_BUSY']);
  expect(of('auth')).toEqual(['CLOUD_KEY_WRONG', 'CLOUD_FORBIDDEN']);
  expect(of('config')).toEqual([
    'CLOUD_NOT_SET_UP',
    'CLOUD_BUCKET_MISSING',
    'CLOUD_CLOCK_WRONG',
    'CLOUD_CREDENTIALS_INVALID',
    'SECRETS_UNAVAILABLE',
  ]);
  expect(of('sourceChanged')).toEqual(['SOURCE_CHANGED']);
  expect(of('gone')).toEqual(['CLOUD_UPLOAD_GONE']);
  expect(of('permanent')).toEqual(expect.arrayContaining(['CLOUD_CONTENT_DIFFERS', 'CLOUD_REFUSED', 'INTERNAL']));
  expect(canGoOn('CLOUD_KEY_WRONG')).toBe(true);
  expect(canGoOn('SOURCE_CHANGED')).toBe(false);
  expect(isRetriedByChange('CLOUD_BUCKET_MISSING')).toBe(true);
  expect(isRetriedByChange('CLOUD_CONTENT_DIFFERS')).toBe(false);
});

test('a storm of five minutes costs far fewer than one try a second', () => {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  let elapsedMs = 0;
  let tries = 0;
  while (elapsedMs < 300_000) {
    tries += 1;
    elapsedMs += retryDelayMs(tries, random());
  }
  // Each try is at most a look and two parts.
  expect(tries * 3).toBeLessThan(300);
});
