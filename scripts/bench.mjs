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
npm run bench -- upload [--megabytes 2048] [--repeat 5]
npm run bench -- control [--people 1] [--seconds 60] [--runs 3] [--short]
Sets up what is missing and measures; one JSON object per line on stdout.`;

const bench = 'test/bench/main.ts';

await runCommand(help, async (args) => {
  // Finishing and uploading are measured without real apps and a display.
  if (args[0] !== undefined && !['finish', 'upload'].includes(args[0])) {
    return await runWithApp(bench, args, { ffprobe: true });
  }
  const { node, env } = await prepare(args[0] === 'upload' ? { ceph: true } : { ffmpeg: true });
  return await runForeground(node.path, [join(repositoryRoot, bench), ...args], { env });
});
