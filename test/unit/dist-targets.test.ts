import { expect, test } from 'vitest';
import { artifactsOf, downloadFailure, planTargets } from '../../scripts/dist-targets.mjs';

const linux = { electronOrigin: 'official', platform: 'linux' } as const;
const targetsOn = (platform: string, args: string[] = []) => {
  const plan = planTargets(args, { electronOrigin: 'official', platform });
  return plan.kind === 'make' ? [plan.flag, ...plan.targets] : plan.kind;
};

test('without arguments everything is made that the system has, and the rest is said with where it is made', () => {
  expect(targetsOn('linux')).toEqual(['--linux', 'dir', 'AppImage', 'deb']);
  expect(targetsOn('darwin')).toEqual(['--mac', 'dir', 'dmg', 'zip']);
  expect(targetsOn('win32')).toEqual(['--win', 'dir', 'nsis']);
  expect(planTargets([], linux)).toMatchObject({
    skipped: [
      { target: 'macOS (dmg, zip)', reason: 'it is made on macOS' },
      { target: 'Windows (nsis)', reason: 'it is made on Windows' },
    ],
  });
  expect(targetsOn('freebsd')).toBe('refused');
});

test.each(['development-copy', 'override'] as const)(
  'with an Electron that is not its makers own (%s) only the folder is made, and what people install is refused by its name',
  (electronOrigin) => {
    const plan = planTargets([], { electronOrigin, platform: 'linux' });
    expect(plan).toMatchObject({ kind: 'make', targets: ['dir'] });
    expect(plan.kind === 'make' && plan.skipped.slice(0, 2)).toEqual([
      { target: 'AppImage', reason: expect.stringContaining('the Electron that its makers publish') },
      { target: 'deb', reason: expect.stringContaining('the Electron that its makers publish') },
    ]);
    for (const args of [['--release'], ['--target', 'AppImage'], ['--target', 'dir,deb']]) {
      expect(planTargets(args, { electronOrigin, platform: 'linux' }).kind).toBe('refused');
      expect(planTargets(args, linux).kind).toBe('make');
    }
    expect(planTargets(['--target', 'dir'], { electronOrigin, platform: 'linux' }).kind).toBe('make');
  },
);

test('targets that were not asked for are skipped and say so', () => {
  expect(planTargets(['--target', 'deb'], linux)).toMatchObject({
    targets: ['deb'],
    skipped: [
      { target: 'dir', reason: 'it was not asked for' },
      { target: 'AppImage', reason: 'it was not asked for' },
      expect.anything(),
      expect.anything(),
    ],
  });
});

test('a target that is not known, or not of this system, is refused', () => {
  for (const args of [
    ['--target', 'rpm'],
    ['--target', 'dmg'],
    ['--target'],
    ['--target', 'dir', '--release'],
    ['--release', 'x'],
    ['rpm'],
  ]) {
    expect(planTargets(args, linux).kind).toBe('refused');
  }
});

test('only what lies in the folder since the run began counts as made', () => {
  const file = (name: string, changedAtMs = 200) => ({ name, isFolder: false, changedAtMs });
  const entries = [
    file('Tallylight-0.1.0-linux-x86_64.AppImage'),
    file('Tallylight-0.0.9-linux-x86_64.AppImage', 50),
    file('Tallylight-0.1.0-linux-amd64.deb', 99),
    file('Tallylight-0.1.0-mac-arm64.zip'),
    file('linux-unpacked'),
    { name: 'linux-arm64-unpacked', isFolder: true, changedAtMs: 200 },
    { name: 'mac-arm64', isFolder: true, changedAtMs: 200 },
  ];
  expect(artifactsOf('AppImage', 'linux', entries, 100)).toEqual(['Tallylight-0.1.0-linux-x86_64.AppImage']);
  expect(artifactsOf('deb', 'linux', entries, 100)).toEqual([]);
  expect(artifactsOf('dir', 'linux', entries, 100)).toEqual(['linux-arm64-unpacked']);
  expect(artifactsOf('dir', 'darwin', entries, 100)).toEqual(['mac-arm64']);
  expect(artifactsOf('zip', 'darwin', entries, 100)).toEqual(['Tallylight-0.1.0-mac-arm64.zip']);
});

test('a tool that cannot be downloaded is told from every other failure', () => {
  const refused = '  • building\n  ⨯ failed to build AppImage  error=getaddrinfo ENOTFOUND example.test\n  at x\n';
  expect(downloadFailure(refused)).toBe('ENOTFOUND example.test');
  expect(downloadFailure('  ⨯ Please specify project homepage\n')).toBeUndefined();
  expect(downloadFailure('')).toBeUndefined();
});
