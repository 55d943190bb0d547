import { useState, type ReactNode } from 'react';
import type { SettingName, SettingsPatch } from '../../contract/settings.ts';
import { Field } from '../ui/Field.tsx';
import type { Checked } from './setting-check.ts';
import { useLocked } from './use-locked.ts';

export type TypedFieldProps = {
  name: SettingName;
  label: string;
  help: ReactNode;
  /** The value as its field shows it. */
  shown: string;
  check: (typed: string) => Checked<SettingsPatch>;
  onSave: (patch: SettingsPatch) => void;
  /** What else than an environment variable decides it in this run; null when nothing does. */
  lockedBy?: string | null;
  numeric?: boolean;
  placeholder?: string | undefined;
  /** What stands behind the field, such as its unit. */
  children?: ReactNode;
};

/** A typed setting: saved when one leaves the field or presses Enter, and only when it is valid; Escape takes it back. */
export function TypedField({ name, label, help, shown, check, lockedBy = null, onSave, ...look }: TypedFieldProps) {
  const locked = useLocked(name, lockedBy);
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
      {({ id, describedBy, invalid }) => {
        const input = (
          <input
            id={id}
            className={look.numeric === true ? 'input figures' : 'input'}
            inputMode={look.numeric === true ? 'decimal' : undefined}
            value={draft ?? shown}
            readOnly={locked !== null}
            placeholder={look.placeholder}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={finish}
            onKeyDown={(event) => {
              if (event.key === 'Enter') finish();
              if (event.key === 'Escape') setDraft(null);
            }}
          />
        );
        if (look.numeric !== true) return input;
        return (
          <div className="number-row">
            {input}
            {look.children}
          </div>
        );
      }}
    </Field>
  );
}
