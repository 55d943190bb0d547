import { runChecks } from './checks.mjs';
import { runCommand } from './setup/command.mjs';
import { prepare } from './setup/prepare.mjs';
import { say } from './setup/say.mjs';
import { runTests } from './test-runners.mjs';

const help = `
npm run check
The fast half of the tests: format, types, lint, dead code and unit tests.`;

await runCommand(help, async () => {
  const { env } = await prepare({ ffmpeg: true });
  const failed = await runChecks(env);
  const { passed, failed: failedTests } = await runTests('unit', env);
  if (failed.length > 0) say(`failed: ${failed.join(', ')}`);
  say(`unit tests: ${passed} passed, ${failedTests} failed`);
  return failed.length === 0 && failedTests === 0 ? 0 : 1;
});
