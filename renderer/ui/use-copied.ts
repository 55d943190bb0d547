import { useEffect, useState } from 'react';

/** How long "Copied" is shown, in milliseconds. */
const COPIED_MS = 2500;

/** What became of the last copy, for as long as a button says so. */
export function useCopied() {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return {
    state,
    /** Says nothing, so that the same can be said again. */
    reset: () => setState('idle'),
    /** Copies, and says what came of it. */
    run: (copy: () => Promise<unknown>): void => {
      copy().then(
        () => setState('copied'),
        () => setState('failed'),
      );
    },
  };
}
