import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { developmentCopyVerified, installDevelopmentCopy } from '../../scripts/setup/development-copy.mjs';

const run = promisify(execFile);
let root = '';
let tarball = '';
let integrity = '';
let target = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-copy-'));
  tarball = join(root, 'copy.tgz');
  target = join(root, 'cache', 'electron');
  await mkdir(join(root, 'package', 'bin', 'locales'), { recursive: true });
  await mkdir(join(root, 'cache'));
  await writeFile(join(root, 'package', 'bin', 'electron'), 'the program', { mode: 0o600 });
  await writeFile(join(root, 'package', 'bin', 'locales', 'en-US.pak'), 'words', { mode: 0o600 });
  await writeFile(join(root, 'package', 'package.json'), '{}');
  await run('tar', ['-czf', tarball, '-C', root, 'package']);
  integrity = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`;
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

test('the pinned tarball is unpacked for every user and counts as verified', async () => {
  await installDevelopmentCopy(tarball, target, integrity);
  expect(await readFile(join(target, 'electron'), 'utf8')).toBe('the program');
  expect((await stat(join(target, 'electron'))).mode & 0o777).toBe(0o755);
  expect((await stat(join(target, 'locales', 'en-US.pak'))).mode & 0o777).toBe(0o644);
  expect(await developmentCopyVerified(target, integrity)).toBe(true);
});

test('a tampered tarball is refused and what was there stays', async () => {
  await installDevelopmentCopy(tarball, target, integrity);
  await appendFile(tarball, 'x');
  await expect(installDevelopmentCopy(tarball, target, integrity)).rejects.toThrow(/not the file that was pinned/);
  expect(await developmentCopyVerified(target, integrity)).toBe(true);
  expect(await readdir(join(root, 'cache'))).toEqual(['electron']);
});

test('a tampered tarball is refused when nothing is there yet, and leaves nothing behind', async () => {
  await appendFile(tarball, 'x');
  await expect(installDevelopmentCopy(tarball, target, integrity)).rejects.toThrow(/not the file that was pinned/);
  expect(await readdir(join(root, 'cache'))).toEqual([]);
});

test('a folder of unknown origin is not verified, and is replaced', async () => {
  await mkdir(target);
  await writeFile(join(target, 'electron'), 'something else');
  expect(await developmentCopyVerified(target, integrity)).toBe(false);
  await installDevelopmentCopy(tarball, target, integrity);
  expect(await readFile(join(target, 'electron'), 'utf8')).toBe('the program');
});

test('a folder that lost a file is not verified any more', async () => {
  await installDevelopmentCopy(tarball, target, integrity);
  await rm(join(target, 'locales', 'en-US.pak'));
  expect(await developmentCopyVerified(target, integrity)).toBe(false);
});

test('another pinned hash does not accept an older folder', async () => {
  await installDevelopmentCopy(tarball, target, integrity);
  expect(await developmentCopyVerified(target)).toBe(false);
});
