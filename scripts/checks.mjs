import { join } from 'node:path';
import { localBinFolder, repositoryRoot } from './setup/paths.mjs';
import { runForeground } from './setup/run.mjs';
import { say } from './setup/say.mjs';

const checkLimitMs = 60_000;
const checks = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'types', command: 'tsc', args: ['-b'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  { name: 'dead code', command: 'knip', args: [] },
];

/** Runs the checks that start nothing (format, types, lint, dead code); answers with the names of those that failed. */
export async function runChecks(env) {
  const failed = [];
  for (const { name, command, args } of checks) {
    const startedAtMs = performance.now();
    const code = await runForeground(join(localBinFolder, command), args, {
      env,
      cwd: repositoryRoot,
      // Findings are for reading; stdout stays with the test runners.
      stdio: ['ignore', 2, 2],
      timeoutMs: checkLimitMs,
    });
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    say(`${name} (${command}): ${code === 0 ? 'clean' : `failed with ${code}`} (${seconds} s)`);
    if (code !== 0) failed.push(name);
  }
  return failed;
}
