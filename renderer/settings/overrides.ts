import type { Environment } from '../../contract/requests.ts';
import type { SettingName } from '../../contract/settings.ts';

/** The environment variable that decides a setting in this run; null when the person does. */
export function overrideOf(environment: Pick<Environment, 'overrides'> | null, setting: SettingName): string | null {
  return environment?.overrides.find((override) => override.setting === setting)?.variable ?? null;
}

/** The line below a setting that is decided outside. */
export function lockedWords(variable: string): string {
  return `Set by ${variable}.`;
}
