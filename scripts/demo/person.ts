import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import type { Settings } from '../../contract/settings.ts';

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export type PersonOptions = {
  name: string;
  /** Settings that differ from the defaults; written into the new profile before the app starts. */
  settings: Partial<Settings>;
  /** Fake device files; null means Chromium's own moving picture and beep. */
  video: string | null;
  audio: string | null;
};

/** One app process with a profile of its own, driven through its window. */
export type Person = {
  name: string;
  app: ElectronApplication;
  page: Page;
  profile: string;
  /** Process id of the app's main process. */
  pid: number;
  /** Ends the app and removes its profile unless it is to be kept. */
  close(options: { keepProfile: boolean }): Promise<void>;
};

/** Chromium's switches for a camera and a microphone that need no hardware and no question. */
function fakeDeviceSwitches(video: string | null, audio: string | null): string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream=fps=30',
    ...(video === null ? [] : [`--use-file-for-fake-video-capture=${video}`]),
    ...(audio === null ? [] : [`--use-file-for-fake-audio-capture=${audio}`]),
  ];
}

function electronBinary(): string {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (folder === undefined)
    throw new Error('ELECTRON_OVERRIDE_DIST_PATH is not set; start the demo with `npm run demo`');
  return join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron');
}

/** Starts the built app for one person and waits for its lobby. */
export async function launchPerson(options: PersonOptions): Promise<Person> {
  const profile = await mkdtemp(join(tmpdir(), 'tallylight-demo-profile-'));
  await mkdir(profile, { recursive: true });
  await writeFile(join(profile, 'settings.json'), JSON.stringify({ displayName: options.name, ...options.settings }));
  const app = await _electron.launch({
    executablePath: electronBinary(),
    cwd: repositoryRoot,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${profile}`,
      ...fakeDeviceSwitches(options.video, options.audio),
      repositoryRoot,
    ],
    timeout: 30_000,
  });
  const page = await app.firstWindow();
  await page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
  const pid = app.process().pid ?? 0;
  return {
    name: options.name,
    app,
    page,
    profile,
    pid,
    async close({ keepProfile }) {
      await closeApp(app);
      if (!keepProfile) await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Closes the app the way a quit does; an app that does not end within 15 s is killed, and that is an error. */
async function closeApp(app: ElectronApplication): Promise<void> {
  const child = app.process();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  try {
    await app.close();
  } finally {
    clearTimeout(killer);
  }
}
