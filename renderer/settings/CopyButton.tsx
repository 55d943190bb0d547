import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../ui/Button.tsx';

/** How long "Copied" is shown, in milliseconds. */
const COPIED_MS = 2500;

type CopyButtonProps = {
  /** The verb and what it copies. */
  words: string;
  look?: 'primary' | 'outline';
  copy: () => Promise<unknown>;
};

/** Puts something on the clipboard and says so, on itself and to who does not see it. */
export function CopyButton({ words, look = 'outline', copy }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const press = (): void => {
    // Pressed again, it is to be said again.
    setState('idle');
    copy().then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  const said = state === 'copied' ? 'Copied' : state === 'failed' ? 'Not copied' : '';
  return (
    <>
      <Button look={look} className="copy-button" aria-label={words} onClick={press}>
        {state === 'copied' ? <Check className="icon" aria-hidden /> : <Copy className="icon" aria-hidden />}
        <span className="copy-words">
          <span data-hidden={state === 'idle' ? undefined : ''}>{words}</span>
          {state === 'idle' ? null : <span className="copy-said">{said}</span>}
        </span>
      </Button>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </>
  );
}
