import { app, dialog, powerMonitor, type BrowserWindow } from 'electron';
import { endPrograms } from '../media/system-processes.ts';
import { nextCloseState, type CloseEvent, type CloseState } from './close-question.ts';

/** How long the page has to show that it is alive when it is to ask the question, milliseconds. */
const PAGE_ANSWERS_WITHIN_MS = 3_000;

/**
 * How long ending and saving may take, whoever wants the app gone, milliseconds: an app that is still there five seconds later is
 * taken for one that hangs. What is not saved by then is safe, and saved at the next start.
 */
const MUST_GO_WITHIN_MS = 4_000;

export type LifecyclePorts = {
  activity(): { recording: boolean; inCall: boolean };
  askInPage(activity: { recording: boolean; inCall: boolean }): void;
  /** Stops the recording, leaves the call, closes every service; never rejects and keeps to the limit. */
  shutDown(limitMs: number): Promise<void>;
};

export type Lifecycle = {
  /** Puts a window under the closing rules. */
  watch(window: BrowserWindow): void;
  /** The answer of the page to `app.closeRequested`. */
  choose(choice: 'endAndClose' | 'stay'): void;
};

async function pageAnswers(window: BrowserWindow): Promise<boolean> {
  if (window.webContents.isCrashed()) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PAGE_ANSWERS_WITHIN_MS);
  });
  // A question that any page answers whose script still runs; in a world of its own, away from the page's script.
  const alive = window.webContents.executeJavaScriptInIsolatedWorld(999, [{ code: 'true' }]).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([alive, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function askNatively(window: BrowserWindow): Promise<'endAndClose' | 'stay'> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'A call is running. End it and close Tallylight?',
    detail: 'What was recorded is saved.',
    buttons: ['Stay', 'End and close'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1 ? 'endAndClose' : 'stay';
}

function leave(): void {
  endPrograms();
  app.exit(0);
}

/** Makes the app end in order, whoever ends it: a person, a signal, the session, or a quit from the menu. */
export function createLifecycle(ports: LifecyclePorts): Lifecycle {
  let state: CloseState = { kind: 'open' };
  let watched: BrowserWindow | null = null;

  const apply = (event: CloseEvent): void => {
    const before = state;
    state = nextCloseState(state, event);
    if (state.kind !== before.kind) enter(state);
  };

  const enter = (next: CloseState): void => {
    const window = watched;
    if (next.kind === 'asking' && window) {
      ports.askInPage(ports.activity());
      void watchForSilence(window);
    }
    if (next.kind === 'askingNatively' && window) {
      void takeNativeAnswer(window);
    }
    if (next.kind === 'ending') {
      // What is still being saved needs no window; a call does, to the last chunk.
      if (window && !window.isDestroyed() && !isBusy()) window.hide();
      void end();
    }
    // `exit` asks nobody any more: everything that could be saved is saved.
    if (next.kind === 'closed') leave();
  };

  const watchForSilence = async (window: BrowserWindow): Promise<void> => {
    if (!(await pageAnswers(window))) apply({ kind: 'pageSilent' });
  };

  const takeNativeAnswer = async (window: BrowserWindow): Promise<void> => {
    const choice = await askNatively(window);
    // The page may have answered meanwhile.
    if (state.kind === 'askingNatively') apply({ kind: 'chosen', choice });
  };

  const end = async (): Promise<void> => {
    await ports.shutDown(MUST_GO_WITHIN_MS);
    apply({ kind: 'ended' });
  };

  const mustGo = (): void => {
    if (state.kind === 'ending') {
      // Already ending in its own time, which is now too long.
      setTimeout(leave, MUST_GO_WITHIN_MS);
      return;
    }
    apply({ kind: 'mustGo' });
  };

  const isBusy = (): boolean => {
    const { recording, inCall } = ports.activity();
    return recording || inCall;
  };

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, mustGo);
  powerMonitor.on('shutdown', mustGo);
  app.on('window-all-closed', () => apply({ kind: 'mustGo' }));
  app.on('before-quit', (event) => {
    if (state.kind === 'closed') return;
    // A quit from the menu is the same wish as the window's own button, and gets the same question.
    event.preventDefault();
    apply({ kind: 'closePressed', busy: isBusy() });
  });

  return {
    watch(window) {
      watched = window;
      window.on('close', (event) => {
        if (state.kind === 'closed') return;
        event.preventDefault();
        apply({ kind: 'closePressed', busy: isBusy() });
      });
      window.on('session-end', mustGo);
    },
    choose(choice) {
      apply({ kind: 'chosen', choice });
    },
  };
}
