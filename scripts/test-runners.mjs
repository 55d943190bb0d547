import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localBinFolder, repositoryRoot } from './setup/paths.mjs';
import { run, runForeground } from './setup/run.mjs';
import { say } from './setup/say.mjs';
import { tallyFaults, tallyPlaywright, tallyVitest } from './test-tally.mjs';

// Together under the half hour that a continuous-integration run may take.
const limitsMs = { unit: 2 * 60_000, integration: 6 * 60_000, e2e: 11 * 60_000, faults: 9 * 60_000 };

/** Runs one kind of tests ("unit", "integration" or "e2e") and answers with what its JSON report counts. */
export async function runTests(kind, env) {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-test-'));
  const reportPath = join(folder, 'report.json');
  const isE2e = kind === 'e2e';
  const [command, args] = isE2e
    ? ['playwright', ['test', '--reporter=list,json']]
    : [
        'vitest',
        ['run', '--project', kind, '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`],
      ];
  try {
    const code = await runForeground(join(localBinFolder, command), args, {
      cwd: repositoryRoot,
      env: isE2e ? { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportPath } : env,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeoutMs: limitsMs[kind],
    });
    if (code === 124) say(`${kind} tests were ended after ${limitsMs[kind] / 60_000} minutes`);
    const report = await readFile(reportPath, 'utf8').then(JSON.parse, () => undefined);
    if (report === undefined) say(`${kind} tests ended with ${code} and left no results: counted as one failure`);
    return isE2e ? tallyPlaywright(report, code) : tallyVitest(report, code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the short fault trials and answers with how many scenarios kept within their bars. */
export async function runFaults(nodePath, env) {
  const script = join(repositoryRoot, 'test', 'faults', 'main.ts');
  const options = { cwd: repositoryRoot, env, timeoutMs: limitsMs.faults, showOutput: true };
  const { code, stdout } = await run(nodePath, [script, '--short'], options);
  if (code === 124) say(`the fault trials were ended after ${limitsMs.faults / 60_000} minutes`);
  return tallyFaults(stdout, code);
}
