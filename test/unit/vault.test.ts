import { describe, expect, it } from 'vitest';
import { createVault, type VaultParts } from '../../main/shell/vault.ts';

type Storage = VaultParts['safeStorage'];

/** A fake of Electron's safeStorage that answers as the real ones did that were tried: see each test. */
function storage(parts: Partial<Storage> & { prefix?: string } = {}): Storage {
  const { prefix = 'v11', ...rest } = parts;
  return {
    isAsyncEncryptionAvailable: async () => true,
    encryptStringAsync: async (plain) => Buffer.from(prefix + Buffer.from(plain).toString('hex')),
    decryptStringAsync: async (bytes) => {
      const text = bytes.toString();
      if (!/^v1[0-2]/.test(text)) throw new Error('Error while decrypting the ciphertext');
      return { shouldReEncrypt: false, result: Buffer.from(text.slice(3), 'hex').toString() };
    },
    getSelectedStorageBackend: () => 'gnome_libsecret',
    ...rest,
  };
}

const vault = (safeStorage: Storage, platform = 'linux') =>
  createVault({ safeStorage, platform, wait: () => Promise.resolve() });

describe('the vault of this computer', () => {
  it('protects and reveals', async () => {
    const made = vault(storage());
    expect(await made.protection()).toBe('encrypted');
    const text = await made.protect('hüsh');
    expect(Buffer.from(text, 'base64').toString()).toBe('v1168c3bc7368');
    expect(await made.reveal(text)).toEqual({ plain: 'hüsh', stale: false });
  });

  it('does not call it protection when Linux has no keyring, whatever backend is named', async () => {
    expect(await vault(storage({ getSelectedStorageBackend: () => 'basic_text' })).protection()).toBe('unprotected');
    // Electron 42 on a GNOME desktop without a keyring names gnome_libsecret and encrypts with the known password.
    expect(await vault(storage({ prefix: 'v10' })).protection()).toBe('unprotected');
    expect(await vault(storage({ prefix: 'v10' }), 'darwin').protection()).toBe('encrypted');
  });

  it('waits for an Electron 42 whose key has not come yet, and encrypts nothing before', async () => {
    let asked = 0;
    const early = (() => (asked += 1) > 5) as unknown as Storage['isAsyncEncryptionAvailable'];
    const safeStorage = storage({ isAsyncEncryptionAvailable: early });
    const made = vault({
      ...safeStorage,
      encryptStringAsync: (plain) => {
        if (asked <= 5) throw new Error('would have died');
        return safeStorage.encryptStringAsync(plain);
      },
    });
    const text = await made.protect('hush');
    expect(await made.reveal(text)).toEqual({ plain: 'hush', stale: false });
    expect(asked).toBe(6);
  });

  it.each(['never', 'refuses', 'missing'])('says so when nothing is protected here (%s)', async (how) => {
    const answers: Record<string, unknown> = {
      never: () => false,
      refuses: () => Promise.reject(new Error('no')),
      missing: undefined,
    };
    const isAsyncEncryptionAvailable = answers[how] as Storage['isAsyncEncryptionAvailable'];
    const made = vault(storage({ isAsyncEncryptionAvailable }), 'darwin');
    expect(await made.protection()).toBe('unprotected');
    // For a person who agreed to that.
    expect(await made.reveal(await made.protect('hush'))).toEqual({ plain: 'hush', stale: false });
    await expect(made.reveal(Buffer.from('v11x').toString('base64'))).rejects.toMatchObject({
      code: 'SECRETS_UNAVAILABLE',
      retryable: true,
    });
  });

  it('asks again later: a keyring that was locked may be open', async () => {
    let open = false;
    const made = vault(storage({ isAsyncEncryptionAvailable: async () => open }), 'win32');
    expect(await made.protection()).toBe('unprotected');
    const text = await made.protect('hush');
    open = true;
    expect(await made.protection()).toBe('encrypted');
    expect(await made.reveal(text)).toEqual({ plain: 'hush', stale: true });
  });

  it('passes on that a value should be protected anew', async () => {
    const made = vault(storage({ decryptStringAsync: async () => ({ shouldReEncrypt: true, result: 'hush' }) }));
    expect(await made.reveal('djEx')).toEqual({ plain: 'hush', stale: true });
  });

  it('tells what was protected elsewhere by a code, without the text of the library', async () => {
    const error: unknown = await vault(storage())
      .reveal('Z2FyYmFnZQ==')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SECRETS_UNAVAILABLE', retryable: false });
    expect(error).not.toHaveProperty('cause');
  });
});
