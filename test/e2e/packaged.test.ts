import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { fusesFor } from '../../scripts/fuses.mjs';
import { commandAsNobody } from '../../scripts/setup/run-as-nobody.mjs';
import { appEnvironment, electronBinary } from '../../scripts/demo/app-process.ts';
import { listeningPorts, renderersOf } from '../support/app-processes.ts';
import { decodeComplaints, decodeSound, frameBrightness } from '../support/av-measure.ts';
import { startOwnDisplay, type OwnDisplay } from '../support/own-display.ts';
import { packageForTests, runPackaged, startPackaged, type PackagedApp } from '../support/packaged-app.ts';
import { watchProgram } from '../support/run-cli.ts';
import { pictureOfScreen, type ScreenPicture } from '../support/screen-picture.ts';
import { clickAt } from '../support/x-pointer.ts';

// The app as people get it. Its fuses and switches let no debugger in, so it is driven as programs drive it,
// and by a mouse.

test.skip(process.platform !== 'linux', 'The packaged app is looked at on Linux.');

const RECORDED_MS = 5000;

/** Where these are in a window of this size. */
const LIBRARY_BUTTON = { x: 971, y: 38 };
const PLAYER_PICTURE = { x: 402, y: 378 };
const WINDOW_PIXELS = { width: 1180, height: 760 };

let display: OwnDisplay | undefined;
let shown = '';
let program = '';
let folder = '';
let scratch = '';

test.beforeAll(async () => {
  folder = await packageForTests();
  program = join(folder, 'tallylight');
  // Of our own, so that the window is where it was put, and no mouse of a person is moved.
  display = await startOwnDisplay();
  shown = display?.name ?? '';
});
test.beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tallylight-packaged-test-'));
});
test.afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});
test.afterAll(async () => {
  await display?.end();
  if (folder !== '') await rm(join(folder, '..'), { recursive: true, force: true });
});

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

test('every fuse of the program is known and stands as it was decided', async () => {
  const { version, ...wire } = await getCurrentFuseWire(program);
  expect(version).toBe('1');
  const found = Object.entries(wire).map(([index, state]) => {
    const name = FuseV1Options[Number(index)];
    return [
      name ?? `unknown fuse ${index}`,
      state === FuseState.ENABLE ? true : state === FuseState.DISABLE ? false : state,
    ];
  });
  const decided = Object.entries(fusesFor('linux')).map(([index, on]) => [FuseV1Options[Number(index)], on]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(decided));
});

test('the program is no Node: neither by ELECTRON_RUN_AS_NODE nor by what NODE_OPTIONS wants to be loaded', async () => {
  const canary = join(scratch, 'canary');
  // As Node, "help" would be a script in this folder; to the app it is a command.
  await writeFile(join(scratch, 'help'), `require('node:fs').writeFileSync(${JSON.stringify(canary)}, '')`);
  const asNode = { ELECTRON_RUN_AS_NODE: '1' };
  expect(await runPackaged(program, ['help'], { cwd: scratch, env: asNode })).toMatchObject({
    code: 0,
    out: expect.stringContaining('Usage: tallylight'),
  });
  const loaded = { NODE_OPTIONS: `--require=${join(scratch, 'help')}` };
  expect((await runPackaged(program, ['help'], { cwd: scratch, env: loaded })).code).toBe(0);
  expect(await exists(canary)).toBe(false);
  // The same Electron before its fuses were set.
  await watchProgram(electronBinary(), ['help'], appEnvironment(asNode), scratch).ended;
  expect(await exists(canary)).toBe(true);
});

test('nothing but the archive is loaded as the app', async () => {
  const canary = join(scratch, 'canary');
  const resources = join(folder, 'resources');
  const planted = join(resources, 'app');
  await mkdir(planted);
  await writeFile(join(planted, 'package.json'), JSON.stringify({ name: 'planted', main: 'index.js' }));
  await writeFile(
    join(planted, 'index.js'),
    `require('node:fs').writeFileSync(${JSON.stringify(canary)}, ''); process.exit(0);`,
  );
  try {
    expect((await runPackaged(program, ['help'])).out).toContain('Usage: tallylight');
    // And not in its place either.
    await rename(join(resources, 'app.asar'), join(scratch, 'app.asar'));
    try {
      expect((await runPackaged(program, ['help'])).code).not.toBe(0);
    } finally {
      await rename(join(scratch, 'app.asar'), join(resources, 'app.asar'));
    }
    expect(await exists(canary)).toBe(false);
    expect(await readdir(resources)).not.toContain('default_app.asar');
  } finally {
    await rm(planted, { recursive: true });
  }
});

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
  });

