import type { SafeStorage } from 'electron';
import { AppError } from '../../contract/errors.ts';
import type { Protection, Vault } from '../cloud/secrets.ts';

/** How long an Electron 42 is asked again before its "no" is believed, and how often. */
const ASK_FOR_MS = 3_000;
const ASK_EVERY_MS = 20;

/** Before a text that the system did not take in at all; what safeStorage makes begins with v10, v11, v12 or is binary. */
const OPEN_PREFIX = 'open:';

/**
 * On Linux the first bytes of what safeStorage makes name the key: v10 is a password that stands in Chromium's source, so no
 * protection at all; v11 is the keyring's, v12 the portal's.
 * https://source.chromium.org/chromium/chromium/src/+/main:components/os_crypt/async/browser/posix_key_provider.cc
 */
const KNOWN_KEY_PREFIX = 'v10';

/** What of Electron's safeStorage is used: its asynchronous half. */
type Storage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

export type VaultParts = {
  safeStorage: Storage;
  platform: string;
  wait: (delayMs: number) => Promise<void>;
};

const cannotRead = (): AppError =>
  new AppError('SECRETS_UNAVAILABLE', 'What was kept here cannot be read on this computer. Enter it again.');

const cannotOpen = (): AppError =>
  new AppError('SECRETS_UNAVAILABLE', 'The keyring of this computer does not open at the moment.', { retryable: true });

/** The vault of this computer, by Electron's safeStorage. Used only after the app is ready. */
export function createVault({ safeStorage, platform, wait }: VaultParts): Vault {
  let checked: Promise<Protection> | null = null;
  let opened: Promise<boolean> | null = null;

  /**
   * Electron 42 answers at once, with "no" until the system's key has come, and dies when it is asked to encrypt before that
   * (https://github.com/electron/electron/issues/51759); later versions answer by a promise, once. So nothing is encrypted or
   * decrypted before this said yes.
   */
  async function ask(): Promise<boolean> {
    for (let askedMs = 0; ; askedMs += ASK_EVERY_MS) {
      const answer: unknown = safeStorage.isAsyncEncryptionAvailable();
      if ((await answer) === true) return true;
      if (answer instanceof Promise || askedMs >= ASK_FOR_MS) return false;
      await wait(ASK_EVERY_MS);
    }
  }

  async function available(): Promise<boolean> {
    opened ??= ask().catch(() => false);
    const yes = await opened;
    // A keyring that is locked now may be open later.
    if (!yes) opened = null;
    return yes;
  }

  /** The name of the backend is not enough: with a GNOME desktop and no keyring it names the keyring and takes the known key. */
  async function check(): Promise<Protection> {
    if (!(await available())) return 'unprotected';
    if (platform !== 'linux') return 'encrypted';
    if (safeStorage.getSelectedStorageBackend() === 'basic_text') return 'unprotected';
    const sample = await safeStorage.encryptStringAsync('sample');
    return sample.subarray(0, KNOWN_KEY_PREFIX.length).toString('latin1') === KNOWN_KEY_PREFIX
      ? 'unprotected'
      : 'encrypted';
  }

  return {
    async protection() {
      checked ??= check().catch((): Protection => 'unprotected');
      const protection = await checked;
      if (protection === 'unprotected') checked = null;
      return protection;
    },
    async protect(plain) {
      if (!(await available())) return Buffer.from(OPEN_PREFIX + plain).toString('base64');
      try {
        return (await safeStorage.encryptStringAsync(plain)).toString('base64');
      } catch {
        throw new AppError('SECRETS_UNAVAILABLE', 'This computer could not protect what was entered.', {
          retryable: true,
        });
      }
    },
    async reveal(protectedText) {
      const bytes = Buffer.from(protectedText, 'base64');
      const open = bytes.toString('utf8');
      if (open.startsWith(OPEN_PREFIX)) return { plain: open.slice(OPEN_PREFIX.length), stale: await available() };
      if (!(await available())) throw cannotOpen();
      try {
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(bytes);
        return { plain: result, stale: shouldReEncrypt };
      } catch {
        throw cannotRead();
      }
    },
  };
}
