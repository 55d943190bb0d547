import { createHmac, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callIdSchema } from '../../contract/ids.ts';
import { deriveIdentity, openIdentity } from '../../main/calls/identity.ts';

const callId = callIdSchema.parse(randomUUID());
const otherCall = callIdSchema.parse(randomUUID());
const warnings: string[] = [];
const log = { info: () => undefined, warn: (_facts: object, message: string) => void warnings.push(message) };
let folder = '';
let file = '';

beforeEach(async () => {
  warnings.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'tallylight-identity-'));
  file = join(folder, 'identity.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('an identity is the first 128 bits of the HMAC over the call, in the grammar of ids', () => {
  const secret = Buffer.alloc(32, 5);
  const digest = createHmac('sha256', secret).update(`tallylight.identity.${callId}`).digest('hex');
  const identity = deriveIdentity(secret, callId);
  expect(identity.replaceAll('-', '')).toBe(digest.slice(0, 32));
  expect(identity).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('an app is the same to the same call each time it runs, and somebody else to the next call', async () => {
  const first = await openIdentity(file, log);
  const second = await openIdentity(file, log);
  expect(second(callId)).toBe(first(callId));
  expect(first(otherCall)).not.toBe(first(callId));
  expect(warnings).toEqual([]);
});

test('two installations are never the same', async () => {
  const one = await openIdentity(file, log);
  const other = await openIdentity(join(folder, 'other.json'), log);
  expect(one(callId)).not.toBe(other(callId));
});

test('the secret of 32 bytes lies in a file for its owner only, and nothing else is left beside it', async () => {
  await openIdentity(file, log);
  const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
  expect(kept).toEqual({ version: 1, secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['identity.json']);
});

test('a file that others may read is closed to them again', async () => {
  const before = (await openIdentity(file, log))(callId);
  await chmod(file, 0o644);
  expect((await openIdentity(file, log))(callId)).toBe(before);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  ['nothing in it', ''],
  ['half of it', '{"version":1,"secret":"abc'],
  ['a secret that is too short', '{"version":1,"secret":"abcd"}'],
  ['another version', `{"version":2,"secret":"${'a'.repeat(64)}"}`],
  ['bytes that are no text', '\u0000\uFFFF'],
  ['far too much in it', ' '.repeat(5000)],
])('a file with %s is made anew, and stays', async (_what, text) => {
  await writeFile(file, text);
  const identityFor = await openIdentity(file, log);
  expect(warnings).toHaveLength(1);
  expect((await openIdentity(file, log))(callId)).toBe(identityFor(callId));
  expect(warnings).toHaveLength(1);
});

test('where nothing can be kept, the app is somebody for as long as it runs, and says so in the log', async () => {
  await mkdir(file);
  const identityFor = await openIdentity(file, log);
  expect(identityFor(callId)).toBe(identityFor(callId));
  expect(warnings.at(-1)).toContain('cannot be kept');
  expect(JSON.stringify(warnings)).not.toContain(identityFor(callId));
});
