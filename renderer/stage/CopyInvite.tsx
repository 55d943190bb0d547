import { Check, Link } from 'lucide-react';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { useCopied } from '../ui/use-copied.ts';

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
  const { state, run } = useCopied();
  const copy = (): void => run(() => client.request('app.copyText', { text: link }));
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
