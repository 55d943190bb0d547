import { expect, test } from 'vitest';
import { pathWithoutLocalTools } from '../../scripts/setup/clean-path.mjs';
import { hashOfLock, planNodeModules } from '../../scripts/setup/node-modules-plan.mjs';

const lock = (packages: object) => JSON.stringify({ packages });
const lockText = lock({
  '': { name: 'app' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/other-platform': { version: '2.0.0', optional: true },
});
const installedText = lock({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } });

test('node_modules stays when its stamp names this lock file', () => {
  const stampText = `${hashOfLock(lockText)}\n`;
  expect(planNodeModules({ lockText, stampText, installedText }).kind).toBe('in-place');
});

test('a stamp without a finished install does not count', () => {
  const stampText = hashOfLock(lockText);
  expect(planNodeModules({ lockText, stampText, installedText: undefined }).kind).toBe('install');
});

test('what a hand-run npm install made of the same lock file is adopted', () => {
  expect(planNodeModules({ lockText, stampText: undefined, installedText }).kind).toBe('adopt');
});

test('another version, another hash or a missing package asks for an install', () => {
  for (const packages of [
    { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } },
    { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } },
    {},
  ]) {
    const plan = planNodeModules({ lockText, stampText: hashOfLock('older'), installedText: lock(packages) });
    expect(plan.kind).toBe('install');
  }
});

test('a record that is not what npm writes asks for an install', () => {
  for (const text of ['', '{', 'null', '{"packages":null}']) {
    expect(planNodeModules({ lockText, stampText: undefined, installedText: text }).kind).toBe('install');
  }
});

test('npm does not run on the Node that it replaces', () => {
  expect(pathWithoutLocalTools('/repo/node_modules/.bin:/usr/bin:/bin')).toBe('/usr/bin:/bin');
  expect(pathWithoutLocalTools(undefined)).toBe('');
});
