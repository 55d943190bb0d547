import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';

let running: LaunchedApp;

test.beforeEach(async () => {
  running = await launchApp({ settings: { signalingListenHost: '127.0.0.1', displayName: 'Ana' } });
});
test.afterEach(async () => {
  await running.close();
});

const pressClose = () => running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
const exitCode = () => new Promise<number | null>((resolve) => running.app.process().once('exit', resolve));

const enterCall = () =>
  running.page.evaluate(async () => {
    const input = { name: 'Ana', title: 'Monday', microphoneOn: false, cameraOn: false };
    const result = await window.tallylight.request('call.create', input);
    return result.ok;
  });

/** Begins to listen to the close question; what is resolved resolves with the next one. */
async function listenForQuestion(): Promise<() => Promise<unknown>> {
  const asked = await running.page.evaluateHandle(() => {
    const { promise, resolve } = Promise.withResolvers<{ recording: boolean; inCall: boolean }>();
    const undo = window.tallylight.on('app.closeRequested', (question) => {
      undo();
      resolve(question);
    });
    // Wrapped: a handle to a bare promise would wait for it.
    return { promise };
  });
  return () => asked.evaluate(({ promise }) => promise);
}

const choose = (choice: 'endAndClose' | 'stay') =>
  running.page.evaluate((choice) => window.tallylight.request('app.close', { choice }).then(({ ok }) => ok), choice);

test('a window without a call closes at once', async () => {
  const exit = exitCode();
  await pressClose();
  expect(await exit).toBe(0);
});

test('a window with a call asks first, stays when told so, and asks again', async () => {
  expect(await enterCall()).toBe(true);
  for (let time = 0; time < 2; time += 1) {
    const question = await listenForQuestion();
    await pressClose();
    expect(await question()).toEqual({ recording: false, inCall: true });
    expect(await choose('stay')).toBe(true);
  }
  const call = await running.page.evaluate(() => window.tallylight.request('call.current', {}));
  expect(call).toMatchObject({ ok: true, value: { call: { title: 'Monday' } } });

  const question = await listenForQuestion();
  await pressClose();
  await question();
  const exit = exitCode();
  await choose('endAndClose').catch(() => undefined);
  expect(await exit).toBe(0);
  expect(await readFile(join(running.profile, 'logs', 'main.log'), 'utf8')).toContain('Closed.');
});

test('a page that hangs is replaced by a question of the system', async () => {
  expect(await enterCall()).toBe(true);
  await running.app.evaluate(({ dialog }) => {
    // Nobody can press a button of the system's dialog in a test: this person wants to close.
    dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false });
  });
  const exit = exitCode();
  running.page
    .evaluate(() => {
      for (;;);
    })
    .catch(() => undefined);
  await pressClose();
  expect(await exit).toBe(0);
});

test('a page that crashes comes back, and the call is still there', async () => {
  expect(await enterCall()).toBe(true);
  const title = await running.app.evaluate(async ({ BrowserWindow }): Promise<unknown> => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const back = new Promise<void>((resolve) => contents?.once('did-finish-load', () => resolve()));
    contents?.forcefullyCrashRenderer();
    await back;
    return contents?.executeJavaScript(
      `window.tallylight.request('call.current', {}).then(({ value }) => value.call.title)`,
    );
  });
  expect(title).toBe('Monday');
});
