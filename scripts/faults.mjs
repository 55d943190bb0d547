import { join } from 'node:path';
import { runCommand } from './setup/command.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { runForeground } from './setup/run.mjs';
import { runWithApp } from './with-app.mjs';

const help = `
npm run test:faults [-- --short] [--seed 1] [--only power-cut,kill-points,chunks,damage,...]
Sets up what is missing and tries faults on the recorder; the last line of stdout is one JSON object. "-- --list" says which
scenarios there are and how their counts are set.`;

const faults = 'test/faults/main.ts';

/** These hold calls of real apps, which want a build and a display; the others run in plain Node. */
const withRealApps = new Set(['kill-app', 'renderer-kill', 'goodbye', 'fuzz-ipc', 'malformed']);

await runCommand(help, async (args) => {
  const only = args[args.indexOf('--only') + 1];
  const wants = (isOne) => !args.includes('--list') && (!args.includes('--only') || only.split(',').some(isOne));
  // The scenarios of uploads want the real S3 server.
  const needs = { ffprobe: true, ceph: wants((name) => name.startsWith('cloud')) };
  if (wants((name) => withRealApps.has(name))) return await runWithApp(faults, args, needs);
  const { node, env } = await prepare({ ffmpeg: true, ...needs });
  return await runForeground(node.path, [join(repositoryRoot, faults), ...args], { env });
});
