/** What a vitest JSON report counts; a run that failed without a failed test (a file that does not load) counts one. */
export function tallyVitest(report, exitCode) {
  const passed = count(report?.numPassedTests);
  const skipped = count(report?.numPendingTests) + count(report?.numTodoTests);
  return {
    passed,
    skipped,
    failed: atLeastOneWhenBad(count(report?.numFailedTests), exitCode === 0 && report?.success === true),
  };
}

/** What a Playwright JSON report counts; a run that failed without a failed test counts one. */
export function tallyPlaywright(report, exitCode) {
  const stats = report?.stats;
  const passed = count(stats?.expected) + count(stats?.flaky);
  const sound = exitCode === 0 && stats !== undefined && (report.errors ?? []).length === 0;
  return { passed, skipped: count(stats?.skipped), failed: atLeastOneWhenBad(count(stats?.unexpected), sound) };
}

/** What the summary of the fault trials, the last line of their output, counts: scenarios. */
export function tallyFaults(stdout, exitCode) {
  const scenarios = readSummary(stdout)?.scenarios;
  const all = Array.isArray(scenarios) ? scenarios : [];
  const passed = all.filter((scenario) => scenario.ok === true).length;
  return { passed, skipped: 0, failed: atLeastOneWhenBad(all.length - passed, exitCode === 0 && all.length > 0) };
}

function readSummary(stdout) {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

/** The sum over runners. */
export function sumTallies(tallies) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const tally of tallies) {
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  }
  return total;
}

function atLeastOneWhenBad(failed, sound) {
  return sound ? failed : Math.max(failed, 1);
}

function count(value) {
  return Number.isInteger(value) && value > 0 ? value : 0;
}
