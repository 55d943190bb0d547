import { expect, test } from 'vitest';
import { planElectron } from '../../scripts/setup/electron-plan.mjs';
import { sandboxArguments } from '../../scripts/setup/root-user.mjs';

const nothing = {
  override: 'absent',
  official: 'absent',
  copy: 'absent',
  refused: false,
  platform: 'linux-x64',
} as const;

test('a working folder named by hand comes before everything else', () => {
  const plan = planElectron({ ...nothing, override: 'works', official: 'works', copy: 'works' });
  expect(plan).toEqual({ kind: 'use', origin: 'override' });
});

test("Electron's own download comes before the development copy", () => {
  const plan = planElectron({ ...nothing, override: 'broken', official: 'works', copy: 'works' });
  expect(plan).toEqual({ kind: 'use', origin: 'official' });
});

test('the official download is tried before the copy, even when a copy is there', () => {
  expect(planElectron({ ...nothing, copy: 'works' })).toEqual({ kind: 'download' });
});

test('after a refusal the verified copy is used without trying again', () => {
  expect(planElectron({ ...nothing, copy: 'works', refused: true })).toEqual({
    kind: 'use',
    origin: 'development-copy',
  });
});

test('after a refusal a copy that is not there is fetched once', () => {
  expect(planElectron({ ...nothing, downloadTried: true })).toEqual({ kind: 'fetch-copy' });
  expect(planElectron({ ...nothing, downloadTried: true, copyTried: true })).toEqual({ kind: 'impossible' });
});

test('the copy is never used or fetched on another platform than linux-x64', () => {
  for (const platform of ['linux-arm64', 'darwin-arm64', 'win32-x64']) {
    const plan = planElectron({ ...nothing, copy: 'works', refused: true, platform });
    expect(plan).toEqual({ kind: 'impossible' });
  }
});

test('only root loses the sandbox', () => {
  expect(sandboxArguments(0)).toEqual(['--no-sandbox']);
  expect(sandboxArguments(1000)).toEqual([]);
});
