import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './setup/command.mjs';
import { exclusively } from './setup/exclusive.mjs';
import { cacheFolder, repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { run } from './setup/run.mjs';
import { say } from './setup/say.mjs';
import { SetupError } from './setup/setup-error.mjs';

const buildLimitMs = 5 * 60_000;
const sources = [
  'contract',
  'main',
  'preload',
  'renderer',
  'resources',
  'signaling',
  'vite.config.ts',
  'tsconfig.json',
];
const settings = ['package.json', 'package-lock.json'];
const outputFolder = join(repositoryRoot, 'dist');
const stampPath = join(cacheFolder, 'build-stamp.json');

const help = `
npm run build [-- --force]
Builds the app into dist/ with Vite; does nothing when no source has changed since the last build.`;

/** Builds the app unless dist/ is already what the sources make. */
export async function buildApp({ node, env }, { force = false } = {}) {
  if (!force && (await isFresh())) return;
  await exclusively('build', async () => {
    if (!force && (await isFresh())) return;
    const startedAtMs = performance.now();
    say('building the app with Vite');
    const hash = await hashOfSources();
    await rm(stampPath, { force: true });
    const vite = join(repositoryRoot, 'node_modules', 'vite', 'bin', 'vite.js');
    const { code, stdout, stderr } = await run(node.path, [vite, 'build', '--app'], {
      cwd: repositoryRoot,
      env,
      timeoutMs: buildLimitMs,
    });
    if (code !== 0) {
      process.stderr.write(stdout + stderr);
      throw new SetupError(`the build failed (vite ended with ${code})`, 'npm run build -- --force');
    }
    await mkdir(cacheFolder, { recursive: true });
    await writeFile(stampPath, `${JSON.stringify({ hash, outputs: await outputSizes() })}\n`);
    say(`built in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
  });
}

async function isFresh() {
  try {
    const stamp = JSON.parse(await readFile(stampPath, 'utf8'));
    if (Object.keys(stamp.outputs).length === 0 || stamp.hash !== (await hashOfSources())) return false;
    return JSON.stringify(await outputSizes()) === JSON.stringify(stamp.outputs);
  } catch {
    return false;
  }
}

/** By contents, not by time: a checkout of another branch and back must not hide a change. */
async function hashOfSources() {
  const hash = createHash('sha256');
  for (const name of [...sources, ...settings]) {
    for (const path of await filesUnder(join(repositoryRoot, name))) {
      hash
        .update(`${path.slice(repositoryRoot.length)}\0`)
        .update(await readFile(path))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

async function outputSizes() {
  const paths = await filesUnder(outputFolder);
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path.slice(outputFolder.length), (await stat(path)).size])),
  );
}

async function filesUnder(path) {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return [];
  if (info.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runCommand(help, async (args) => {
    await buildApp(await prepare({}), { force: args.includes('--force') });
    return 0;
  });
}
