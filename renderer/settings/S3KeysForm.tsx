import { useState } from 'react';
import type { NewCredentials } from '../../contract/cloud.ts';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { checkS3Keys } from './typed-credentials.ts';

export type KeyFormProps = {
  busy: boolean;
  /** Answers whether they were kept; what was typed is forgotten then. */
  onSave: (credentials: NewCredentials) => Promise<boolean>;
  /** Back to what is in use; null when nothing is. */
  onCancel: (() => void) | null;
};

const empty = { accessKeyId: '', secretAccessKey: '', sessionToken: '' };
const fields = [
  { name: 'accessKeyId', label: 'Access key ID' },
  { name: 'secretAccessKey', label: 'Secret access key' },
  { name: 'sessionToken', label: 'Session token, only for a temporary key' },
] as const;

/** An S3 key as it is typed: sent once, by the button, and never shown again. */
export function S3KeysForm({ busy, onSave, onCancel }: KeyFormProps) {
  const [typed, setTyped] = useState(empty);
  const [reason, setReason] = useState<string | null>(null);

  const submit = async (): Promise<void> => {
    const checked = checkS3Keys(typed);
    setReason(checked.ok ? null : checked.reason);
    if (checked.ok && (await onSave(checked.value))) setTyped(empty);
  };

  return (
    <form
      className="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {fields.map(({ name, label }, index) => (
        <Field key={name} label={label} error={index === 1 ? reason : null}>
          {({ id, describedBy, invalid }) => (
            <input
              id={id}
              className="input"
              type="password"
              value={typed[name]}
              autoComplete="off"
              spellCheck={false}
              aria-describedby={describedBy}
              aria-invalid={invalid}
              onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
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
