import { readFile } from 'node:fs/promises';
import { AppError, toErrorShape } from '../../contract/errors.ts';
import type { Log } from '../log/log-file.ts';
import { removeCutOffWrites, writeWhole } from '../settings/write-whole.ts';
import { EMPTY_SECRETS, formatSecretsFile, parseSecretsFile, type SecretsFile } from './secrets-file.ts';
import type { Keeping, Secrets, Vault } from './secrets.ts';

/** How the secrets' file is read and replaced. */
export type SecretFiles = {
  /** Null when there is none. */
  read: (path: string) => Promise<string | null>;
  writeWhole: (path: string, text: string) => Promise<void>;
  removeCutOffWrites: (path: string) => Promise<void>;
};

/** The files of this computer. */
export const nodeSecretFiles: SecretFiles = {
  async read(path) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  },
  writeWhole,
  removeCutOffWrites,
};

export type SecretStoreParts = {
  files: SecretFiles;
  path: string;
  vault: Vault;
  log: Pick<Log, 'warn'>;
};

const unavailable = (message: string, retryable = false): AppError =>
  new AppError('SECRETS_UNAVAILABLE', message, { retryable });

const REENTER = 'What was kept here cannot be read on this computer. Enter it again.';

/**
 * Opens the secrets of a profile. Never rejects: what cannot be read is told when it is asked for, and the app goes on. Values that
 * this computer cannot protect are in memory only, unless the person agreed to have them on the disk.
 */
