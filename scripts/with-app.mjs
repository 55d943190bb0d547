import { join } from 'node:path';
import { buildApp } from './build.mjs';
import { withDisplay } from './setup/display.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { sayWhenUnsandboxed } from './setup/root-user.mjs';
import { runForeground } from './setup/run.mjs';

/** Sets up, builds, finds or makes a display, then runs a TypeScript file that drives the real app; answers with its exit code. */
export async function runWithApp(file, args, needs = {}) {
  const prepared = await prepare({ electron: true, ffmpeg: true, display: true, ...needs });
  await buildApp(prepared);
  sayWhenUnsandboxed();
  const script = join(repositoryRoot, file);
  return await withDisplay((env) => runForeground(prepared.node.path, [script, ...args], { env }), prepared.env);
}
