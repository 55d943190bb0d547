import { expect, test } from 'vitest';
import { createFailedEntries } from '../../signaling/failed-entries.ts';

function count(rememberedAddresses = 100) {
  const now = { ms: 0 };
  const failed = createFailedEntries({ failedEntriesPerMinute: 20, rememberedAddresses }, () => now.ms);
  const times = (n: number, address = 'a') => Array.from({ length: n }, () => failed.allow(address));
  return { now, failed, times };
}

test('an address may be wrong twenty times, not twenty-one, and once more every three seconds', () => {
  const { now, failed, times } = count();
  expect(times(20)).not.toContain(false);
  expect(failed.allow('a')).toBe(false);
  now.ms = 2999;
  expect(failed.allow('a')).toBe(false);
  now.ms = 3000;
  expect(times(2)).toEqual([true, false]);
});

test('a minute without a wrong one gives all twenty back', () => {
  const { now, failed, times } = count();
  times(21);
  now.ms = 60_000;
  failed.sweep();
  expect(times(21)).toEqual([...Array.from({ length: 20 }, () => true), false]);
});

test('the sweep forgives nobody early', () => {
  const { now, failed, times } = count();
  times(21);
  now.ms = 2999;
  failed.sweep();
  expect(failed.allow('a')).toBe(false);
});

test('one address says nothing of another', () => {
  const { failed, times } = count();
  times(21, 'a');
  expect(failed.allow('b')).toBe(true);
});

test('as many addresses are remembered as the limit; the one that was quiet for longest is forgotten first', () => {
  const { failed, times } = count(2);
  times(21, 'a');
  times(21, 'b');
  expect(failed.allow('a')).toBe(false);
  failed.allow('c');
  expect(failed.allow('a')).toBe(false);
  expect(failed.allow('b')).toBe(true);
});
