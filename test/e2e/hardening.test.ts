import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { commandAsNobody } from '../../scripts/setup/run-as-nobody.mjs';
import { appEnvironment, electronBinary, launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { renderersOf } from '../support/app-processes.ts';
import { displayKey } from '../support/display-key.ts';

const repository = join(import.meta.dirname, '..', '..');
const recordingId = '00000000-0000-4000-8000-000000000001';

let running: LaunchedApp;
let foreign: Server;
let foreignAddress = '';

test.beforeAll(async () => {
  foreign = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<p>foreign</p>');
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  const address = foreign.address();
  if (address === null || typeof address === 'string') throw new Error('The foreign page has no port.');
  foreignAddress = `http://127.0.0.1:${address.port}/`;
  running = await launchApp();
});

test.afterAll(async () => {
  await running.close();
  await new Promise((resolve) => foreign.close(resolve));
});

test('the window has a sandbox, its own world and no Node', async () => {
  const preferences = await running.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => {
      const found = (
        window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
      return Object.fromEntries(
        [
          'sandbox',
          'contextIsolation',
          'nodeIntegration',
          'nodeIntegrationInSubFrames',
          'webSecurity',
          'allowRunningInsecureContent',
          'experimentalFeatures',
          'webviewTag',
        ].map((name) => [name, found[name]]),
      );
    }),
  );
  expect(preferences).toEqual([
    {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    },
  ]);
});

test('a hidden window is not slowed down, and sound needs no click', async () => {
  const throttled = await running.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => window.webContents.getBackgroundThrottling()),
  );
  expect(throttled).toEqual([false]);
  // Asked from inside, since Playwright's own questions count as a click.
  const sound = await running.app.evaluate(async ({ BrowserWindow }): Promise<unknown> => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const loaded = new Promise<void>((resolve) => contents?.once('did-finish-load', () => resolve()));
    contents?.reload();
    await loaded;
    return contents?.executeJavaScript('[new AudioContext().state, navigator.userActivation.hasBeenActive]');
  });
  expect(sound).toEqual(['running', false]);
});

test('the page reaches two functions of the app and nothing of Node', async () => {
  const reach = await running.page.evaluate(() => ({
    bridge: Object.entries(window.tallylight).map(([name, value]) => [name, typeof value]),
    frozen: Object.isFrozen(window.tallylight) || !Reflect.set(window, 'tallylight', null),
    node: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
      (name) => name in window,
    ),
  }));
  expect(reach).toEqual({
    bridge: [
      ['request', 'function'],
      ['on', 'function'],
    ],
    frozen: true,
    node: [],
  });
});

test('the page cannot listen to a channel that is not in the contract, and ends its listening', async () => {
  const { refused, heard } = await running.page.evaluate(async () => {
    const on = (name: string, listener: (payload: unknown) => void): (() => void) =>
      window.tallylight.on(name as 'settings.changed', listener);
    const refused = ['nope', 'constructor', '__proto__'].filter((name) => {
      try {
        on(name, () => undefined);
        return false;
      } catch {
        return true;
      }
    });
    const heard: string[] = [];
    const undo = on('settings.changed', () => heard.push('first'));
    // The answer of a request and an event travel apart: either may come first.
    const change = (theme: 'light' | 'dark') =>
      new Promise<void>((resolve) => {
        const end = window.tallylight.on('settings.changed', () => {
          heard.push('second');
          end();
          resolve();
        });
        void window.tallylight.request('settings.update', { theme });
      });
    await change('light');
    undo();
    await change('dark');
    return { refused, heard };
  });
  expect(refused).toEqual(['nope', 'constructor', '__proto__']);
  expect(heard).toEqual(['first', 'second', 'second']);
});

