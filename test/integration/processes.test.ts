import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemProcesses } from '../../main/media/system-processes.ts';
import { makeTestFolder, writeFakeFfmpeg } from '../support/ffmpeg-fixtures.ts';

let folder: Awaited<ReturnType<typeof makeTestFolder>>;
beforeAll(async () => {
  folder = await makeTestFolder();
});
afterAll(() => folder.remove());

/** Starts an app of its own that starts the program; tells who the program is and who its child is. */
async function startApp(program: string, end: 'waits' | 'exits' | 'throws') {
  const script = fileURLToPath(new URL('../support/ffmpeg-owner.ts', import.meta.url));
  const app = spawn(process.execPath, [script, program, end], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: app.stdout })[Symbol.asyncIterator]();
  const told: unknown = JSON.parse((await lines.next()).value ?? '{}');
  if (typeof told !== 'object' || told === null) throw new Error('The app told nothing.');
  const pid: unknown = Reflect.get(told, 'pid');
  const startedAt: unknown = Reflect.get(told, 'startedAt');
  if (typeof pid !== 'number' || typeof startedAt !== 'string') throw new Error('The app told of no process.');
  return { app, identity: { pid, startedAt } };
}

// Neither it nor the child that it starts obeys; once its child is ready, it says so in a file.
const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send('ready')";
  const options = { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] };
  require('node:child_process').spawn(process.execPath, ['-e', script], options)
    .on('message', () => require('node:fs').writeFileSync(process.argv[1] + '.ready', ''));`;

async function isReady(program: string): Promise<void> {
  await expect.poll(() => existsSync(`${program}.ready`), { timeout: 20_000 }).toBe(true);
}

/** Not by a signal: where nobody asks how an orphan ended, its remains still have its pid. */
async function isThere(pid: number): Promise<boolean> {
  return (await systemProcesses.identityOf(pid)) !== null;
}

test('an orphan of an app that was killed is ended by what the app noted, with all that it started', async () => {
  const program = await writeFakeFfmpeg(folder.path, 'orphan', stubborn);
  const { app, identity } = await startApp(program, 'waits');
  await isReady(program);
  app.kill('SIGKILL');
  await once(app, 'exit');
  expect(await isThere(identity.pid)).toBe(true);
  expect(await systemProcesses.endTree(identity)).toEqual({ found: true, gone: true });
  expect(await systemProcesses.identityOf(identity.pid)).toBeNull();
  expect(await systemProcesses.endTree(identity)).toEqual({ found: false, gone: true });
});

test('what is left of an orphan that has gone itself is ended too', async () => {
  const program = await writeFakeFfmpeg(folder.path, 'leaves', stubborn);
  const { app, identity } = await startApp(program, 'waits');
  await isReady(program);
  app.kill('SIGKILL');
  await once(app, 'exit');
  process.kill(identity.pid, 'SIGKILL');
  await expect.poll(() => systemProcesses.identityOf(identity.pid)).toBeNull();
  expect(await systemProcesses.endTree(identity)).toEqual({ found: true, gone: true });
});

test('a process that only has the pid of an earlier one is let alone', async () => {
  const program = await writeFakeFfmpeg(folder.path, 'other', 'setInterval(() => {}, 1000)');
  const { app, identity } = await startApp(program, 'waits');
  const earlier = { ...identity, startedAt: `${identity.startedAt}0` };
  expect(await systemProcesses.endTree(earlier)).toEqual({ found: false, gone: true });
  expect(await isThere(identity.pid)).toBe(true);
  app.stdin.end();
  await expect.poll(() => isThere(identity.pid)).toBe(false);
});

test.runIf(process.platform === 'linux')('a process that this app never started is let alone', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  const identity = await systemProcesses.identityOf(stranger.pid ?? 0);
  if (identity === null) throw new Error('It was not found.');
  expect(await systemProcesses.endTree(identity)).toEqual({ found: false, gone: true });
  expect(await isThere(identity.pid)).toBe(true);
  stranger.kill('SIGKILL');
  await once(stranger, 'exit');
});

test.each([0, 1, -1, 1.5, Number.NaN, 2 ** 40])('%d names no process and nothing is sent to it', async (pid) => {
  expect(await systemProcesses.identityOf(pid)).toBeNull();
  expect(await systemProcesses.cpuMsOf(pid)).toBeNull();
  systemProcesses.signalTree(pid, 'SIGKILL');
  expect(await systemProcesses.endTree({ pid, startedAt: '' })).toEqual({ found: false, gone: true });
});

test.each(['exits', 'throws'] as const)('an app that %s leaves no program behind', async (end) => {
  const program = await writeFakeFfmpeg(folder.path, `left ${end}`, stubborn);
  const { app, identity } = await startApp(program, end);
  await isReady(program);
  app.stdin.end();
  await once(app, 'exit');
  await expect.poll(() => systemProcesses.endTree(identity)).toEqual({ found: false, gone: true });
});

test('the processor time of a tree grows while it computes', async () => {
  const program = await writeFakeFfmpeg(folder.path, 'computes', 'for (;;);');
  const { app, identity } = await startApp(program, 'exits');
  await expect.poll(() => systemProcesses.cpuMsOf(identity.pid), { timeout: 20_000 }).toBeGreaterThan(300);
  app.stdin.end();
  await once(app, 'exit');
});
