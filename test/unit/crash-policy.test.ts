import { expect, it } from 'vitest';
import { afterDeath, firstPage, type CrashHistory } from '../../main/shell/crash-policy.ts';

/** Lets pages live for so long, one after the other; answers with how many times a page was loaded again. */
function reloads(livesMs: readonly number[]): number {
  let history: CrashHistory | null = firstPage(0);
  let nowMs = 0;
  let count = 0;
  for (const lifeMs of livesMs) {
    nowMs += lifeMs;
    history = history === null ? null : afterDeath(history, nowMs);
    if (history === null) return count;
    count += 1;
  }
  return count;
}

it('loads a page again however often it dies, as long as it lived', () => {
  expect(reloads(Array.from({ length: 200 }, () => 5_000))).toBe(200);
});

it('gives up a page that dies five times in a row within five seconds', () => {
  expect(reloads([4_999, 4_999, 4_999, 4_999])).toBe(4);
  expect(reloads([4_999, 4_999, 4_999, 4_999, 4_999, 60_000])).toBe(4);
});

it('forgets short lives once a page lived', () => {
  expect(reloads([100, 100, 100, 100, 5_000, 100, 100, 100, 100])).toBe(9);
  expect(reloads([100, 100, 100, 100, 5_000, 100, 100, 100, 100, 100])).toBe(9);
});
