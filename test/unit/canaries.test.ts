import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeCanary, makeServiceAccount, searchFor } from '../support/canaries.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-canaries-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const { value, canary } = makeCanary('c');
const account = makeServiceAccount('a');
const search = searchFor([canary, account.canary]);

it.each([
  ['plain', value],
  ['in JSON', JSON.stringify({ deep: [value] })],
  ['in JSON in JSON', JSON.stringify(JSON.stringify({ value }))],
  ['in a URL', `https://x.example/?k=${encodeURIComponent(value)}`],
  ['in a form', new URLSearchParams({ value }).toString()],
  ['in hex', Buffer.from(value).toString('hex')],
  ['in base64', Buffer.from(value).toString('base64')],
  ['in base64 behind one byte', Buffer.from(`x${value}y`).toString('base64')],
  ['in base64 behind two bytes', Buffer.from(`xx${value}yyy`).toString('base64')],
  ['in base64url', Buffer.from(`?${value}`).toString('base64url')],
  ['a line of a key', account.pem],
  ['a key in JSON in base64', Buffer.from(account.json).toString('base64')],
])('a canary is found %s', (_how, text) => {
  expect(search.inText(text, 'here')).not.toEqual([]);
});

it('nothing is found where nothing is', () => {
  const other = makeCanary('other').value + makeServiceAccount('other').json;
  expect(search.inText(other + Buffer.from(other).toString('base64'), 'here')).toEqual([]);
  expect(search.inValue(undefined, 'here')).toEqual([]);
});

it('a folder is searched to its last file, its names and its links too', async () => {
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await writeFile(join(folder, 'a', 'b', 'wide'), Buffer.from(`--${value}--`, 'utf16le'));
  await writeFile(join(folder, 'a', 'clean'), 'nothing');
  await symlink(account.pem.split('\n')[3] ?? '', join(folder, 'a', 'link'));
  const { hits, files } = await search.inFolder(folder);
  expect(files).toBe(2);
  expect(new Set(hits.map(({ canary, where }) => `${canary} ${where}`))).toEqual(
    new Set([`c ${join(folder, 'a', 'b', 'wide')}`, `a ${join(folder, 'a', 'link')}`]),
  );
});
