import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { CONTROL_FILE } from '../../contract/control.ts';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { Field } from '../ui/Field.tsx';
import { CopyButton } from './CopyButton.tsx';
import { NewTokenDialog } from './NewTokenDialog.tsx';

/** The token that lets a program in, and where programs find it. */
export function ControlAccess({ file }: { file: string | null }) {
  const { client, control } = useServices();
  const [renewal, setRenewal] = useState<'idle' | 'asked' | 'busy' | 'done'>('idle');
  const [error, setError] = useState<ErrorShape | null>(null);

  const renew = async (): Promise<void> => {
    setRenewal('busy');
    setError(null);
    try {
      await control.renewToken();
      setRenewal('done');
    } catch (problem) {
      setError(toErrorShape(problem));
      setRenewal('idle');
    }
  };

  return (
    <section className="settings-part" aria-label="Token">
      <h3>Token</h3>
      <p className="small quiet">
        What a program with the token can do: start and stop recordings, read your library, end calls. Give it only to
        programs that you trust.
      </p>
      <div className="button-row">
        <CopyButton words="Copy token" look="primary" copy={() => control.copyToken()} />
        <Button look="outline" onClick={() => setRenewal('asked')}>
          <KeyRound className="icon" aria-hidden />
          Make a new token
        </Button>
        <span className="small" role="status">
          {renewal === 'done' ? 'A new token is in use. Copy it into the programs that had the old one.' : ''}
        </span>
      </div>
      {error === null ? null : (
        <ErrorNotice error={error} onHelp={() => void renew()} onDismiss={() => setError(null)} />
      )}
      {file === null ? null : (
        <Field
          label={`Where ${CONTROL_FILE} is`}
          help="Programs find the address and the token in this file. Nobody else on this computer can read it."
        >
          {({ id, describedBy }) => (
            <div className="folder-row">
              <input
                id={id}
                className="input"
                readOnly
                value={file}
                aria-describedby={describedBy}
                onFocus={(event) => event.target.select()}
              />
              <CopyButton words="Copy path" copy={() => client.request('app.copyText', { text: file })} />
            </div>
          )}
        </Field>
      )}
      {renewal === 'asked' || renewal === 'busy' ? (
        <NewTokenDialog busy={renewal === 'busy'} onMake={() => void renew()} onKeep={() => setRenewal('idle')} />
      ) : null}
    </section>
  );
}
