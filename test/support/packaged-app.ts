import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CONTROL_FILE, controlFileSchema } from '../../contract/control.ts';
import { appEnvironment, electronBinary } from '../../scripts/demo/app-process.ts';
import { packageApp } from '../../scripts/package-app.mjs';
import { exclusively } from '../../scripts/setup/exclusive.mjs';
import { commandAsNobody } from '../../scripts/setup/run-as-nobody.mjs';
import { controlClient, type ControlClient } from './control-client.ts';
import { watchProgram, type EndedCli } from './run-cli.ts';

const cache = join(import.meta.dirname, '..', '..', '.cache');
const isRoot = process.getuid?.() === 0;

/** On an overloaded machine an app is there after eight seconds. */
const START_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Packages the built app with the Electron at hand; answers with its folder. Linux only, as the tests that use it. */
export async function packageForTests(): Promise<string> {
  const folder = join(electronBinary(), '..');
  const version = (await readFile(join(folder, 'version'), 'utf8')).trim().replace(/^v/, '');
  const outputFolder = join(cache, 'packaged');
  await exclusively('package', async () => {
    await rm(outputFolder, { recursive: true, force: true });
    const { code, output } = await packageApp(
      { electron: { folder, version }, env: appEnvironment() },
      { target: ['--linux', 'dir'], outputFolder, showOutput: false },
    );
    if (code !== 0) throw new Error(`electron-builder ended with ${code}:\n${output.slice(-3000)}`);
  });
  await chmod(outputFolder, 0o755);
  return join(outputFolder, process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);
}

/** Runs the packaged program to its end; as root without the sandbox, which it would refuse. */
export function runPackaged(
  program: string,
  args: readonly string[],
  { env = {}, cwd = process.cwd() }: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<EndedCli> {
  return watchProgram(program, [...(isRoot ? ['--no-sandbox'] : []), ...args], appEnvironment(env), cwd).ended;
}

/** A packaged app that runs, and the control API to it. */
export type PackagedApp = {
  pid: number;
  profile: string;
  recordings: string;
  control: ControlClient;
  /** Ends it in order; answers with its exit code. Removes what it left unless it did not end. */
  close(): Promise<number | null>;
};

/**
 * Starts the packaged app on a display that asks for no key, with fake devices and its control API; `asNobody`: as an unprivileged user, with the sandbox on
 * (undefined where there is none).
 */
export async function startPackaged(
  program: string,
  { display, asNobody = false }: { display: string; asNobody?: boolean },
): Promise<PackagedApp | undefined> {
  const plain = async () => ({
    command: program,
    args: isRoot ? ['--no-sandbox'] : [],
    home: await mkdtemp(join(tmpdir(), 'tallylight-packaged-')),
  });
  const prepared = asNobody ? await commandAsNobody(program, []) : await plain();
  if (prepared === undefined) return undefined;
  const { command, args, home } = prepared;
  const profile = join(home, 'profile');
  const recordings = join(home, 'recordings');
  await mkdir(profile);
  await writeFile(join(profile, 'settings.json'), JSON.stringify({ displayName: 'Ana', recordingsFolder: recordings }));
  // In the corner of the screen, where the picture of it is looked at.
  await writeFile(
    join(profile, 'window.json'),
    JSON.stringify({ bounds: { x: 0, y: 0, width: 1180, height: 760 }, maximized: false }),
  );
  const { uid, gid } = await stat(home);
  for (const path of [profile, join(profile, 'settings.json'), join(profile, 'window.json')])
    await chown(path, uid, gid);
  const child = spawn(
    command,
    [...args, `--user-data-dir=${profile}`, '--use-fake-device-for-media-stream=fps=30', '--control-port=0'],
    // A group of its own: the user's part is a child of what changes the user.
    { env: appEnvironment({ DISPLAY: display }), stdio: 'ignore', detached: true },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    const { pid, ...door } = await controlFile(join(profile, CONTROL_FILE), child);
    const control = controlClient(door);
    return {
      pid,
      profile,
      recordings,
      control,
      async close() {
        control.close();
        // The app itself, which root may signal whoever it belongs to.
        process.kill(pid, 'SIGTERM');
        const code = await Promise.race([ended, wait(15_000, 'late' as const, { ref: false })]);
        if (code === 'late') {
          killGroup(child);
          await ended;
        }
        await rm(home, { recursive: true, force: true, maxRetries: 5 });
        return code === 'late' ? null : code;
      },
    };
  } catch (error) {
    killGroup(child);
    await ended;
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    process.kill(-child.pid, 'SIGKILL');
}

async function controlFile(path: string, child: ChildProcess) {
  const giveUpAtMs = performance.now() + START_LIMIT_MS;
  while (performance.now() < giveUpAtMs) {
    if (child.exitCode !== null) throw new Error(`The packaged app ended with ${child.exitCode}.`);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return controlFileSchema.parse(JSON.parse(text));
    await wait(LOOK_EVERY_MS);
  }
  throw new Error('The packaged app was started and wrote no control.json.');
}
