import { resolve } from 'node:path';
import { app } from 'electron';
import { registerSchemes } from './schemes.ts';
import { startDesktop } from './desktop.ts';

// A profile of one's own by Chromium's switch: settings, library, logs and the single-instance lock all live in it.
const profile = app.commandLine.getSwitchValue('user-data-dir');
if (profile !== '') app.setPath('userData', resolve(profile));

registerSchemes();

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(startDesktop);
} else {
  // The instance that holds the lock was told of our arguments.
  app.exit(0);
}
