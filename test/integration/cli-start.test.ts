import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONTROL_FILE, controlFileSchema } from '../../contract/control.ts';
import { runCli, type CliPorts } from '../../main/cli/run-cli.ts';
import { isAlive } from '../../main/control/is-alive.ts';
import { writeControl } from '../support/scripted-control.ts';

const app = fileURLToPath(new URL('../support/scripted-app.ts', import.meta.url));

let profile = '';
beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'tallylight-start-'));
});
afterEach(async () => {
  const pid = await startedPid();
  if (pid !== null && pid !== process.pid) process.kill(pid);
  await rm(profile, { recursive: true, force: true });
});

async function startedPid(): Promise<number | null> {
  const text = await readFile(join(profile, CONTROL_FILE), 'utf8').catch(() => null);
  return text === null ? null : controlFileSchema.parse(JSON.parse(text)).pid;
}

/** Runs "start" where opening the app means this. */
async function start(launch: CliPorts['launch'], signal = new AbortController().signal) {
  const said = { out: '', err: '' };
  const code = await runCli(['start'], {
    version: '0.0.0',
    cwd: profile,
    profileFolder: profile,
    uid: process.getuid?.() ?? null,
    isAlive,
    launch,
    out: async (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    progress: null,
    signal,
  });
  return { code, ...said };
}

const launching = (how: string) => () => ({
  command: process.execPath,
  args: [app, profile, how],
  environment: process.env,
});

describe('start without a running app', () => {
  test('opens it, waits until it can be asked, and leaves it running', async () => {
    const { code, out, err } = await start(launching('runs'));
    expect({ code, out, err }).toEqual({ code: 0, out: 'tallylight://join/started\n', err: '' });
    const pid = await startedPid();
    expect(pid !== null && isAlive(pid)).toBe(true);
  });

  test('asks the one that it opened before', async () => {
    await start(launching('runs'));
    const again = await start(() => {
      throw new Error('must not be opened twice');
    });
    expect(again).toEqual({ code: 0, out: 'tallylight://join/started\n', err: '' });
  });

  test('takes a control.json that is left behind for nothing', async () => {
    await writeControl(profile, { port: 1, pid: 2 ** 22 + 1 });
    expect(await start(launching('runs'))).toMatchObject({ code: 0 });
  });

  test('says that the control API is off when the app was running all along', async () => {
    expect(await start(launching('off'))).toEqual({
      code: 3,
      out: '',
      err: expect.stringContaining('Tallylight is running, but its control API is off.'),
    });
  });

  test('says that it did not start, or is not there', async () => {
    expect(await start(launching('fails'))).toMatchObject({ code: 3, err: expect.stringContaining('ended with 7') });
    const missing = () => ({ command: join(profile, 'none'), args: [], environment: process.env });
    expect(await start(missing)).toMatchObject({ code: 3, err: expect.stringContaining('could not be started') });
    const nowhere = () => ({ impossible: 'There is no display.' });
    expect(await start(nowhere)).toEqual({ code: 3, out: '', err: 'There is no display.\n' });
  });

  test('is given up by Ctrl+C', async () => {
    const abort = new AbortController();
    const hanging = () => {
      setImmediate(() => abort.abort());
      return { command: process.execPath, args: ['-e', 'setTimeout(() => {}, 3000)'], environment: process.env };
    };
    expect(await start(hanging, abort.signal)).toEqual({ code: 130, out: '', err: '' });
  });
});
