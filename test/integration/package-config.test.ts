import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Arch, Platform, build } from 'electron-builder';
import { afterAll, beforeAll, expect, test } from 'vitest';

// electron-builder checks the whole of electron-builder.yml by its schema and says what it would make; nothing is made.

const repository = join(import.meta.dirname, '..', '..');
let folder = '';
let appImageEntry = '';
let debEntry = '';
let debArguments: string[] = [];
let afterInstall = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-package-'));
  const prepackaged = join(folder, 'linux-unpacked');
  await mkdir(join(prepackaged, 'resources'), { recursive: true });
  await build({
    projectDir: repository,
    targets: Platform.LINUX.createTarget(['AppImage', 'deb'], Arch.x64),
    prepackaged,
    publish: 'never',
    config: { electronVersion: '45.0.0', directories: { output: join(folder, 'out') } },
    async effectiveOptionComputed(options: { desktop: string } | [string[], string]) {
      if (Array.isArray(options)) {
        debArguments = options[0];
        debEntry = await readFile(options[1], 'utf8');
        afterInstall = await readFile(debArguments[debArguments.indexOf('--after-install') + 1] ?? '', 'utf8');
      } else {
        appImageEntry = options.desktop;
      }
      // Enough is known.
      return true;
    },
  });
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('an installed app is entered in the menu, takes invite links and starts with no switch of ours', () => {
  expect(debEntry.split('\n')).toEqual(
    expect.arrayContaining([
      'Exec=/opt/Tallylight/tallylight %U',
      'MimeType=x-scheme-handler/tallylight;',
      'Categories=AudioVideo;Recorder;Network;VideoConference;',
      'StartupWMClass=tallylight',
    ]),
  );
});

test('an AppImage does not switch the sandbox off by itself, which the app would refuse', () => {
  expect(appImageEntry.split('\n')).toEqual(
    expect.arrayContaining(['Exec=AppRun %U', 'MimeType=x-scheme-handler/tallylight;']),
  );
});

test('a deb has its icons, and makes the sandbox work where the system forbids it to programs it does not know', () => {
  for (const size of ['16x16', '256x256', '512x512']) {
    expect(debArguments).toContainEqual(
      expect.stringMatching(
        new RegExp(`resources/icons/${size}.png=/usr/share/icons/hicolor/${size}/apps/tallylight.png$`),
      ),
    );
  }
  expect(afterInstall).toContain("chmod 4755 '/opt/Tallylight/chrome-sandbox'");
  expect(afterInstall).toContain('apparmor');
});
