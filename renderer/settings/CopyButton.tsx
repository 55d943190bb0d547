import { Check, Copy } from 'lucide-react';
import { Button } from '../ui/Button.tsx';
import { useCopied } from '../ui/use-copied.ts';

type CopyButtonProps = {
  /** The verb and what it copies. */
  words: string;
  look?: 'primary' | 'outline';
  copy: () => Promise<unknown>;
};

/** Puts something on the clipboard and says so, on itself and to who does not see it. */
export function CopyButton({ words, look = 'outline', copy }: CopyButtonProps) {
  const { state, reset, run } = useCopied();
  const press = (): void => {
    // Pressed again, it is to be said again.
    reset();
    run(copy);
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
