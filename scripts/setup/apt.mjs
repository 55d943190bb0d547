import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

const installLimitMs = 10 * 60_000;
const aptOptions = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2'];

/** Installs Debian packages without asking, where we may; otherwise throws the one command that does it. */
export async function installWithApt(packages, purpose) {
  const names = packages.join(' ');
  const prefix = await aptPrefix();
  if (prefix === undefined) {
    const byHand = `sudo apt-get install -y --no-install-recommends ${names}`;
    throw new SetupError(
      `${purpose}: missing on this machine, and we may not install packages here (${names})`,
      byHand,
    );
  }
  say(`installing ${names} with apt-get (${purpose})`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = [...aptOptions, 'install', '-y', '-q', '--no-install-recommends', ...packages];
  let result = await apt(prefix, install, env);
  if (result.code !== 0) {
    // Package lists are missing on a new machine, and old ones name files that mirrors have dropped.
    await apt(prefix, [...aptOptions, 'update', '-q'], env);
    result = await apt(prefix, install, env);
  }
  if (result.code !== 0) {
    process.stderr.write(`${result.stderr.trim()}\n`);
    const byHand = `${prefix.length > 0 ? 'sudo ' : ''}apt-get install -y --no-install-recommends ${names}`;
    throw new SetupError(`${purpose}: apt-get could not install ${names}`, `apt-get update && ${byHand}`);
  }
}

/** The words in front of apt-get that let us install without a question, or undefined when nothing does. */
async function aptPrefix() {
  const { code } = await run('apt-get', ['--version']);
  if (code !== 0) return undefined;
  if (process.getuid?.() === 0) return [];
  return (await run('sudo', ['-n', 'true'], { timeoutMs: 10_000 })).code === 0 ? ['sudo', '-n'] : undefined;
}

function apt(prefix, args, env) {
  const [command, ...rest] = [
    ...prefix,
    ...(prefix.length > 0 ? ['DEBIAN_FRONTEND=noninteractive'] : []),
    'apt-get',
    ...args,
  ];
  return run(command, rest, { env, timeoutMs: installLimitMs });
}

/** Which of these package names this release can install. */
export async function installable(names) {
  let available = parsePolicy((await run('apt-cache', ['policy', ...names])).stdout);
  if (available.size === 0) {
    const prefix = await aptPrefix();
    if (prefix === undefined) return available;
    say('reading the package lists with apt-get update');
    await apt(prefix, [...aptOptions, 'update', '-q'], process.env);
    available = parsePolicy((await run('apt-cache', ['policy', ...names])).stdout);
  }
  return available;
}

/** The names with a candidate in what `apt-cache policy` prints. */
export function parsePolicy(text) {
  const names = new Set();
  let name;
  for (const line of text.split('\n')) {
    const heading = /^(\S+):$/.exec(line);
    if (heading) name = heading[1];
    else if (name && /^\s+Candidate: (?!\(none\))\S/.test(line)) names.add(name);
  }
  return names;
}