test('an inline script, an inline handler, a foreign script and a foreign fetch are stopped by the policy', async () => {
  const { seen, ran, fetched } = await running.page.evaluate(async (address) => {
    const seen = new Set<string>();
    const allSeen = new Promise<void>((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => {
        seen.add(`${event.effectiveDirective} ${event.blockedURI.slice(0, 6)}`);
        if (seen.size === 4) resolve();
      });
    });
    const inline = document.createElement('script');
    inline.textContent = 'window.__inlineRan = true';
    document.head.append(inline);
    const outside = document.createElement('script');
    outside.src = address;
    const settled = new Promise((resolve) => {
      outside.addEventListener('load', resolve);
      outside.addEventListener('error', resolve);
    });
    document.head.append(outside);
    await settled;
    const link = document.createElement('a');
    link.setAttribute('onclick', 'window.__inlineRan = true');
    document.body.append(link);
    link.click();
    const fetched = await fetch(address).then(
      () => 'fetched',
      () => 'refused',
    );
    link.remove();
    await allSeen;
    return { seen: [...seen].sort(), ran: '__inlineRan' in window, fetched };
  }, foreignAddress);
  expect({ ran, fetched }).toEqual({ ran: false, fetched: 'refused' });
  expect(seen).toEqual([
    'connect-src http:/',
    'script-src-attr inline',
    'script-src-elem http:/',
    'script-src-elem inline',
  ]);
});

test('every page comes with the policy as a header', async () => {
  const headers = await running.app.evaluate(async ({ net }) => {
    const answers = await Promise.all(
      ['index.html', 'missing.html', '..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json'].map((path) =>
        net.fetch(`tallylight-app://ui/${path}`),
      ),
    );
    return answers.map((answer) => [answer.status, answer.headers.get('content-security-policy')?.slice(0, 18)]);
  });
  expect(headers).toEqual([
    [200, "default-src 'none'"],
    [404, "default-src 'none'"],
    [404, "default-src 'none'"],
    [404, "default-src 'none'"],
  ]);
});

test('permissions other than camera, microphone and loudspeaker are denied', async () => {
  const found = await running.page.evaluate(async () => ({
    notifications: await Notification.requestPermission(),
    geolocation: await new Promise<number>((resolve) => {
      navigator.geolocation.getCurrentPosition(
        () => resolve(0),
        (error) => resolve(error.code),
      );
    }),
    midi: await navigator.requestMIDIAccess({ sysex: true }).then(
      () => 'granted',
      (error: unknown) => (error instanceof DOMException ? error.name : 'other'),
    ),
    screen: await navigator.mediaDevices.getDisplayMedia({ video: true }).then(
      () => 'granted',
      () => 'denied',
    ),
    camera: await navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then(
      (stream) => {
        for (const track of stream.getTracks()) track.stop();
        return 'granted';
      },
      (error: unknown) => String(error),
    ),
  }));
  expect(found).toEqual({
    notifications: 'denied',
    geolocation: 1,
    midi: 'NotAllowedError',
    screen: 'denied',
    camera: 'granted',
  });
});

test('the page stays where it is: no navigation, no new window, no webview, no frame', async () => {
  const before = running.page.url();
  const opened = await running.page.evaluate(async (address) => {
    const windowOpened = window.open(address) !== null || window.open('about:blank') !== null;
    const link = document.createElement('a');
    link.href = address;
    document.body.append(link);
    link.click();
    link.target = '_blank';
    link.click();
    link.remove();
    const frame = document.createElement('iframe');
    frame.src = address;
    document.body.append(frame);
    const webview = document.createElement('webview');
    webview.setAttribute('src', address);
    document.body.append(webview);
    location.assign(address);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    frame.remove();
    webview.remove();
    return windowOpened;
  }, foreignAddress);
  expect(opened).toBe(false);
  const contents = await running.app.evaluate(({ webContents }) => webContents.getAllWebContents().length);
  expect(contents).toBe(1);
  expect(running.page.url()).toBe(before);
  expect(await running.page.evaluate(() => typeof window.tallylight.request)).toBe('function');
});

test('requests from another origin, another window or a frame are refused', async () => {
  const preload = join(repository, 'dist', 'preload', 'preload.cjs');
  const answers = await running.app.evaluate(
    async ({ BrowserWindow }, { preload, address }) => {
      const ask = `window.tallylight.request('settings.get', {})`;
      const make = (extra: Electron.WebPreferences = {}) =>
        new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true, ...extra } });
      const outside = make();
      await outside.loadURL(address);
      const fromOutside: unknown = await outside.webContents.executeJavaScript(ask);
      const twin = make();
      await twin.loadURL('tallylight-app://ui/index.html');
      const fromTwin: unknown = await twin.webContents.executeJavaScript(ask);
      outside.destroy();
      twin.destroy();
      return { fromOutside, fromTwin };
    },
    { preload, address: foreignAddress },
  );
  const refusal = { ok: false, error: { code: 'UNTRUSTED_SENDER', message: expect.any(String), retryable: false } };
  expect(answers).toEqual({ fromOutside: refusal, fromTwin: refusal });
});