test('dangerous switches are refused in a sentence, before there is a profile, a window or a port', async () => {
  const port = await freePort();
  const profile = join(scratch, 'profile');
  for (const arg of [
    `--remote-debugging-port=${port}`,
    '--remote-debugging-pipe',
    `--inspect=${port}`,
    `-inspect-brk=${port}`,
    '--js-flags=--expose-gc',
    '--load-extension=/tmp',
    '--disable-web-security',
    '--ignore-certificate-errors',
  ]) {
    const running = watchProgram(
      program,
      [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), `--user-data-dir=${profile}`, arg],
      appEnvironment(),
    );
    const ended = running.ended.then((end) => ({ ...end, over: true as const }));
    const connected: boolean[] = [];
    // As often as it can be asked, until the program is gone.
    const look = async (): Promise<{ over: false }> => {
      connected.push(await canConnect(port));
      return { over: false };
    };
    let last: Awaited<typeof ended> | { over: false } = { over: false };
    while (!last.over) last = await Promise.race([ended, look()]);
    const { code, out, err } = last;
    const name = arg.replace(/^--?/, '').split('=')[0];
    expect
      .soft({ arg, code, out, connected: connected.includes(true) })
      .toEqual({ arg, code: 2, out: '', connected: false });
    expect.soft(err).toMatch(new RegExp(`^Tallylight does not start with --${name}: .*\\.$`, 'm'));
  }
  // Chromium makes the folder before any of our code; nothing of a profile is in it.
  expect(await readdir(profile).catch(() => [])).toEqual([]);
});

test('only root may go without the sandbox', async () => {
  const prepared = await commandAsNobody(program, ['--no-sandbox', 'help']);
  test.skip(prepared === undefined, 'No unprivileged user can be used on this machine.');
  if (prepared === undefined) return;
  const plain = await watchProgram(prepared.command, prepared.args, appEnvironment()).ended;
  expect(plain).toMatchObject({ code: 2, err: expect.stringContaining('does not start with --no-sandbox:') });
  const args = prepared.args.filter((arg) => arg !== '--no-sandbox');
  const byVariable = await watchProgram(prepared.command, args, appEnvironment({ ELECTRON_DISABLE_SANDBOX: '1' }))
    .ended;
  expect(byVariable).toMatchObject({ code: 2, err: expect.stringContaining('ELECTRON_DISABLE_SANDBOX') });
  await rm(prepared.home, { recursive: true, force: true });
});

