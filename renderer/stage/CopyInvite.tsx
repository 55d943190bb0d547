import { Check, Link } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';

/** How long "Copied" is shown, in milliseconds. */
const COPIED_MS = 2500;

/** Copies the invite link and says so on itself. */
export function CopyInvite({
  link,
  look = 'raised',
  large,
}: {
  link: string;
  look?: 'primary' | 'raised';
  large?: boolean;
}) {
  const { client } = useServices();
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    client.request('app.copyText', { text: link }).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  const words = state === 'copied' ? 'Link copied' : state === 'failed' ? 'Not copied' : 'Copy invite';
  return (
    <>
      <Button look={look} large={large ?? false} aria-label="Copy invite link" onClick={copy}>
        {state === 'copied' ? <Check className="icon" aria-hidden /> : <Link className="icon" aria-hidden />}
        <span className="bar-words">{words}</span>
      </Button>
      <span className="visually-hidden" role="status">
        {state === 'idle' ? '' : words}
      </span>
    </>
  );
}
