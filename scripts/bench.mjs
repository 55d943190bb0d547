import { join } from 'node:path';
import { runCommand } from './setup/command.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { runForeground } from './setup/run.mjs';
import { runWithApp } from './with-app.mjs';

const help = `
npm run bench -- finish [--minutes 60] [--runs 3] [--format mp4]
npm run bench -- call [--people 2] [--seconds 20] [--format mp4] [--runs 1]
npm run bench -- cpu [--people 2] [--seconds 20] [--runs 1]
npm run bench -- memory [--people 2] [--seconds 300] [--runs 1]
Sets up what is missing and measures; one JSON object per line on stdout.`;

const bench = 'test/bench/main.ts';

await runCommand(help, async (args) => {
  // Only finishing is measured without real apps and a display.
  if (args[0] !== undefined && args[0] !== 'finish') return await runWithApp(bench, args, { ffprobe: true });
  const { node, env } = await prepare({ ffmpeg: true });
  return await runForeground(node.path, [join(repositoryRoot, bench), ...args], { env });
});
