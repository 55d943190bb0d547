import { Check, LoaderCircle } from 'lucide-react';
import { useId, useState } from 'react';
import type { ConnectionTest } from '../../contract/cloud.ts';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { useServices, useSettings } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useStore } from '../ui/store.ts';
import { destinationKey } from './cloud-fields.ts';
import { failsWords, worksWords } from './connection-words.ts';

type Attempt =
  | { kind: 'idle' }
  | { kind: 'working'; about: string }
  | { kind: 'done'; about: string; test: ConnectionTest }
  | { kind: 'refused'; about: string; error: ErrorShape };

/** Tries the bucket with a small object. A result is about what was tried: it goes when that changes. */
export function ConnectionCheck({ ready }: { ready: boolean }) {
  const { cloud } = useServices();
  const view = useStore(cloud);
  const settings = useSettings();
  const helpId = useId();
  const [last, setLast] = useState<Attempt>({ kind: 'idle' });
  const credentials = view.kind === 'ready' ? view.status.credentials : null;
  const about = `${destinationKey(settings)}${JSON.stringify(credentials)}`;
  const check: Attempt = last.kind !== 'idle' && last.about === about ? last : { kind: 'idle' };
  const working = last.kind === 'working';

  const run = (): void => {
    setLast({ kind: 'working', about });
    cloud.test().then(
      (test) => setLast({ kind: 'done', about, test }),
      (problem: unknown) => setLast({ kind: 'refused', about, error: toErrorShape(problem) }),
    );
  };

  return (
    <div className="connection-check">
      <Button look="outline" disabled={!ready || working} aria-describedby={helpId} onClick={run}>
        {working ? <LoaderCircle className="icon spin" aria-hidden /> : null}
        {working ? 'Testing' : 'Test connection'}
      </Button>
      <span className="field-help" id={helpId}>
        {ready
          ? 'Writes a small file into the bucket, reads it back and deletes it.'
          : 'Give a bucket and credentials first.'}
      </span>
      <div className="connection-result" role="status">
        {working ? <span className="visually-hidden">Testing the connection</span> : null}
        {check.kind === 'done' && check.test.kind === 'works' ? (
          <span className="done-line figures">
            <Check className="icon" aria-hidden />
            {worksWords(check.test)}
          </span>
        ) : null}
      </div>
      {check.kind === 'done' && check.test.kind === 'fails' ? (
        <ErrorNotice error={check.test.error} words={failsWords(check.test)} />
      ) : null}
      {check.kind === 'refused' ? <ErrorNotice error={check.error} onHelp={run} /> : null}
    </div>
  );
}
