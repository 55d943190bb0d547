import type { SettingName } from '../../contract/settings.ts';
import { useServices } from '../app/services.ts';
import { useStore } from '../ui/store.ts';
import { lockedWords, overrideOf } from './overrides.ts';

/** Why a setting is locked, in words; null when it can be changed here. */
export function useLocked(setting: SettingName | null): string | null {
  const view = useStore(useServices().environment);
  const variable = setting === null ? null : overrideOf(view.kind === 'ready' ? view.environment : null, setting);
  return variable === null ? null : lockedWords(variable);
}
