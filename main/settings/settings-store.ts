import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import { DEFAULT_SETTINGS, settingsSchema, type Settings, type SettingsPatch } from '../../contract/settings.ts';
import { salvageSettings } from './salvage-settings.ts';

/** The settings of this installation: read once, kept in memory, written whole. */
export type SettingsStore = {
  get(): Settings;
  /** Changes some fields; answers when the change is on the disk. */
  update(patch: SettingsPatch): Promise<Settings>;
  /** Calls back after every change; the returned function ends it. */
  subscribe(listener: (settings: Settings) => void): () => void;
  /** Fields of the file that could not be used and have their default now. */
  readonly damagedFields: readonly string[];
};

/** Replaces a file so that, whatever happens, it holds all of the old text or all of the new one. */
async function writeWhole(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.settings-${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder to sync it, and does not need to: NTFS journals the rename.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readOrNothing(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new AppError('DISK_FAILED', 'The settings could not be read.', { cause: error, details: { path: file } });
  }
}

/** Opens the settings file of a profile; a missing file means defaults, a damaged one keeps every field that is whole. */
export async function openSettingsStore(file: string): Promise<SettingsStore> {
  const text = await readOrNothing(file);
  const { settings, damagedFields } =
    text === null ? { settings: { ...DEFAULT_SETTINGS }, damagedFields: [] } : salvageSettings(text);
  let current: Settings = settings;
  let lastWrite: Promise<unknown> = Promise.resolve();
  const listeners = new Set<(settings: Settings) => void>();

  return {
    damagedFields,
    get: () => current,
    update(patch) {
      // One write at a time, each on top of the one before: two changes at once lose neither.
      const result = lastWrite.then(async () => {
        const changed = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
        const wanted = settingsSchema.parse({ ...current, ...changed });
        try {
          await writeWhole(file, `${JSON.stringify(wanted, null, 2)}\n`);
        } catch (error) {
          throw new AppError('FOLDER_UNWRITABLE', 'The settings could not be saved.', {
            cause: error,
            retryable: true,
            details: { path: file },
          });
        }
        current = wanted;
        for (const listener of listeners) listener(current);
        return current;
      });
      lastWrite = result.catch(() => undefined);
      return result;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
