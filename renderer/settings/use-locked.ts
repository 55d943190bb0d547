import type { SettingName } from '../../contract/settings.ts';
import { useServices } from '../app/services.ts';
import { useStore } from '../ui/store.ts';
import { lockedWords, overrideOf } from './overrides.ts';

/** Why a setting is locked, in words; null when it can be changed here. `lockedBy` is what decides it when no variable does. */
export function useLocked(setting: SettingName | null, lockedBy: string | null = null): string | null {
  const view = useStore(useServices().environment);
  const variable = setting === null ? null : overrideOf(view.kind === 'ready' ? view.environment : null, setting);
  const decider = variable ?? lockedBy;
  return decider === null ? null : lockedWords(decider);
}