test('the licences of everything that is in it lie beside it', async () => {
  expect(await readdir(folder)).toEqual(
    expect.arrayContaining(['LICENSE.electron.txt', 'LICENSES.chromium.html', 'ffmpeg-notice.txt', 'licenses']),
  );
  const licence = (name: string) => readFile(join(folder, 'licenses', name), 'utf8');
  expect(await licence('GPL-3.0.txt')).toContain('GNU GENERAL PUBLIC LICENSE\n                       Version 3');
  expect(await licence('main.md')).toMatch(/^## fastify - .* \(MIT\)$/m);
  expect(await licence('window.md')).toMatch(/^## react - .* \(MIT\)$/m);
});

/** What the window shows; the picture is kept with the results. */
function look(name: string): Promise<ScreenPicture> {
  return pictureOfScreen(shown, { path: test.info().outputPath(`${name}.png`), ...WINDOW_PIXELS });
}

/** Opens the recording in the library with a mouse and sees it move: nothing else drives the window of a packaged app. */
async function playInLibrary(): Promise<void> {
  const widthOfPicture = async (name: string) => (await look(name)).camera?.width ?? 0;
  // The picture of one's own camera, large in the lobby.
  await expect.poll(() => widthOfPicture('lobby again')).toBeGreaterThan(500);
  await clickAt(shown, LIBRARY_BUTTON.x, LIBRARY_BUTTON.y);
  await expect.poll(() => widthOfPicture('library')).toBeLessThan(400);
  await expect.poll(() => widthOfPicture('library')).toBeGreaterThan(50);
  const { camera: poster } = await look('library');
  if (poster === null) throw new Error('The recording has no picture in the library.');
  await clickAt(shown, poster.x + 20, poster.y + 20);
  // The player is there when the poster is gone; its first picture may still be the name of who has no camera yet.
  await expect.poll(() => widthOfPicture('player')).not.toBe(poster.width);
  await clickAt(shown, PLAYER_PICTURE.x, PLAYER_PICTURE.y);
  const seen = new Set<string>();
  await expect
    .poll(
      async () => {
        const { camera, figure } = await look('playing');
        if (camera !== null && camera.width > poster.width) seen.add(figure);
        return seen.size;
      },
      { intervals: [100] },
    )
    .toBeGreaterThanOrEqual(5);
}

async function smoke({ control, profile, pid }: PackagedApp): Promise<void> {
  // Text, buttons and the picture of the camera have many colours.
  await expect.poll(async () => (await look('lobby')).colours, { timeout: 20_000 }).toBeGreaterThan(300);
  // To a Node this signal says: open the inspector.
  process.kill(pid, 'SIGUSR1');
  expect(await control.data('health')).toMatchObject({ status: 'ok' });
  expect(await listeningPorts(profile)).toEqual([{ address: '0100007F', port: control.port }]);

  const { callId } = await control.data('createCall', { body: { title: 'Smoke' } });
  await expect.poll(async () => (await look('call')).camera?.width ?? 0, { timeout: 20_000 }).toBeGreaterThan(900);
  const { id: recordingId } = await control.data('startRecording', { params: { callId } });
  const recording = () => control.data('getRecording', { params: { callId, recordingId } });
  await expect.poll(async () => (await recording()).duration, { timeout: 20_000 }).toBeGreaterThanOrEqual(RECORDED_MS);
  expect((await recording()).health).toEqual({ kind: 'ok' });
  await look('call');
  await control.data('stopRecording', { params: { callId } });
  await expect.poll(async () => (await recording()).status, { timeout: 30_000 }).toBe('completed');
  const { outputPath, duration, error, notes } = await recording();
  expect({ error, notes }).toEqual({ error: null, notes: [] });
  if (outputPath === null) throw new Error('A completed recording has no file.');

  expect(await decodeComplaints(outputPath)).toBe('');
  expect(duration).toBeGreaterThanOrEqual(RECORDED_MS);
  const frames = await frameBrightness(outputPath);
  expect(Math.abs((frames.at(-1)?.atMs ?? 0) - duration)).toBeLessThan(500);
  expect(frames.length).toBeGreaterThan((RECORDED_MS / 1000) * 15);
  // Chromium's fake camera is green with a clock, its fake microphone beeps.
  expect(Math.min(...frames.map(({ level }) => level))).toBeGreaterThan(20);
  const { samples } = await decodeSound(outputPath);
  expect(samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0)).toBeGreaterThan(0.05);
  await control.data('endCall', { params: { callId } });
  await playInLibrary();
}

test('the packaged app opens its lobby, records a call of one person and finishes a file that plays', async () => {
  test.skip(shown === '', 'There is no Xvfb on this machine.');
  const app = await startPackaged(program, { display: shown });
  if (app === undefined) throw new Error('The packaged app cannot be started.');
  try {
    await smoke(app);
  } finally {
    expect(await app.close()).toBe(0);
  }
});

test('it does so as an unprivileged user as well, in the system sandbox', async () => {
  test.skip(shown === '', 'There is no Xvfb on this machine.');
  const app = await startPackaged(program, { display: shown, asNobody: true });
  test.skip(app === undefined, 'No unprivileged user can be used on this machine.');
  if (app === undefined) return;
  try {
    await smoke(app);
    // Seccomp 2: system calls are filtered; NoNewPrivs 1: no way back to more.
    expect(await renderersOf(app.profile)).toEqual([
      { user: expect.not.stringMatching(/^0$/), seccomp: '2', noNewPrivileges: '1', switchedOff: false },
    ]);
  } finally {
    expect(await app.close()).toBe(0);
  }
});
