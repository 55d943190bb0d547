import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { SettingsPatch } from '../../contract/settings.ts';
import { useServices } from '../app/services.ts';

/** Saves settings at once and keeps the error when main refuses. */
export function useSave(): {
  save: (patch: SettingsPatch) => void;
  error: ErrorShape | null;
  clearError: () => void;
} {
  const { settings } = useServices();
  const [error, setError] = useState<ErrorShape | null>(null);
  return {
    error,
    clearError: () => setError(null),
    save(patch) {
      setError(null);
      settings.update(patch).catch((problem: unknown) => setError(toErrorShape(problem)));
    },
  };
}
