import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import type { Protection, Vault } from '../../main/cloud/secrets.ts';

/**
 * A fake of the system's keyring, for tests in plain Node: it really encrypts, with a key that lives as long as this object, which
 * stands for one computer. The real one is Electron's safeStorage (main/shell/vault.ts).
 */
export class FakeVault implements Vault {
  readonly isFake = true;
  level: Protection;
  /** Whether the key was changed: what is revealed should be protected anew. */
  rotated = false;
  asked = 0;
  readonly #key = randomBytes(32);

  constructor(level: Protection = 'encrypted') {
    this.level = level;
  }

  protection = async (): Promise<Protection> => {
    this.asked += 1;
    return this.level;
  };

  protect = async (plain: string): Promise<string> => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
  };

  reveal = async (protectedText: string): Promise<{ plain: string; stale: boolean }> => {
    const bytes = Buffer.from(protectedText, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      const plain = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      return { plain, stale: this.rotated };
    } catch {
      throw new AppError('SECRETS_UNAVAILABLE', 'Protected elsewhere.');
    }
  };
}
