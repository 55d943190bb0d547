import type { BrowserWindow } from 'electron';
import type { Log } from '../log/log-file.ts';
import { afterDeath, firstPage } from './crash-policy.ts';
import { showPage } from './window.ts';

/** Loads the page again when its process is gone; the main process holds the call and the recording meanwhile. */
export function surviveCrashes(window: BrowserWindow, log: Log): void {
  let history = firstPage(performance.now());
  window.webContents.on('render-process-gone', (_event, details) => {
    log.error({ reason: details.reason, exitCode: details.exitCode }, 'The page is gone.');
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    const next = afterDeath(history, performance.now());
    if (next === null) {
      log.error('The page dies whenever it is loaded: it is given up.');
      return;
    }
    history = next;
    // Not from inside the event: Chromium is still taking the dead process apart.
    setImmediate(() => {
      if (window.isDestroyed()) return;
      showPage(window).catch((error: unknown) => log.error({ err: error }, 'The page did not load again.'));
    });
  });
  window.webContents.on('preload-error', (_event, _path, error) => log.error({ err: error }, 'The preload failed.'));
  window.on('unresponsive', () => log.warn('The page does not answer.'));
  window.on('responsive', () => log.info('The page answers again.'));
}
