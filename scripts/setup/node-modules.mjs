import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathWithoutLocalTools } from './clean-path.mjs';
import { hashOfLock, planNodeModules } from './node-modules-plan.mjs';
import { repositoryRoot } from './paths.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

const installLimitMs = 15 * 60_000;
const lockPath = join(repositoryRoot, 'package-lock.json');
const stampPath = join(repositoryRoot, 'node_modules', '.tallylight-lock-hash');
const installedPath = join(repositoryRoot, 'node_modules', '.package-lock.json');

/** Whether node_modules is what the lock file asks for. */
export async function nodeModulesInPlace() {
  return (await plan()).kind === 'in-place';
}

/** Makes node_modules what the lock file asks for. */
export async function ensureNodeModules() {
  const { kind, reason } = await plan();
  if (kind === 'in-place') return;
  if (kind === 'install') {
    say(`installing the packages of package-lock.json with npm ci (${reason}; about half a minute)`);
    await runNpm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  const lockText = await readFile(lockPath, 'utf8');
  // A tree that belongs to somebody else may be right without being ours to write in.
  await writeFile(stampPath, `${hashOfLock(lockText)}\n`).catch(() => undefined);
}

/** Runs npm in the repository on the Node that it was installed with; a failure is a SetupError. */
export async function runNpm(args) {
  const env = { ...process.env, PATH: pathWithoutLocalTools(process.env.PATH) };
  const { code, stderr } = await run('npm', args, { cwd: repositoryRoot, env, timeoutMs: installLimitMs });
  if (code === 0) return;
  // What follows is npm's whole help text.
  process.stderr.write(`${stderr.split('npm error Clean install a project')[0].trimEnd()}\n`);
  const why = code === 127 ? 'npm was not found' : `npm ${args[0]} ended with ${code}`;
  throw new SetupError(`the packages could not be installed: ${why}`, code === 127 ? 'apt-get install npm' : 'npm ci');
}

async function plan() {
  const [lockText, stampText, installedText] = await Promise.all([
    readFile(lockPath, 'utf8'),
    readFile(stampPath, 'utf8').catch(() => undefined),
    readFile(installedPath, 'utf8').catch(() => undefined),
  ]);
  return planNodeModules({ lockText, stampText, installedText });
}
