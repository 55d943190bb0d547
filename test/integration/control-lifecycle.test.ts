import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controlFileSchema, type ControlStatus } from '../../contract/control.ts';
import { controlClient } from '../support/control-client.ts';
import { startControlRig, type ControlRig, type RigOptions } from '../support/control-rig.ts';
import { holdRequests } from '../support/held-requests.ts';

let folder: string;
let rigs: ControlRig[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-profile-'));
  rigs = [];
});
afterEach(async () => {
  for (const rig of rigs) await rig.close();
  await rm(folder, { recursive: true, force: true });
});

const start = async (options: RigOptions = {}): Promise<ControlRig> => {
  const rig = await startControlRig({ profileFolder: folder, ...options });
  rigs.push(rig);
  return rig;
};
const file = (): string => join(folder, 'control.json');
const contents = async (): Promise<unknown> => JSON.parse(await readFile(file(), 'utf8'));
const left = async (): Promise<string[]> => readdir(folder);

/** Takes a port of the loopback. */
async function takePort(): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    port: address.port,
    free: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

describe('turning the control API on and off', () => {
  it('is off by default and leaves nothing behind', async () => {
    const rig = await start({ enabled: false });
    expect(rig.control.status()).toEqual({ state: 'off', port: null, file: null, error: null, byArgument: false });
    expect(rig.control.ownerToken()).toBe('');
    expect(await left()).toEqual([]);
  });

  it('tells programs where it is by a file that only its owner may read', async () => {
    const rig = await start();
    const { port, token, pid } = controlFileSchema.parse(await contents());
    expect({ port, token, pid }).toEqual({ port: rig.port(), token: rig.control.ownerToken(), pid: process.pid });
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(rig.control.status()).toEqual({ state: 'on', port, file: file(), error: null, byArgument: false });
    expect(await left()).toEqual(['control.json']);
    const client = controlClient({ port, token });
    expect((await client.ask('listCalls')).status).toBe(200);
    client.close();
  });

  it('follows the settings, the last change first', async () => {
    const rig = await start();
    const states: ControlStatus['state'][] = [];
    rig.control.subscribe(({ state }) => states.push(state));
    const taken = await takePort();
    await taken.free();
    const changes: Promise<void>[] = [];
    for (const [controlEnabled, controlPort] of [
      [false, 0],
      [true, 0],
      [false, 0],
      [true, taken.port],
    ] as const) {
      Object.assign(rig.settings, { controlEnabled, controlPort });
      changes.push(rig.control.apply());
    }
    await Promise.all(changes);
    expect(rig.port()).toBe(taken.port);
    expect(states).toEqual(['off', 'starting', 'on']);
    expect(await contents()).toMatchObject({ port: taken.port });
    rig.settings.controlEnabled = false;
    await rig.control.apply();
    expect(rig.control.status().state).toBe('off');
    expect(await left()).toEqual([]);
  });

  it('stays as it is when other settings change', async () => {
    const rig = await start();
    const before = [rig.port(), rig.control.ownerToken()];
    await rig.control.apply();
    expect([rig.port(), rig.control.ownerToken()]).toEqual(before);
  });

  it('has another token each time it is turned on', async () => {
    const rig = await start();
    const first = rig.control.ownerToken();
    rig.settings.controlEnabled = false;
    await rig.control.apply();
    rig.settings.controlEnabled = true;
    await rig.control.apply();
    expect(rig.control.ownerToken()).not.toBe(first);
    expect((await rig.client(first).ask('listCalls')).status).toBe(401);
  });

  it('is on for a run with --control-port, whatever the settings say', async () => {
    const rig = await start({ enabled: false, portArgument: 0 });
    expect(rig.control.status()).toMatchObject({ state: 'on', byArgument: true });
    const port = rig.port();
    rig.settings.controlPort = 1;
    await rig.control.apply();
    expect(rig.port()).toBe(port);
  });

  it('says that a port is taken, lets the app go on, and takes it once it is free', async () => {
    const taken = await takePort();
    const rig = await start({ port: taken.port });
    const { state, port, file: shown, error } = rig.control.status();
    expect([state, port, shown]).toEqual(['failed', null, null]);
    expect(error).toMatchObject({ code: 'CONTROL_PORT_TAKEN', details: { port: taken.port } });
    expect(error?.message).toContain(String(taken.port));
    expect(rig.logged).toHaveLength(1);
    expect(await left()).toEqual([]);
    await taken.free();
    await rig.control.apply();
    expect(rig.port()).toBe(taken.port);
  });

  it('says on the terminal why a port of --control-port was not to be had, and nothing there of a port of the settings', async () => {
    const taken = await takePort();
    const rig = await start({ enabled: false, portArgument: taken.port });
    expect(rig.told).toEqual([expect.stringContaining(`Port ${taken.port} is in use by another program.`)]);
    const other = await start({ port: taken.port });
    expect(other.control.status().state).toBe('failed');
    expect(other.told).toEqual([]);
    await taken.free();
  });

  it('is off and not failed once nobody wants the port that was taken', async () => {
    const taken = await takePort();
    const rig = await start({ port: taken.port });
    rig.settings.controlEnabled = false;
    await rig.control.apply();
    expect(rig.control.status()).toMatchObject({ state: 'off', error: null });
    await taken.free();
  });

  it('does not stay open where programs could not find it', async () => {
    await mkdir(file());
    const rig = await start();
    expect(rig.control.status()).toMatchObject({ state: 'failed', error: { code: 'FOLDER_UNWRITABLE' } });
    expect(await left()).toEqual(['control.json']);
    await rm(file(), { recursive: true });
    await rig.control.apply();
    expect(rig.control.status().state).toBe('on');
  });

  it('does not open again after it was closed', async () => {
    const rig = await start();
    const port = rig.port();
    await Promise.all([rig.control.close(), rig.control.apply()]);
    expect(rig.control.status().state).toBe('off');
    const client = controlClient({ port, token: null });
    await expect(client.ask('health')).rejects.toThrow('ECONNREFUSED');
    client.close();
    expect(await left()).toEqual([]);
  });

  it('lets an open request finish when it is closed', async () => {
    const rig = await start();
    const held = holdRequests(rig.world);
    const asked = rig.client().ask('getCall', { params: { callId: rig.world.callId } });
    await held.begun;
    const over = rig.control.close();
    held.finish();
    expect((await asked).status).toBe(200);
    await over;
  });

  it('does not wait for a request that takes longer than closing may', async () => {
    const rig = await start({ limits: { closeMs: 50 } });
    const held = holdRequests(rig.world);
    const asked = rig.client().ask('getCall', { params: { callId: rig.world.callId } });
    const refused = expect(asked).rejects.toThrow();
    await held.begun;
    await rig.control.close();
    await refused;
  });

  it('writes the new token into the file when there is one', async () => {
    const rig = await start();
    const status = await rig.control.renewToken();
    expect(status.state).toBe('on');
    expect(await contents()).toEqual({ port: rig.port(), token: rig.control.ownerToken(), pid: process.pid });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    await rig.control.close();
    expect(await left()).toEqual([]);
  });

  it('has no new token while it is off', async () => {
    const rig = await start({ enabled: false });
    await expect(rig.control.renewToken()).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the file of the control API', () => {
  const stale = { port: 4000, token: 'x'.repeat(43), pid: 999_999_999 };

  it('replaces what a run that was killed left', async () => {
    await writeFile(file(), JSON.stringify(stale), { mode: 0o644 });
    await writeFile(join(folder, '.control.json-1.tmp'), '{');
    const rig = await start({ alive: () => false });
    expect(await contents()).toMatchObject({ port: rig.port() });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await left()).toEqual(['control.json']);
  });

  it('goes as well when the API is off and its process is gone', async () => {
    await writeFile(file(), JSON.stringify(stale));
    await start({ enabled: false, alive: () => false });
    expect(await left()).toEqual([]);
  });

  it('stays when its process lives', async () => {
    await writeFile(file(), JSON.stringify(stale));
    await start({ enabled: false, alive: (pid) => pid === stale.pid });
    expect(await left()).toEqual(['control.json']);
  });

  it('is not removed at the end when it is of somebody else by then', async () => {
    const rig = await start();
    await writeFile(file(), JSON.stringify(stale));
    await rig.control.close();
    expect(await contents()).toEqual(stale);
  });

  it('is written in place of a link and never through it', async () => {
    const elsewhere = join(folder, 'elsewhere.txt');
    await writeFile(elsewhere, 'mine');
    await chmod(elsewhere, 0o644);
    await symlink(elsewhere, file());
    const rig = await start();
    expect((await lstat(file())).isFile()).toBe(true);
    expect(await readFile(elsewhere, 'utf8')).toBe('mine');
    await rig.control.close();
    expect(await left()).toEqual(['elsewhere.txt']);
  });
});
