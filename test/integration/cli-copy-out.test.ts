import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CliFailure, Interrupted } from '../../main/cli/cli-failure.ts';
import { copyOut, refusalToWrite } from '../../main/cli/copy-out.ts';

const bytes = randomBytes(3 * 1024 * 1024 + 17);
let folder = '';
let from = '';
let to = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-copy-'));
  from = join(folder, 'mix.mp4');
  to = join(folder, 'out', 'talk.mp4');
  await writeFile(from, bytes);
  await mkdir(join(folder, 'out'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const copy = (over: Partial<Parameters<typeof copyOut>[0]> = {}) =>
  copyOut({ from, to, force: false, signal: new AbortController().signal, onProgress: () => undefined, ...over });
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof CliFailure ? { code: error.code, message: error.message } : error),
  );
const beside = () => readdir(join(folder, 'out'));

test('every byte comes along, and nothing else is left there', async () => {
  const fractions: number[] = [];
  await copy({ onProgress: (fraction) => void fractions.push(fraction) });
  expect(bytes.equals(await readFile(to))).toBe(true);
  expect(await beside()).toEqual(['talk.mp4']);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test('an empty file is copied too', async () => {
  await writeFile(from, '');
  await copy();
  expect(await readFile(to)).toHaveLength(0);
});

test('what is there is refused before anything is done, and replaced only by force', async () => {
  await writeFile(to, 'mine');
  expect((await refusalToWrite(to, false))?.code).toBe('FILE_EXISTS');
  expect(await refusalToWrite(to, true)).toBeNull();
  expect(await failure(copy())).toMatchObject({ code: 'FILE_EXISTS', message: expect.stringContaining('--force') });
  expect(await readFile(to, 'utf8')).toBe('mine');
  await copy({ force: true });
  expect(bytes.equals(await readFile(to))).toBe(true);
  expect(await beside()).toEqual(['talk.mp4']);
});

test('what comes while it is copied stays as well', async () => {
  const refused = failure(
    copy({
      onProgress: (fraction) => {
        if (fraction === 1) writeFileSync(to, 'came meanwhile');
      },
    }),
  );
  expect(await refused).toMatchObject({ code: 'FILE_EXISTS' });
  expect(await readFile(to, 'utf8')).toBe('came meanwhile');
  expect(await beside()).toEqual(['talk.mp4']);
});

test('a link counts as something that is there; by force it is the link that goes', async () => {
  const other = join(folder, 'other');
  await writeFile(other, 'other');
  await symlink(other, to);
  expect((await refusalToWrite(to, false))?.code).toBe('FILE_EXISTS');
  expect(await failure(copy())).toMatchObject({ code: 'FILE_EXISTS' });
  await copy({ force: true });
  expect(await readFile(other, 'utf8')).toBe('other');
  expect(bytes.equals(await readFile(to))).toBe(true);
});

test('the file of the recording itself is not replaced by its copy, under no name', async () => {
  await link(from, to);
  expect(await failure(copy({ force: true }))).toMatchObject({
    code: 'FILE_FAILED',
    message: expect.stringContaining('the recording itself'),
  });
  expect(await failure(copy({ to: from, force: true }))).toMatchObject({ code: 'FILE_FAILED' });
  expect(bytes.equals(await readFile(from))).toBe(true);
});

test('given up in the middle it leaves nothing', async () => {
  const abort = new AbortController();
  expect(await failure(copy({ signal: abort.signal, onProgress: () => abort.abort() }))).toBeInstanceOf(Interrupted);
  expect(await beside()).toEqual([]);
});

test('a file that changes while it is copied is told and not taken', async () => {
  const refused = failure(
    copy({
      onProgress: (fraction) => {
        if (fraction === 1) writeFileSync(from, Buffer.concat([bytes, bytes]));
      },
    }),
  );
  expect(await refused).toMatchObject({ code: 'FILE_FAILED', message: expect.stringContaining('changed') });
  expect(await beside()).toEqual([]);
});

test('a file that is gone, a place that is none, a folder in its place: each in words', async () => {
  expect(await failure(copy({ from: join(folder, 'gone') }))).toMatchObject({
    message: expect.stringContaining('not there any more'),
  });
  expect(await failure(copy({ from: folder }))).toMatchObject({ message: expect.stringContaining('is not a file') });
  expect(await refusalToWrite(join(folder, 'nowhere', 'x.mp4'), false)).toMatchObject({
    code: 'FILE_FAILED',
    message: expect.stringContaining('There is no folder'),
  });
  expect(await refusalToWrite(join(folder, 'out'), true)).toMatchObject({
    message: expect.stringContaining('is a folder'),
  });
  expect(await beside()).toEqual([]);
});

test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a folder that is not mine is told', async () => {
  await chmod(join(folder, 'out'), 0o555);
  expect(await failure(copy())).toMatchObject({ message: expect.stringContaining('may not write') });
  await chmod(join(folder, 'out'), 0o755);
});
