import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { buildApp } from './build.mjs';
import { planTargets } from './dist-targets.mjs';
import { runCommand } from './setup/command.mjs';
import { localBinFolder, repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { run } from './setup/run.mjs';
import { say } from './setup/say.mjs';
import { SetupError } from './setup/setup-error.mjs';

const packageLimitMs = 15 * 60_000;

const help = `
npm run dist [-- --release] [-- --target dir,AppImage,deb]
Packages the app with electron-builder. Without arguments: an unpacked app (release/linux-unpacked). --release makes the
targets that people install (AppImage, deb); they need Electron's own download and are refused with the development copy.`;

await runCommand(help, async (args) => {
  const prepared = await prepare({ electron: true, ffmpeg: true });
  const plan = planTargets(args, prepared.electron.origin);
  if (plan.kind === 'refused') throw new SetupError(plan.message, plan.remedy);
  await buildApp(prepared);
  const skipped = [...plan.skipped];
  const made = [];
  for (const target of plan.targets) {
    say(`packaging the target ${target}`);
    const { code, stdout, stderr } = await packageTarget(target, prepared);
    if (code === 0) {
      made.push(target);
      continue;
    }
    const output = stdout + stderr;
    if (
      target === 'dir' ||
      !/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|cannot resolve|403|status code/i.test(output)
    ) {
      process.stderr.write(output);
      throw new SetupError(
        `electron-builder could not make the target ${target} (it ended with ${code})`,
        'npm run dist',
      );
    }
    skipped.push({ target, reason: "electron-builder's tool for it cannot be downloaded from here" });
  }
  for (const target of made)
    say(`made: ${target}${target === 'dir' ? ` (${await unpackedFolder()})` : ' (in release/)'}`);
  for (const { target, reason } of skipped) say(`skipped: ${target}, because ${reason}`);
  return made.length > 0 ? 0 : 1;
});

function packageTarget(target, { electron, env }) {
  const args = [
    '--linux',
    target,
    '--publish',
    'never',
    `-c.electronDist=${electron.folder}`,
    `-c.electronVersion=${electron.version}`,
  ];
  // A packaged app carries no argument of ours: its sandbox stays on.
  return run(join(localBinFolder, 'electron-builder'), args, {
    cwd: repositoryRoot,
    env,
    timeoutMs: packageLimitMs,
    showOutput: true,
  });
}

async function unpackedFolder() {
  for (const name of ['linux-unpacked', 'linux-arm64-unpacked']) {
    const folder = join(repositoryRoot, 'release', name);
    const there = await access(folder).then(
      () => true,
      () => false,
    );
    if (there) return folder;
  }
  throw new SetupError('electron-builder ended well, but release/ holds no unpacked app', 'npm run dist');
}
