import { fileURLToPath } from 'node:url';
import { runCommand } from './setup/command.mjs';
import { runWithApp } from './with-app.mjs';

const help = `
npm run demo [-- --people 2 --seconds 15 --format mp4 --out DIR --video a.y4m,b.y4m --audio a.wav,b.wav --keep-profiles]
npm run demo -- --reopen PROFILE
Sets up what is missing, then shows the whole tour with real apps: create, join, record, stop, finished files. JSON lines
on stdout, everything else on stderr. With --reopen: starts the app on a profile that was kept and tells what its Library holds.`;

/** Sets up, builds and runs the demo with these arguments; answers with its exit code. */
export const runDemo = (args) => runWithApp('scripts/demo.ts', args);

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommand(help, runDemo);