export async function createSecrets({ files, path, vault, log }: SecretStoreParts): Promise<Secrets> {
  /** Null: the file is there and could not be read; a write now would lose what is in it. */
  let onDisk: SecretsFile | null = null;
  const inMemory = new Map<string, string>();
  let lastChange: Promise<unknown> = Promise.resolve();

  /** One change at a time, each on top of the one before. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = lastChange.then(change);
    lastChange = result.catch(() => undefined);
    return result;
  }

  async function load(): Promise<SecretsFile> {
    if (onDisk !== null) return onDisk;
    let text: string | null;
    try {
      text = await files.read(path);
    } catch {
      throw unavailable('The file of secrets cannot be read at the moment.', true);
    }
    onDisk = text === null ? EMPTY_SECRETS : parseSecretsFile(text);
    if (onDisk.damaged) log.warn({}, 'The file of secrets is damaged: what was in it must be entered again.');
    return onDisk;
  }

  async function write(wanted: SecretsFile): Promise<void> {
    try {
      await files.writeWhole(path, formatSecretsFile(wanted));
    } catch (error) {
      throw new AppError('FOLDER_UNWRITABLE', 'The file of secrets could not be written.', {
        retryable: true,
        cause: error,
        details: { path },
      });
    }
    onDisk = wanted;
  }

  const without = (file: SecretsFile, name: string): SecretsFile => ({
    ...file,
    entries: new Map([...file.entries].filter(([each]) => each !== name)),
  });

  /** How a secret would be kept now, and its text for the file; null text: not in the file. */
  async function protectedNow(value: string, allowed: boolean): Promise<{ kept: Keeping; text: string | null }> {
    const kept = await vault.protection();
    if (kept === 'unprotected' && !allowed) return { kept: 'untilQuit', text: null };
    try {
      return { kept, text: await vault.protect(value) };
    } catch (error) {
      log.warn({ error: toErrorShape(error).code }, 'A secret could not be protected: it is kept until the app quits.');
      return { kept: 'untilQuit', text: null };
    }
  }

  async function keep(name: string, value: string): Promise<Keeping> {
    const file = await load();
    const { kept, text } = await protectedNow(value, file.unprotectedAllowed);
    if (kept === 'untilQuit' || text === null) {
      // What is older must not come back at the next start.
      if (file.entries.has(name)) await write(without(file, name));
      inMemory.set(name, value);
      return 'untilQuit';
    }
    await write({ ...file, entries: new Map([...file.entries, [name, { kept, text }]]) });
    inMemory.delete(name);
    return kept;
  }

  async function protectAnew(name: string, text: string, value: string): Promise<void> {
    const entry = (await load()).entries.get(name);
    // Somebody else changed it meanwhile.
    if (entry === undefined || entry.kept === 'damaged' || entry.text !== text) return;
    await keep(name, value);
  }

  /** What lies unprotected without leave: the leave was taken back, or the file was changed by hand. */
  async function takeOffDisk(file: SecretsFile, unprotectedAllowed: boolean): Promise<void> {
    const entries = [...file.entries];
    const open = entries.flatMap(([name, entry]) => (entry.kept === 'unprotected' ? [{ name, entry }] : []));
    const revealed = new Map<string, string>();
    for (const { name, entry } of open) {
      const found = await vault.reveal(entry.text).catch(() => null);
      if (found !== null) revealed.set(name, found.plain);
    }
    await write({
      ...file,
      unprotectedAllowed,
      entries: new Map(entries.filter(([, { kept }]) => kept !== 'unprotected')),
    });
    for (const [name, value] of revealed) inMemory.set(name, value);
  }

  await files.removeCutOffWrites(path).catch(() => undefined);
  try {
    const file = await load();
    const lying = [...file.entries.values()].some(({ kept }) => kept === 'unprotected');
    if (lying && !file.unprotectedAllowed) await takeOffDisk(file, false);
  } catch (error) {
    log.warn({ error: toErrorShape(error).code }, 'The secrets could not be looked at.');
  }

  return {
    protection: () => vault.protection(),
    async get(name) {
      // Behind the changes that were asked for before.
      await lastChange;
      const held = inMemory.get(name);
      if (held !== undefined) return held;
      const file = await load();
      const entry = file.entries.get(name);
      if (entry === undefined) {
        if (file.damaged) throw unavailable(REENTER);
        return null;
      }
      if (entry.kept === 'damaged') throw unavailable(REENTER);
      const { plain, stale } = await vault.reveal(entry.text).catch((error: unknown) => {
        throw error instanceof AppError ? error : unavailable(REENTER);
      });
      const better = entry.kept === 'unprotected' && (await vault.protection()) === 'encrypted';
      if (stale || better) {
        await inTurn(() => protectAnew(name, entry.text, plain)).catch((error: unknown) =>
          log.warn({ error: toErrorShape(error).code }, 'A secret could not be protected anew; it stays as it was.'),
        );
      }
      return plain;
    },
    set: (name, value) => inTurn(() => keep(name, value)),
    remove: (name) =>
      inTurn(async () => {
        const file = await load();
        // The first change of a damaged file replaces it.
        if (file.entries.has(name) || file.damaged) await write({ ...without(file, name), damaged: false });
        inMemory.delete(name);
      }),
    async keptHow(name) {
      await lastChange;
      if (inMemory.has(name)) return 'untilQuit';
      const kept = (await load()).entries.get(name)?.kept ?? null;
      return kept === 'damaged' ? 'encrypted' : kept;
    },
    async names() {
      await lastChange;
      return [...new Set([...inMemory.keys(), ...(await load()).entries.keys()])];
    },
    unprotectedAllowed: () => onDisk?.unprotectedAllowed ?? false,
    allowUnprotected: (allowed) =>
      inTurn(async () => {
        const file = await load();
        if (!allowed) return takeOffDisk(file, false);
        const entries = new Map(file.entries);
        const moved: string[] = [];
        for (const [name, value] of inMemory) {
          const { kept, text } = await protectedNow(value, true);
          if (kept === 'untilQuit' || text === null) continue;
          entries.set(name, { kept, text });
          moved.push(name);
        }
        await write({ ...file, unprotectedAllowed: true, entries });
        for (const name of moved) inMemory.delete(name);
      }),
  };
}
