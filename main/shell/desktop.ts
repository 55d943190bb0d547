import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { app, clipboard, dialog, safeStorage, session, shell, type BrowserWindow } from 'electron';
import { createApp, type App } from '../app.ts';
import { openLogFile } from '../log/log-file.ts';
import type { EnvironmentVariables } from '../settings/environment-overrides.ts';
import { serveAppPages } from './app-protocol.ts';
import { listenToLinks, registerLinks } from './deep-link.ts';
import { receiveRequests, sendEvent } from './ipc-transport.ts';
import { createLifecycle } from './lifecycle.ts';
import { serveRecordings } from './media-protocol.ts';
import { setMenu } from './menu.ts';
import { forbidNavigation } from './navigation.ts';
import { guardPermissions } from './permissions.ts';
import { surviveCrashes } from './crashes.ts';
import { createVault } from './vault.ts';
import { openWindow, showPage } from './window.ts';

/** Starts the app on the desktop: rules first, then services, then the window. */
export async function startDesktop(environment: EnvironmentVariables, controlPort: number | null): Promise<void> {
  const profileFolder = app.getPath('userData');
  const { log, close: closeLog } = openLogFile(join(profileFolder, 'logs', 'main.log'));
  process.on('uncaughtException', (error) => log.error({ err: error }, 'An error reached the top.'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'A promise was left alone.'));
  log.info({ version: app.getVersion(), electron: process.versions['electron'] }, 'Starting.');

  forbidNavigation();
  guardPermissions(session.defaultSession);
  setMenu({ packaged: app.isPackaged, platform: process.platform });
  const dist = join(app.getAppPath(), 'dist');
  await serveAppPages(join(dist, 'renderer'));

  let window: BrowserWindow | null = null;
  const lifecycle = createLifecycle({
    activity: () => services.activity(),
    askInPage: (activity) => sendEvent(window, 'app.closeRequested', activity),
    async shutDown(limitMs) {
      await services.close(limitMs);
      log.info('Closed.');
      await closeLog();
    },
  });
  const services: App = await createApp(
    {
      version: app.getVersion(),
      platform: process.platform,
      profileFolder,
      defaultRecordingsFolder: join(app.getPath('videos'), 'Tallylight'),
      // Measurements turn it off, to have what people have.
      checkOutputs: !app.isPackaged && !app.commandLine.hasSwitch('unchecked-answers'),
      environment,
      controlPort,
    },
    {
      log,
      vault: createVault({ safeStorage, platform: process.platform, wait: (delayMs) => wait(delayMs) }),
      send: (name, payload) => sendEvent(window, name, payload),
      copyText: (text) => void clipboard.writeText(text),
      async chooseFolder(start) {
        const options: Electron.OpenDialogOptions = {
          defaultPath: start,
          properties: ['openDirectory', 'createDirectory'],
        };
        const chosen = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
        return chosen.filePaths[0] ?? null;
      },
      showInFolder: (path) => shell.showItemInFolder(path),
      answerClose: (choice) => lifecycle.choose(choice),
    },
  );

  serveRecordings((id) => services.findRecording(id));
  receiveRequests(services.router, () => window);
  registerLinks();
  const raise = (): void => {
    if (window === null) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  listenToLinks((link) => services.openInvite(link), raise);
  app.on('activate', raise);

  window = openWindow({
    preload: join(dist, 'preload', 'preload.cjs'),
    icon: join(app.getAppPath(), 'resources', 'icon.png'),
    stateFile: join(profileFolder, 'window.json'),
    devTools: !app.isPackaged,
  });
  lifecycle.watch(window);
  surviveCrashes(window, log);
  await showPage(window);
}