test('a frame inside the own window has no bridge, and its messages are refused', async () => {
  const result = await running.page.evaluate(async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const bridge = frame.contentWindow === null ? 'no frame' : typeof Reflect.get(frame.contentWindow, 'tallylight');
    frame.remove();
    return bridge;
  });
  expect(result).toBe('undefined');
});

test('the media scheme gives no file outside a known recording', async () => {
  const statuses = await running.app.evaluate(async ({ net }, id) => {
    const addresses = [
      `tallylight-media://recording/${id}/file/../../../etc/passwd`,
      `tallylight-media://recording/${id}/file/..%2f..%2f..%2fetc%2fpasswd`,
      `tallylight-media://recording/${id}/thumbnail/0`,
      `tallylight-media://recording/..%2f..%2f..%2fetc/thumbnail/0`,
      `tallylight-media://recording/etc/passwd`,
      `tallylight-media://etc/passwd`,
    ];
    return Promise.all(addresses.map(async (address) => (await net.fetch(address)).status));
  }, recordingId);
  expect(statuses).toEqual([404, 404, 404, 404, 404, 404]);
});

test('a signal ends the app in order', async () => {
  const own = await launchApp();
  const exit = new Promise<number | null>((resolve) => own.app.process().once('exit', resolve));
  process.kill(own.pid, 'SIGTERM');
  expect(await exit).toBe(0);
  const log = await readFile(join(own.profile, 'logs', 'main.log'), 'utf8');
  expect(log).toContain('Closed.');
  await own.close();
});

test('a second start hands its link to the first and goes', async () => {
  const link = `tallylight://join/${recordingId}?server=ws%3A%2F%2F127.0.0.1%3A9&invite=${'a'.repeat(40)}`;
  const heard = running.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const undo = window.tallylight.on('app.inviteOpened', ({ link }) => {
          undo();
          resolve(link);
        });
      }),
  );
  const second = spawn(
    electronBinary(),
    [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${running.profile}`,
      repository,
      'tallylight://join/nonsense',
      link,
    ],
    { env: appEnvironment(), stdio: 'ignore' },
  );
  const code = await new Promise<number | null>((resolve) => second.once('exit', resolve));
  expect(code).toBe(0);
  expect(await heard).toBe(link);
  // It fills in the lobby: nothing was joined.
  const call = await running.page.evaluate(() => window.tallylight.request('call.current', {}));
  expect(call).toEqual({ ok: true, value: { call: null } });
});

test('an unprivileged user runs the page in the system sandbox', async () => {
  const prepared = await commandAsNobody(electronBinary(), [], { readable: [join(repository, 'dist')] });
  test.skip(prepared === undefined, 'No unprivileged user can be used on this machine.');
  if (prepared === undefined) return;
  const profile = join(prepared.home, 'profile');
  const child = spawn(
    prepared.command,
    [
      ...prepared.args,
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',

      repository,
    ],
    { env: appEnvironment(await displayKey(prepared.home)), stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  try {
    const complaint = await new Promise<string>((resolve) => {
      let text = '';
      child.stderr.on('data', (data: Buffer) => {
        text += data.toString();
        if (text.includes('DevTools listening on')) resolve('');
      });
      child.once('exit', () => resolve(text));
    });
    expect(complaint).toBe('');
    // Seccomp 2: system calls are filtered; NoNewPrivs 1: no way back to more.
    await expect
      .poll(() => renderersOf(profile), { timeout: 15_000 })
      .toEqual([{ user: expect.not.stringMatching(/^0$/), seccomp: '2', noNewPrivileges: '1', switchedOff: false }]);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      process.kill(-child.pid, 'SIGKILL');
      await gone;
    }
  }
});
