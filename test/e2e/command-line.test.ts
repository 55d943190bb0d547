import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { controlRoutes } from '../../contract/control-routes.ts';
import { CONTROL_FILE, controlFileSchema } from '../../contract/control.ts';
import { appEnvironment, electronBinary, launchApp } from '../../scripts/demo/app-process.ts';
import { isAlive } from '../../main/control/is-alive.ts';
import { watchProgram, type RunningCli } from '../support/run-cli.ts';

const repository = join(import.meta.dirname, '..', '..');

let folder = '';
let profile = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-command-'));
  profile = join(folder, 'profile');
});
test.afterEach(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const ownFolder = () => ({ recordingsFolder: join(folder, 'recordings') });

/** The app's program with these arguments; without a display unless one is asked for. */
function program(args: readonly string[], { display = false } = {}): RunningCli {
  const env = appEnvironment({ HOME: folder, XDG_CONFIG_HOME: folder });
  if (!display) {
    delete env['DISPLAY'];
    delete env['WAYLAND_DISPLAY'];
  }
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return watchProgram(electronBinary(), [...sandbox, repository, ...args], env);
}
const run = (...args: string[]) => program(args).ended;
const ask = (...args: string[]) => run(...args, '--profile', profile);

test('a command needs no display, makes no profile, and says on stdout only what is its own', async () => {
  const status = await run('status', '--json');
  expect(status.code).toBe(3);
  expect(JSON.parse(status.out)).toMatchObject({ success: false, error: { code: 'APP_NOT_RUNNING' } });
  expect(await run('record', 'begin')).toMatchObject({ code: 2, out: '' });
  expect(await run('help', 'export')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Usage: tallylight export'),
  });
  expect(await run('start')).toMatchObject({ code: 3, out: '', err: expect.stringContaining('no display') });
  expect(await run('--control-port=65536')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('65535') });
  expect(await readdir(folder)).toEqual([]);
});

test('the app answers commands while it runs, and a command neither raises nor disturbs it', async () => {
  const running = await launchApp({ profile, settings: ownFolder(), args: ['--control-port=0'] });
  try {
    const instances = await running.app.evaluateHandle(({ app }) => {
      const seen = { count: 0 };
      app.on('second-instance', () => (seen.count += 1));
      return seen;
    });
    const started = await ask('start', '--title', 'Monday', '--name', 'Ana', '--json');
    expect(started.code).toBe(0);
    const call = controlRoutes.createCall.data.parse(JSON.parse(started.out));
    expect(await ask('start')).toMatchObject({ code: 1, out: '' });

    expect(await ask('record', 'start')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Recording: \S{36}\n$/),
    });
    // The page captures what a program started: its bytes reach the disk.
    await expect
      .poll(async () => controlRoutes.listCalls.data.parse(JSON.parse((await ask('status', '--json')).out)), {
        timeout: 20_000,
      })
      .toMatchObject({ calls: [{ callId: call.callId, recording: { health: { kind: 'ok' } } }] });
    expect(await ask('record', 'mark', '--name', 'Good')).toMatchObject({ code: 0 });

    const events = program(['events', '--json', '--verbose', '--profile', profile]);
    await events.until(({ err }) => err.includes('Listening.'));
    expect(await ask('record', 'stop')).toMatchObject({ code: 0 });
    await events.until(({ out }) => out.includes('recordingCompleted'));
    events.child.kill('SIGINT');
    expect((await events.ended).code).toBe(130);

    const list = await ask('list', '--json');
    const { recordings } = controlRoutes.listRecordings.data.parse(JSON.parse(list.out));
    expect(recordings).toMatchObject([{ title: 'Monday', status: 'completed', markers: [{ name: 'Good' }] }]);
    const out = join(folder, 'monday.mp4');
    expect(await ask('export', recordings[0]?.id ?? '', '--out', out)).toMatchObject({ code: 0 });
    expect((await readFile(out)).equals(await readFile(recordings[0]?.outputPath ?? ''))).toBe(true);
    expect(await ask('end')).toMatchObject({ code: 0 });
    expect(await instances.evaluate(({ count }) => count)).toBe(0);
  } finally {
    await running.close();
  }
  expect((await ask('status')).code).toBe(3);
});

test('start opens the app, which stays when the command has ended', async () => {
  const started = await program(['start', '--profile', profile], { display: true }).ended;
  expect(started).toMatchObject({ code: 0, out: expect.stringMatching(/^tallylight:\/\/join\/\S+\n$/) });
  const { pid } = controlFileSchema.parse(JSON.parse(await readFile(join(profile, CONTROL_FILE), 'utf8')));
  expect(isAlive(pid)).toBe(true);
  expect(await ask('end')).toMatchObject({ code: 0 });
  process.kill(pid, 'SIGTERM');
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
});

test('an app whose control API is off is said to be on, and goes on', async () => {
  const running = await launchApp({ profile, settings: ownFolder() });
  try {
    const started = await program(['start', '--profile', profile], { display: true }).ended;
    expect(started).toMatchObject({ code: 3, out: '', err: expect.stringContaining('its control API is off') });
    expect(await running.page.title()).toBe('Tallylight');
  } finally {
    await running.close();
  }
});
