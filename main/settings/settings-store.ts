import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../contract/errors.ts';
import {
  DEFAULT_SETTINGS,
  settingNameSchema,
  settingsSchema,
  type Settings,
  type SettingsPatch,
} from '../../contract/settings.ts';
import { salvageSettings } from './salvage-settings.ts';
import { writeWhole } from './write-whole.ts';

/** The settings of this installation: read once, kept in memory, written whole. */
export type SettingsStore = {
  /** As they are in this run: those of the file, and over them what the environment decides. */
  get(): Settings;
  /** Changes some fields of the file; answers when the change is on the disk. */
  update(patch: SettingsPatch): Promise<Settings>;
  /** Calls back after every change; the returned function ends it. */
  subscribe(listener: (settings: Settings) => void): () => void;
  /** Fields of the file that could not be used and have their default now. */
  readonly damagedFields: readonly string[];
};

async function readOrNothing(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new AppError('DISK_FAILED', 'The settings could not be read.', { cause: error, details: { path: file } });
  }
}

/** A change without what is only the override again: a screen that hands back what it was shown decides nothing. */
function withoutOverrides(patch: SettingsPatch, overrides: Partial<Settings>): SettingsPatch {
  const kept: Record<string, unknown> = {};
  for (const name of settingNameSchema.options) {
    if (patch[name] === undefined) continue;
    if (Object.hasOwn(overrides, name) && isDeepStrictEqual(patch[name], overrides[name])) continue;
    kept[name] = patch[name];
  }
  return kept;
}

/**
 * Opens the settings file of a profile; a missing file means defaults, a damaged one keeps every field that is whole. Overrides hold
 * for this run and never reach the file.
 */
export async function openSettingsStore(file: string, overrides: Partial<Settings> = {}): Promise<SettingsStore> {
  const text = await readOrNothing(file);
  const { settings, damagedFields } =
    text === null ? { settings: { ...DEFAULT_SETTINGS }, damagedFields: [] } : salvageSettings(text);
  let own: Settings = settings;
  const current = (): Settings => ({ ...own, ...overrides });
  let lastWrite: Promise<unknown> = Promise.resolve();
  const listeners = new Set<(settings: Settings) => void>();

  return {
    damagedFields,
    get: current,
    update(patch) {
      // One write at a time, each on top of the one before: two changes at once lose neither.
      const result = lastWrite.then(async () => {
        const wanted = settingsSchema.parse({ ...own, ...withoutOverrides(patch, overrides) });
        try {
          await writeWhole(file, `${JSON.stringify(wanted, null, 2)}\n`);
        } catch (error) {
          throw new AppError('FOLDER_UNWRITABLE', 'The settings could not be saved.', {
            cause: error,
            retryable: true,
            details: { path: file },
          });
        }
        own = wanted;
        const changed = current();
        for (const listener of listeners) listener(changed);
        return changed;
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
