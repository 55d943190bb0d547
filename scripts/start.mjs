import { buildApp } from './build.mjs';
import { runDemo } from './demo.mjs';
import { runCommand } from './setup/command.mjs';
import { hasDisplay } from './setup/display.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { sandboxArguments, sayWhenUnsandboxed } from './setup/root-user.mjs';
import { runForeground } from './setup/run.mjs';
import { say } from './setup/say.mjs';

const help = `
npm start [-- ARGUMENTS]
Sets up what is missing, builds what has changed and opens Tallylight. ARGUMENTS go to the app, for example an invite
link (tallylight://join/...). Where there is no display, the demo (npm run demo) runs instead.`;

await runCommand(help, async (args) => {
  if (!hasDisplay()) {
    say(
      'there is no display (DISPLAY and WAYLAND_DISPLAY are empty), so no window could be seen: running the demo instead',
    );
    return await runDemo([]);
  }
  const prepared = await prepare({ electron: true, ffmpeg: true });
  await buildApp(prepared);
  sayWhenUnsandboxed();
  const { path } = prepared.electron;
  return await runForeground(path, [repositoryRoot, ...sandboxArguments(), ...args], { env: prepared.env });
});
