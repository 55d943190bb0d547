import { expect, test } from 'vitest';
import {
  addressKey,
  DEFAULT_ALLOWED_ORIGINS,
  isOriginAllowed,
  takeToken,
  type Bucket,
} from '../../signaling/limits.ts';

test('a bucket gives its burst at once, then nothing, then as much as time has filled in', () => {
  let bucket: Bucket = { tokens: 3, atMs: 0 };
  const take = (nowMs: number): boolean => {
    const taken = takeToken(bucket, nowMs, 10, 3);
    bucket = taken.bucket;
    return taken.allowed;
  };
  expect([take(0), take(0), take(0), take(0)]).toEqual([true, true, true, false]);
  expect([take(99), take(100), take(100)]).toEqual([false, true, false]);
  expect([take(60_000), take(60_000), take(60_000), take(60_000)]).toEqual([true, true, true, false]);
});

test('a clock that steps back takes nothing away and fills nothing in', () => {
  const { bucket, allowed } = takeToken({ tokens: 1, atMs: 1000 }, 0, 10, 3);
  expect(allowed).toBe(true);
  expect(bucket.tokens).toBe(0);
});

test.each([
  [undefined, true],
  ['tallylight-app://app', true],
  ['null', false],
  ['http://localhost:5173', false],
  ['https://evil.example', false],
  ['https://tallylight-app://app', false],
  ['tallylight-app', false],
  ['nullx', false],
  ['', false],
])('the origin %j is allowed: %j', (origin, allowed) => {
  expect(isOriginAllowed(origin, DEFAULT_ALLOWED_ORIGINS)).toBe(allowed);
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  [undefined, 'unknown'],
])('the address %j counts as %j', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
