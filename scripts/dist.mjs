import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildApp } from './build.mjs';
import { artifactsOf, downloadFailure, planTargets } from './dist-targets.mjs';
import { packageApp } from './package-app.mjs';
import { runCommand } from './setup/command.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { say } from './setup/say.mjs';
import { SetupError } from './setup/setup-error.mjs';

const help = `
npm run dist [-- --release] [-- --target TARGET,TARGET]
Packages the app with electron-builder for the system that it runs on and says what it skipped and why. Targets: dir, AppImage
and deb on Linux; dir, dmg and zip on macOS; dir and nsis on Windows. What people install needs Electron's own download: with
the development copy only dir is made, and --release, or such a target by its name, is refused. What was made lies in release/.`;

const outputFolder = join(repositoryRoot, 'release');

await runCommand(help, async (args) => {
  const prepared = await prepare({ electron: true, ffmpeg: true });
  const plan = planTargets(args, { electronOrigin: prepared.electron.origin, platform: process.platform });
  if (plan.kind === 'refused') throw new SetupError(plan.message, plan.remedy);
  await buildApp(prepared);
  const skipped = [...plan.skipped];
  const made = [];
  for (const target of plan.targets) {
    say(`packaging the target ${target}`);
    const startedAtMs = Date.now();
    const { code, output } = await packageApp(prepared, { target: [plan.flag, target], outputFolder });
    if (code === 0) {
      made.push(...(await filesMade(target, startedAtMs)));
      continue;
    }
    // The folder needs nothing from elsewhere.
    const failure = target === 'dir' ? undefined : downloadFailure(output);
    if (failure === undefined) {
      process.stderr.write(output);
      throw new SetupError(
        `electron-builder could not make the target ${target} (it ended with ${code})`,
        'npm run dist',
      );
    }
    skipped.push({ target, reason: `electron-builder could not download its tool for it (${failure})` });
  }
  for (const name of made) say(`made: ${join('release', name)} (${await megabytes(join(outputFolder, name))} MB)`);
  for (const { target, reason } of skipped) say(`skipped: ${target}, because ${reason}`);
  return made.length > 0 ? 0 : 1;
});

/** Only what lies there counts as made. */
async function filesMade(target, startedAtMs) {
  const entries = await readdir(outputFolder, { withFileTypes: true });
  const looked = await Promise.all(
    entries.map(async (entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
      changedAtMs: (await stat(join(outputFolder, entry.name))).mtimeMs,
    })),
  );
  // A second of grace: some file systems keep whole seconds.
  const names = artifactsOf(target, process.platform, looked, startedAtMs - 1000);
  if (names.length > 0) return names;
  throw new SetupError(`electron-builder ended well, but release/ holds no new ${target}`, 'npm run dist');
}

async function megabytes(path) {
  const info = await stat(path);
  if (!info.isDirectory()) return Math.round(info.size / 1e6);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath ?? entry.path, entry.name))).size),
  );
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6);
}
