import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, errors, type ElectronApplication, type Page } from 'playwright';
import type { SettingsPatch } from '../../contract/settings.ts';

const repository = join(import.meta.dirname, '..', '..');

/** The app ends itself in order on SIGTERM within 4 s; what is still there after this long is killed. */
const QUIT_LIMIT_MS = 8_000;

/** On an overloaded machine an app is there after eight seconds. */
const LAUNCH_LIMIT_MS = 20_000;

/** How a process ended: one of the two is null. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null };

/** A running app and its window. */
export type LaunchedApp = {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Folder of this app's profile. */
  readonly profile: string;
  /** Process id of the main process. */
  readonly pid: number;
  /** Resolves when the main process is gone, whoever ended it. */
  readonly ended: Promise<Ending>;
  /** Ends the app in order, then by force; removes a profile that was made here unless it is to be kept. */
  close(options?: { keepProfile?: boolean }): Promise<void>;
};

/** How an app is launched; every field may be left out. */
export type LaunchOptions = {
  /** Folder of the profile; without it a new one is made and removed at the end. */
  profile?: string;
  /** Written into the profile before the app starts. */
  settings?: SettingsPatch;
  /** More command-line switches or links. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
};

/** The Electron binary that set-up chose. */
export function electronBinary(): string {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (folder === undefined || folder === '') {
    throw new Error('ELECTRON_OVERRIDE_DIST_PATH is not set: start this by its npm command, which finds an Electron.');
  }
  return join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron');
}

/** The environment of this process without what would turn the binary into something else, and with more on top. */
export function appEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== 'ELECTRON_RUN_AS_NODE',
  );
  return { ...Object.fromEntries(inherited), ...more };
}

/** Switches that every launched app gets: its own profile, Chromium's fake camera and microphone. */
export function appSwitches(profile: string): string[] {
  return [
    // Chromium refuses to run its sandbox as root; a test machine may have no other user.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    `--user-data-dir=${profile}`,
    // Not the fake permission UI: the app's own permission handler answers, as it does for people.
    '--use-fake-device-for-media-stream=fps=30',
  ];
}

/** Starts the built app on fake devices and waits for its window. */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), 'tallylight-profile-')));
  if (options.settings) {
    await mkdir(profile, { recursive: true });
    await writeFile(join(profile, 'settings.json'), JSON.stringify(options.settings));
  }
  const app = await launchTwice({
    executablePath: electronBinary(),
    args: [...appSwitches(profile), repository, ...(options.args ?? [])],
    env: appEnvironment(options.env),
    timeout: LAUNCH_LIMIT_MS,
  });
  const child = app.process();
  const { pid } = child;
  if (pid === undefined) throw new Error('The app has no process.');
  const ended = new Promise<Ending>((resolve) => {
    if (hasEnded(child)) resolve({ code: child.exitCode, signal: child.signalCode });
    else child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const page = await app.firstWindow();
  await page.waitForLoadState('load');
  return {
    app,
    page,
    profile,
    pid,
    ended,
    async close({ keepProfile = options.profile !== undefined } = {}) {
      await quit(child);
      if (!keepProfile) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Launches, and once more when Playwright does not come to its app: in two of about eighty launches on an overloaded machine the app
 * ran and both of its debuggers were connected, and Playwright waited all the same. It kills what it waited for.
 */
async function launchTwice(options: Parameters<typeof _electron.launch>[0]): Promise<ElectronApplication> {
  try {
    return await _electron.launch(options);
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    return _electron.launch(options);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function quit(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), QUIT_LIMIT_MS);
  await gone;
  clearTimeout(force);
}
