import { buildApp } from './build.mjs';
import { runChecks } from './checks.mjs';
import { runCommand } from './setup/command.mjs';
import { withDisplay } from './setup/display.mjs';
import { prepare } from './setup/prepare.mjs';
import { sayWhenUnsandboxed } from './setup/root-user.mjs';
import { say } from './setup/say.mjs';
import { SetupError } from './setup/setup-error.mjs';
import { runFaults, runTests } from './test-runners.mjs';
import { sumTallies } from './test-tally.mjs';

const help = `
npm test [-- --only unit|integration|e2e|faults]
Sets up what is missing, builds, then runs the checks (format, types, lint, dead code) and all tests. The last line says
"N passed, N failed"; a check that fails counts as one failure.`;

const kinds = ['unit', 'integration', 'e2e', 'faults'];
/** These drive the built app. */
const onTheApp = new Set(['e2e', 'faults']);
/** These upload to a real S3 server. */
const onS3 = new Set(['integration', 'e2e', 'faults']);

await runCommand(help, async (args) => {
  const only = onlyOf(args);
  const wanted = only === undefined ? kinds : [only];
  let total = { passed: 0, failed: 1, skipped: 0 };
  try {
    total = await runAll(wanted, only === undefined);
  } finally {
    if (total.skipped > 0) say(`${total.skipped} tests were skipped`);
    // Also when set-up fails, after its message: whoever reads only the last line must not miss it.
    process.once('exit', () => process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`));
  }
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});

function onlyOf(args) {
  if (args.length === 0) return undefined;
  const kind = args[0] === '--only' ? args[1] : undefined;
  if (kind !== undefined && kinds.includes(kind)) return kind;
  throw new SetupError(`not understood: ${args.join(' ')}`, 'npm test -- --help');
}

async function runAll(wanted, withChecks) {
  const withApp = wanted.some((kind) => onTheApp.has(kind));
  const withMedia = withApp || wanted.includes('integration');
  const withS3 = wanted.some((kind) => onS3.has(kind));
  const prepared = await prepare({
    electron: withApp,
    ffmpeg: true,
    ffprobe: withMedia,
    ceph: withS3,
    display: withApp,
  });
  const tallies = [];
  const summary = [];
  const add = (name, tally) => {
    tallies.push(tally);
    summary.push(`${name}: ${tally.passed} passed, ${tally.failed} failed`);
  };
  if (withChecks) {
    const failed = await runChecks(prepared.env);
    tallies.push({ passed: 0, failed: failed.length, skipped: 0 });
    summary.push(failed.length === 0 ? 'checks: clean' : `checks that failed: ${failed.join(', ')}`);
  }
  let built = true;
  if (withApp) {
    sayWhenUnsandboxed();
    built = await buildApp(prepared).then(
      () => true,
      (error) => {
        say(error.message);
        return false;
      },
    );
  }
  for (const kind of wanted) {
    const runKind = (env) => (kind === 'faults' ? runFaults(prepared.node.path, env) : runTests(kind, env));
    if (!onTheApp.has(kind)) add(kind, await runKind(prepared.env));
    else if (built) add(kind, await withDisplay(runKind, prepared.env));
    else add(kind, { passed: 0, failed: 1, skipped: 0 });
  }
  for (const line of summary) say(line);
  return sumTallies(tallies);
}
