import { FileKey } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { checkKeyFile, MAX_KEY_FILE_CHARACTERS } from './typed-credentials.ts';
import type { KeyFormProps } from './S3KeysForm.tsx';

/** The key file of a Google service account: chosen or pasted, sent once, and never shown again. */
export function KeyFileForm({ busy, onSave, onCancel }: KeyFormProps) {
  const [pasted, setPasted] = useState('');
  const [reason, setReason] = useState<string | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const chooserId = useId();

  const submit = async (text: string): Promise<void> => {
    const checked = checkKeyFile(text);
    setReason(checked.ok ? null : checked.reason);
    if (checked.ok && (await onSave(checked.value))) setPasted('');
  };
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    // A film chosen by mistake is not read into memory: four bytes is the longest character.
    if (file.size > MAX_KEY_FILE_CHARACTERS * 4) setReason('This is too long to be a key file.');
    else await submit(await file.text().catch(() => ''));
  };

  return (
    <form
      className="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(pasted);
      }}
    >
      <div className="notice-buttons">
        <input
          ref={chooser}
          id={chooserId}
          type="file"
          accept=".json,application/json"
          className="visually-hidden"
          aria-label="Key file"
          tabIndex={-1}
          onChange={(event) => {
            void choose(event.target.files?.[0]);
            // The same file may be chosen again after it was refused.
            event.target.value = '';
          }}
        />
        <Button look="outline" disabled={busy} onClick={() => chooser.current?.click()}>
          <FileKey className="icon" aria-hidden />
          Choose key file
        </Button>
      </div>
      <Field label="Or paste it" help="The JSON file that Google gave you for the service account." error={reason}>
        {({ id, describedBy, invalid }) => (
          <textarea
            id={id}
            className="input key-paste"
            rows={3}
            value={pasted}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            onChange={(event) => setPasted(event.target.value)}
          />
        )}
      </Field>
      <div className="notice-buttons">
        <Button type="submit" look="primary" disabled={busy}>
          Save key
        </Button>
        {onCancel === null ? null : (
          <Button look="plain" onClick={onCancel}>
            Keep the old one
          </Button>
        )}
      </div>
    </form>
  );
}
