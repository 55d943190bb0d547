import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildApp } from './build.mjs';
import { runCommand } from './setup/command.mjs';
import { withDisplay } from './setup/display.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { sayWhenUnsandboxed } from './setup/root-user.mjs';
import { runForeground } from './setup/run.mjs';

const help = `
npm run demo [-- --people 2 --seconds 15 --format mp4 --out DIR --video a.y4m,b.y4m --audio a.wav,b.wav --keep-profiles]
Sets up what is missing, then shows the whole tour with real apps: create, join, record, stop, finished files. JSON lines
on stdout, everything else on stderr.`;

/** Sets up, builds and runs the demo with these arguments; answers with its exit code. */
export async function runDemo(args) {
  const prepared = await prepare({ electron: true, ffmpeg: true, display: true });
  await buildApp(prepared);
  sayWhenUnsandboxed();
  const demo = join(repositoryRoot, 'scripts', 'demo.ts');
  return await withDisplay((env) => runForeground(prepared.node.path, [demo, ...args], { env }), prepared.env);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommand(help, runDemo);
