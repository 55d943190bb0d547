import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exclusively, isHeld } from '../../scripts/setup/exclusive.mjs';

const run = promisify(execFile);
const modulePath = new URL('../../scripts/setup/exclusive.mjs', import.meta.url).href;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-lock-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('processes that start at once do their work one after another', async () => {
  // Each reads the counter and writes it back later: two at a time would lose a count.
  const script = `
    import { exclusively } from ${JSON.stringify(modulePath)};
    import { readFileSync, writeFileSync } from 'node:fs';
    import { setImmediate as turn } from 'node:timers/promises';
    const path = process.argv[1] + '/counter';
    await exclusively('setup', async () => {
      const count = Number(readFileSync(path, 'utf8'));
      for (let turns = 0; turns < 200; turns += 1) await turn();
      writeFileSync(path, String(count + 1));
    }, { folder: process.argv[1] });`;
  await writeFile(join(folder, 'counter'), '0');
  await Promise.all(
    Array.from({ length: 6 }, () => run(process.execPath, ['--input-type=module', '-e', script, folder])),
  );
  expect(await readFile(join(folder, 'counter'), 'utf8')).toBe('6');
  expect(await readdir(folder)).toEqual(['counter']);
});

test('a lock left by a process that ended is taken over', async () => {
  const { stdout } = await run(process.execPath, ['-p', 'process.pid']);
  await writeFile(join(folder, 'setup.lock'), JSON.stringify({ pid: Number(stdout), startedAt: '1' }));
  await expect(exclusively('setup', async () => 'done', { folder })).resolves.toBe('done');
});

test('a lock that names a process id which was given again is not held', () => {
  expect(isHeld(JSON.stringify({ pid: process.pid, startedAt: '1' }))).toBe(false);
  expect(isHeld(JSON.stringify({ pid: process.pid, startedAt: null }))).toBe(true);
});

test('a lock that is not a lock is not held', () => {
  for (const text of ['', '{', 'null', '{"pid":"x"}', '{"pid":1.5}']) expect(isHeld(text)).toBe(false);
});

test('the lock is given back when the work fails', async () => {
  const failing = exclusively('setup', () => Promise.reject(new Error('broken')), { folder });
  await expect(failing).rejects.toThrow('broken');
  expect(await readdir(folder)).toEqual([]);
});
