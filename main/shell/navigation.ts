import { app } from 'electron';

// Electron security guide, 13 and 14: limit navigation and the creation of windows; 12: verify webviews
// https://www.electronjs.org/docs/latest/tutorial/security#13-disable-or-limit-navigation
// https://www.electronjs.org/docs/latest/tutorial/security#14-disable-or-limit-creation-of-new-windows

/** Keeps every page where it is: no navigation, no redirect, no new window, no webview. */
export function forbidNavigation(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
