import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { EVENT_CHANNEL, type EventName, type EventPayload } from '../../contract/events.ts';
import { REQUEST_CHANNEL } from '../../contract/requests.ts';
import type { Router } from '../ipc/router.ts';
import { APP_ORIGIN } from './app-address.ts';

// Electron security guide, 17: validate the sender of all IPC messages
// https://www.electronjs.org/docs/latest/tutorial/security#17-validate-the-sender-of-all-ipc-messages

/** True only for the main frame of the app's own window, while it shows the app's own page. */
function comesFromOurPage(event: IpcMainInvokeEvent, window: BrowserWindow | null): boolean {
  const frame = event.senderFrame;
  return (
    window !== null &&
    !window.isDestroyed() &&
    event.sender === window.webContents &&
    frame !== null &&
    frame === window.webContents.mainFrame &&
    frame.origin === APP_ORIGIN
  );
}

/** Connects the router to the request channel, for the window that `currentWindow` names. */
export function receiveRequests(router: Router, currentWindow: () => BrowserWindow | null): void {
  ipcMain.handle(REQUEST_CHANNEL, (event, name: unknown, input: unknown) =>
    router.handle(name, input, { trusted: comesFromOurPage(event, currentWindow()) }),
  );
}

/** Sends one event to the window's page; without a window there is nobody to tell. */
export function sendEvent<N extends EventName>(window: BrowserWindow | null, name: N, payload: EventPayload<N>): void {
  if (window === null || window.isDestroyed() || window.webContents.isCrashed()) return;
  if (window.webContents.mainFrame.origin !== APP_ORIGIN) return;
  window.webContents.send(EVENT_CHANNEL, { name, payload });
}
