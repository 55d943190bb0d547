import { useState, type ReactNode } from 'react';
import type { SettingName, SettingsPatch } from '../../contract/settings.ts';
import { Field } from '../ui/Field.tsx';
import type { Checked } from './setting-check.ts';
import { useLocked } from './use-locked.ts';

type NumberSettingProps = {
  name: SettingName;
  label: string;
  help: string;
  /** The value as its field shows it. */
  shown: string;
  check: (typed: string) => Checked<SettingsPatch>;
  onSave: (patch: SettingsPatch) => void;
  /** What stands behind the field, such as its unit. */
  children?: ReactNode;
};

/** A typed number: saved when one leaves the field or presses Enter, and only when it is valid. */
export function NumberSetting({ name, label, help, shown, check, onSave, children }: NumberSettingProps) {
  const locked = useLocked(name);
  const [draft, setDraft] = useState<string | null>(null);
  const checked = draft === null ? null : check(draft);
  const finish = (): void => {
    if (draft === null || checked === null || !checked.ok) return;
    setDraft(null);
    if (draft.trim() !== shown) onSave(checked.value);
  };
  return (
    <Field
      label={label}
      help={help}
      locked={locked}
      error={checked !== null && !checked.ok ? `${checked.reason} Not saved.` : null}
    >
      {({ id, describedBy, invalid }) => (
        <div className="number-row">
          <input
            id={id}
            className="input figures"
            inputMode="decimal"
            value={draft ?? shown}
            readOnly={locked !== null}
            autoComplete="off"
            aria-describedby={describedBy}
            aria-invalid={invalid}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={finish}
            onKeyDown={(event) => {
              if (event.key === 'Enter') finish();
              if (event.key === 'Escape') setDraft(null);
            }}
          />
          {children}
        </div>
      )}
    </Field>
  );
}
