import { expect, test } from 'vitest';
import { fed, freshFedWatch, reported } from '../../main/media/fed-watch.ts';
import type { FedWatch } from '../../main/media/fed-watch.ts';

/** Feeds four times a second in the given time. */
function feed(watch: FedWatch, fromMs: number, toMs: number): FedWatch {
  let now = watch;
  for (let atMs = fromMs; atMs <= toMs; atMs += 250) now = fed(now, atMs);
  return now;
}

test('time of being fed adds up until the result grows', () => {
  const hungry = feed(freshFedWatch, 0, 30_000);
  expect(hungry.fedMs).toBe(30_000);
  expect(reported(hungry, '0 0').fedMs).toBe(0);
});

test('a report that says the same again is no growth', () => {
  const begun = reported(freshFedWatch, '1000 48');
  expect(reported(feed(begun, 0, 20_000), '1000 48').fedMs).toBe(20_000);
});

test('a pause of an hour is two seconds', () => {
  const before = feed(freshFedWatch, 0, 10_000);
  expect(feed(before, 3_610_000, 3_615_000).fedMs).toBe(10_000 + 2_000 + 5_000);
});

test('the first bytes are no time, and a clock that goes back takes none away', () => {
  expect(fed(freshFedWatch, 50_000).fedMs).toBe(0);
  expect(fed(fed(freshFedWatch, 50_000), 40_000).fedMs).toBe(0);
});
