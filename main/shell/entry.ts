// First: it ends an app that was started with a dangerous switch.
import './refuse-start.ts';
import { resolve } from 'node:path';
import { app, dialog } from 'electron';
import { commandOfArguments } from './command-argument.ts';
import { controlOfArguments } from './control-argument.ts';
import { registerSchemes } from './schemes.ts';
import { startDesktop } from './desktop.ts';
import { takeEnvironment } from './take-environment.ts';

// Before anything else: whatever is started from here on inherits what is left.
const environment = takeEnvironment(process.env);

// A profile of one's own by Chromium's switch: settings, library, logs and the single-instance lock all live in it.
const profile = app.commandLine.getSwitchValue('user-data-dir');
const profileFolder = profile === '' ? '' : resolve(profile);

// A command is asked of the app that runs. Awaited here, before the app is ready: that needs no display, lock or profile.
const command = commandOfArguments(process.argv, { defaultApp: process.defaultApp });
if (command !== null) {
  const { runCommandLine } = await import('./command-line.ts');
  process.exit(await runCommandLine(command, { profileFolder, environment }));
}

const control = controlOfArguments(process.argv.slice(1));
if (control.kind === 'refused') {
  process.stderr.write(`${control.message}\n`);
  process.exit(2);
}

if (profileFolder !== '') app.setPath('userData', profileFolder);

/** Starts the app, or says why it cannot and goes: an app without a window would only sit on its lock. */
async function start(): Promise<void> {
  try {
    await app.whenReady();
    await startDesktop(environment, control.kind === 'port' ? control.port : null);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Tallylight cannot start: ${reason}\n`);
    if (app.isPackaged) dialog.showErrorBox('Tallylight cannot start', reason);
    app.exit(1);
  }
}

registerSchemes();

if (app.requestSingleInstanceLock()) {
  void start();
} else {
  // The instance that holds the lock was told of our arguments.
  app.exit(0);
}
