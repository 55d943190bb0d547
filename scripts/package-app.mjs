import { join } from 'node:path';
import { localBinFolder, repositoryRoot } from './setup/paths.mjs';
import { run } from './setup/run.mjs';

const packageLimitMs = 15 * 60_000;

/** Puts the built app and the Electron at hand together; `target` as electron-builder has it (system, kind). */
export async function packageApp({ electron, env }, { target, outputFolder, showOutput = true }) {
  const args = [
    ...target,
    '--publish',
    'never',
    `-c.electronDist=${electron.folder}`,
    `-c.electronVersion=${electron.version}`,
    `-c.directories.output=${outputFolder}`,
  ];
  const { code, stdout, stderr } = await run(join(localBinFolder, 'electron-builder'), args, {
    cwd: repositoryRoot,
    env: { ...env, ...(await systemFpm(env)) },
    timeoutMs: packageLimitMs,
    showOutput,
  });
  return { code, output: stdout + stderr };
}

/** A deb is made by fpm: where one is installed, none is downloaded. */
async function systemFpm(env) {
  const { code } = await run('fpm', ['--version'], { env, timeoutMs: 10_000 });
  return code === 0 ? { USE_SYSTEM_FPM: 'true' } : {};
}
