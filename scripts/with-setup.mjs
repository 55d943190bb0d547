import { runCommand } from './setup/command.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { runForeground } from './setup/run.mjs';
import { join } from 'node:path';

const help = `
node scripts/with-setup.mjs FILE.ts [ARGUMENTS]
Sets up node_modules, Node 24 and FFmpeg, then runs a TypeScript file of this repository with them.`;

await runCommand(help, async ([file, ...args]) => {
  const { node, env } = await prepare({ ffmpeg: true });
  return await runForeground(node.path, [join(repositoryRoot, file), ...args], { env });
});
