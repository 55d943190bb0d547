import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron';
import { readWindowState, writeWindowState } from './window-state.ts';
import { APP_PAGE } from './app-address.ts';

// Electron security guide, 2 to 6 and 8: no Node in pages, context isolation, sandbox, web security
// https://www.electronjs.org/docs/latest/tutorial/security#2-do-not-enable-nodejs-integration-for-remote-content
// https://www.electronjs.org/docs/latest/tutorial/security#3-enable-context-isolation
// https://www.electronjs.org/docs/latest/tutorial/security#4-enable-process-sandboxing
// https://www.electronjs.org/docs/latest/tutorial/security#6-do-not-disable-websecurity
const WEB_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  spellcheck: false,
  // A hidden window still carries the call and draws the mix.
  backgroundThrottling: false,
  // Other people's sound and the recording notice play without a click in this window.
  autoplayPolicy: 'no-user-gesture-required',
} satisfies BrowserWindowConstructorOptions['webPreferences'];

/** Opens the app's window; it shows itself when its first picture is drawn, on the ground colour of the look. */
export function openWindow(options: {
  preload: string;
  icon: string;
  stateFile: string;
  devTools: boolean;
}): BrowserWindow {
  const { bounds, maximized } = readWindowState(options.stateFile);
  const window = new BrowserWindow({
    width: bounds.width,
    height: bounds.height,
    ...(bounds.x === undefined || bounds.y === undefined ? {} : { x: bounds.x, y: bounds.y }),
    minWidth: 720,
    minHeight: 520,
    show: false,
    title: 'Tallylight',
    icon: options.icon,
    backgroundColor: '#0E1113',
    autoHideMenuBar: true,
    webPreferences: { ...WEB_PREFERENCES, preload: options.preload, devTools: options.devTools },
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    writeWindowState(options.stateFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  });
  return window;
}

/** Loads the app's page into the window, again after a crash as at the start. */
export async function showPage(window: BrowserWindow): Promise<void> {
  await window.loadURL(APP_PAGE);
}
