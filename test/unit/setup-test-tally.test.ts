import { expect, test } from 'vitest';
import { sumTallies, tallyFaults, tallyPlaywright, tallyVitest } from '../../scripts/test-tally.mjs';

test('vitest results are counted as reported', () => {
  const report = { success: true, numPassedTests: 7, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 };
  expect(tallyVitest(report, 0)).toEqual({ passed: 7, failed: 0, skipped: 2 });
  expect(tallyVitest({ ...report, success: false, numFailedTests: 3 }, 1).failed).toBe(3);
});

test('a vitest run that failed without a failed test counts one failure', () => {
  expect(tallyVitest({ success: false, numPassedTests: 7, numFailedTests: 0 }, 1)).toMatchObject({
    passed: 7,
    failed: 1,
  });
  expect(tallyVitest({ success: true, numPassedTests: 7, numFailedTests: 0 }, 1).failed).toBe(1);
});

test('Playwright results are counted as reported', () => {
  const report = { stats: { expected: 4, unexpected: 2, flaky: 0, skipped: 1 }, errors: [] };
  expect(tallyPlaywright(report, 1)).toEqual({ passed: 4, failed: 2, skipped: 1 });
});

test('a Playwright run with an error outside its tests counts one failure', () => {
  const report = {
    stats: { expected: 4, unexpected: 0, flaky: 0, skipped: 0 },
    errors: [{ message: 'global timeout' }],
  };
  expect(tallyPlaywright(report, 0).failed).toBe(1);
});

test('a runner that left no results counts one failure', () => {
  expect(tallyVitest(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(tallyPlaywright(undefined, 134)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('fault trials are counted by scenario, from the last line of their output', () => {
  const summary = (oks: boolean[]) =>
    `noise\n${JSON.stringify({ ok: oks.every(Boolean), scenarios: oks.map((ok) => ({ ok })) })}\n`;
  expect(tallyFaults(summary([true, true, true]), 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
  expect(tallyFaults(summary([true, false]), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(tallyFaults(summary([true]), 134)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(tallyFaults('it died', 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(tallyFaults(summary([]), 0).failed).toBe(1);
});

test('the last line sums all runners', () => {
  const tallies = [
    { passed: 1, failed: 0, skipped: 2 },
    { passed: 10, failed: 3, skipped: 0 },
  ];
  expect(sumTallies(tallies)).toEqual({ passed: 11, failed: 3, skipped: 2 });
});
