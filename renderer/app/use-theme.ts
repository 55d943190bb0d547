import { useEffect } from 'react';
import type { Settings } from '../../contract/settings.ts';

/** Keeps `data-theme` on the document at what the setting, or the system, asks for. */
export function useTheme(theme: Settings['theme']): void {
  useEffect(() => {
    const light = window.matchMedia('(prefers-color-scheme: light)');
    const apply = (): void => {
      const wanted = theme === 'system' ? (light.matches ? 'light' : 'dark') : theme;
      document.documentElement.dataset.theme = wanted;
    };
    apply();
    light.addEventListener('change', apply);
    return () => light.removeEventListener('change', apply);
  }, [theme]);
}
