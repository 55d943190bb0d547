import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecrets, nodeSecretFiles, type SecretFiles } from '../../main/cloud/secret-store.ts';
import { FakeVault } from '../support/fake-vault.ts';

let folder = '';
const path = (): string => join(folder, 'secrets.json');
const onDisk = (): Promise<string> => readFile(path(), 'utf8');
const log = { warn: () => undefined };

const open = (vault: FakeVault, files: SecretFiles = nodeSecretFiles) =>
  createSecrets({ files, path: path(), vault, log });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-secrets-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('secrets where the computer protects them', () => {
  it('are there at the next start, unreadable in a file that only its owner may open', async () => {
    const vault = new FakeVault();
    const secrets = await open(vault);
    expect(await readdir(folder)).toEqual([]);
    expect(await secrets.set('a', 'hush-a')).toBe('encrypted');
    expect(await secrets.keptHow('a')).toBe('encrypted');
    expect(await onDisk()).not.toContain('hush-a');
    if (process.platform !== 'win32') expect((await stat(path())).mode & 0o777).toBe(0o600);
    const again = await open(vault);
    expect(await again.get('a')).toBe('hush-a');
    expect(await again.names()).toEqual(['a']);
    await again.remove('a');
    expect(await again.get('a')).toBeNull();
    expect(await (await open(vault)).names()).toEqual([]);
  });

  it('lose nothing when many change at once', async () => {
    const vault = new FakeVault();
    const secrets = await open(vault);
    const names = Array.from({ length: 25 }, (_, index) => `s${index}`);
    await Promise.all(names.map((name) => secrets.set(name, `value of ${name}`)));
    await Promise.all([secrets.remove('s3'), secrets.set('s4', 'new'), secrets.allowUnprotected(true)]);
    const again = await open(vault);
    expect((await again.names()).sort()).toEqual(names.filter((name) => name !== 's3').sort());
    expect(await again.get('s4')).toBe('new');
    expect(await again.get('s24')).toBe('value of s24');
    expect(again.unprotectedAllowed()).toBe(true);
    expect(await readdir(folder)).toEqual(['secrets.json']);
  });

  it('are protected anew when the system asks for it', async () => {
    const vault = new FakeVault();
    const secrets = await open(vault);
    await secrets.set('a', 'hush');
    const before = await onDisk();
    vault.rotated = true;
    expect(await secrets.get('a')).toBe('hush');
    expect(await onDisk()).not.toBe(before);
    vault.rotated = false;
    expect(await (await open(vault)).get('a')).toBe('hush');
  });

  it('that were protected elsewhere are told as such, and cost no other', async () => {
    const elsewhere = await open(new FakeVault());
    await elsewhere.set('old', 'hush-old');
    const vault = new FakeVault();
    const secrets = await open(vault);
    await secrets.set('new', 'hush-new');
    await expect(secrets.get('old')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE' });
    expect(await secrets.get('new')).toBe('hush-new');
    expect(await secrets.get('never there')).toBeNull();
    // Entered again, it is there again.
    await secrets.set('old', 'hush-again');
    expect(await (await open(vault)).get('old')).toBe('hush-again');
  });

  it('survive damage to one of them', async () => {
    const vault = new FakeVault();
    const first = await open(vault);
    await first.set('whole', 'hush');
    await first.set('broken', 'gone');
    const found: unknown = JSON.parse(await onDisk());
    const secretsOf = (found as { secrets: Record<string, unknown> }).secrets;
    secretsOf['broken'] = { kept: 'encrypted', text: 7 };
    await writeFile(path(), JSON.stringify(found));
    const secrets = await open(vault);
    expect(await secrets.get('whole')).toBe('hush');
    await expect(secrets.get('broken')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE' });
    await secrets.set('third', 'x');
    await expect((await open(vault)).get('broken')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE' });
  });

  it.each(['', '{"version":1,"secr', '[]', '{"version":2}', '\u0000\u0000'])(
    'in a damaged file (%j) are told as unreadable, and can be entered again',
    async (text) => {
      await writeFile(path(), text);
      const vault = new FakeVault();
      const secrets = await open(vault);
      await expect(secrets.get('a')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE' });
      await secrets.set('a', 'again');
      expect(await secrets.get('a')).toBe('again');
      expect(await (await open(vault)).get('a')).toBe('again');
    },
  );

  it('are never written over while their file cannot be read', async () => {
    const vault = new FakeVault();
    await (await open(vault)).set('a', 'hush');
    let readable = false;
    const secrets = await open(vault, {
      ...nodeSecretFiles,
      read: (file) => (readable ? nodeSecretFiles.read(file) : Promise.reject(new Error('EIO'))),
    });
    await expect(secrets.get('a')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE', retryable: true });
    await expect(secrets.set('b', 'x')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE' });
    readable = true;
    await secrets.set('b', 'x');
    expect(await secrets.get('a')).toBe('hush');
  });

  it('stay as they were when the disk refuses a change', async () => {
    const vault = new FakeVault();
    await (await open(vault)).set('a', 'old');
    const secrets = await open(vault, { ...nodeSecretFiles, writeWhole: () => Promise.reject(new Error('ENOSPC')) });
    await expect(secrets.set('a', 'new')).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE', retryable: true });
    expect(await secrets.get('a')).toBe('old');
  });

  it('leave no half of a write that was cut off', async () => {
    await writeFile(join(folder, '.secrets.json-1234.tmp'), 'hush');
    await open(new FakeVault());
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('secrets where the computer cannot protect them', () => {
  it('live until the app quits and never touch the disk', async () => {
    const vault = new FakeVault('unprotected');
    const secrets = await open(vault);
    expect(await secrets.set('a', 'hush')).toBe('untilQuit');
    expect(await secrets.get('a')).toBe('hush');
    expect(await secrets.keptHow('a')).toBe('untilQuit');
    expect(await secrets.names()).toEqual(['a']);
    expect(await readdir(folder)).toEqual([]);
    expect(await (await open(vault)).get('a')).toBeNull();
  });

  it('are kept once the person agreed, and the leave is remembered', async () => {
    const vault = new FakeVault('unprotected');
    const secrets = await open(vault);
    await secrets.set('a', 'hush');
    await secrets.allowUnprotected(true);
    expect(await secrets.keptHow('a')).toBe('unprotected');
    const again = await open(vault);
    expect(again.unprotectedAllowed()).toBe(true);
    expect(await again.get('a')).toBe('hush');
    expect(await again.set('b', 'more')).toBe('unprotected');
  });

  it('leave the disk at once when the leave is taken back, and work until the app quits', async () => {
    const vault = new FakeVault('unprotected');
    const secrets = await open(vault);
    await secrets.allowUnprotected(true);
    await secrets.set('a', 'hush');
    const text = JSON.parse(await onDisk()).secrets.a.text;
    await secrets.allowUnprotected(false);
    expect(await onDisk()).not.toContain(text);
    expect(await secrets.get('a')).toBe('hush');
    expect(await secrets.keptHow('a')).toBe('untilQuit');
    expect(await (await open(vault)).names()).toEqual([]);
  });

  it('are taken off a disk where nobody allowed them to lie', async () => {
    const vault = new FakeVault('unprotected');
    const secrets = await open(vault);
    await secrets.allowUnprotected(true);
    await secrets.set('a', 'hush');
    await writeFile(path(), (await onDisk()).replace('"unprotectedAllowed": true', '"unprotectedAllowed": false'));
    await open(vault);
    expect(JSON.parse(await onDisk()).secrets).toEqual({});
  });

  it('put an older protected value away, so that it does not come back', async () => {
    const vault = new FakeVault();
    await (await open(vault)).set('a', 'old');
    vault.level = 'unprotected';
    const secrets = await open(vault);
    expect(await secrets.set('a', 'new')).toBe('untilQuit');
    expect(await secrets.get('a')).toBe('new');
    expect(await (await open(vault)).get('a')).toBeNull();
  });

  it('are protected as soon as the computer can', async () => {
    const vault = new FakeVault('unprotected');
    const secrets = await open(vault);
    await secrets.allowUnprotected(true);
    await secrets.set('a', 'hush');
    vault.level = 'encrypted';
    expect(await secrets.get('a')).toBe('hush');
    expect(await secrets.keptHow('a')).toBe('encrypted');
  });
});
