import { useEffect, useState } from 'react';

/** The bar leaves this long after the last sign of the person, in milliseconds. */
const HIDE_AFTER_MS = 3000;

/** Whether the bottom bar is to be seen: always while `pinned`, else until the pointer and the keys rest for 3 s. */
export function useBarVisible(pinned: boolean): boolean {
  const [awake, setAwake] = useState(true);
  useEffect(() => {
    if (pinned) return undefined;
    let timer = setTimeout(() => setAwake(false), HIDE_AFTER_MS);
    const wake = (): void => {
      clearTimeout(timer);
      setAwake(true);
      timer = setTimeout(() => setAwake(false), HIDE_AFTER_MS);
    };
    const signs = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;
    for (const sign of signs) window.addEventListener(sign, wake);
    return () => {
      clearTimeout(timer);
      for (const sign of signs) window.removeEventListener(sign, wake);
      setAwake(true);
    };
  }, [pinned]);
  return pinned || awake;
}
