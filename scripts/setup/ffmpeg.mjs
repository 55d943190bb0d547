import { access, chmod, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { installWithApt } from './apt.mjs';
import { repositoryRoot } from './paths.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

const executable = process.platform === 'win32' ? '.exe' : '';

/** Where an FFmpeg may be, in the app's own order. */
function candidates() {
  const modules = join(repositoryRoot, 'node_modules');
  return [
    process.env.FFMPEG_BIN || join(modules, 'ffmpeg-static', `ffmpeg${executable}`),
    join(modules, '@ffmpeg-installer', `${process.platform}-${process.arch}`, `ffmpeg${executable}`),
    'ffmpeg',
  ];
}

/** An FFmpeg that starts, or undefined. */
export async function findFfmpeg() {
  for (const path of candidates()) {
    if (path !== 'ffmpeg' && !(await isExecutable(path))) continue;
    const version = await versionOf(path);
    if (version !== undefined) return { path, version };
  }
  return undefined;
}

/** Makes sure that the app will find an FFmpeg; where packages brought none that starts, Debian's is installed. */
export async function ensureFfmpeg() {
  for (const path of candidates()) {
    // The binary inside the package may be for its owner alone; tests also run as another user.
    if (path !== 'ffmpeg') await chmod(path, 0o755).catch(() => undefined);
  }
  const found = await findFfmpeg();
  if (found) return found;
  await installWithApt(['ffmpeg'], 'FFmpeg, which makes the deliverables');
  const installed = await findFfmpeg();
  if (installed) return installed;
  throw new SetupError('there is no FFmpeg that starts', 'apt-get install -y ffmpeg');
}

/** Whether `ffprobe`, with which tests look at finished files from outside, is on PATH. */
export async function hasFfprobe() {
  return (await run('ffprobe', ['-version'], { timeoutMs: 20_000 })).code === 0;
}

/** Installs `ffprobe` (Debian ships it with FFmpeg). */
export async function ensureFfprobe() {
  if (await hasFfprobe()) return;
  say('ffprobe is missing: tests use it to look at finished files from outside');
  await installWithApt(['ffmpeg'], 'ffprobe, for tests');
}

async function isExecutable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function versionOf(path) {
  const { code, stdout } = await run(path, ['-version'], { timeoutMs: 20_000 });
  return code === 0 ? (/^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : undefined;
}
