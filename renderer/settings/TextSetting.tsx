import { useState, type ReactNode } from 'react';
import type { SettingsPatch } from '../../contract/settings.ts';
import { Field } from '../ui/Field.tsx';
import { checkSetting, type TypedSetting } from './setting-check.ts';
import { useLocked } from './use-locked.ts';

type TextSettingProps = {
  name: TypedSetting;
  label: string;
  help: ReactNode;
  value: string;
  placeholder?: string;
  onSave: (patch: SettingsPatch) => void;
};

/** A typed setting: saved when one leaves the field or presses Enter, and only when it is valid. */
export function TextSetting({ name, label, help, value, placeholder, onSave }: TextSettingProps) {
  const locked = useLocked(name);
  const [draft, setDraft] = useState<string | null>(null);
  const checked = draft === null ? null : checkSetting(name, draft);
  const finish = (): void => {
    if (draft === null || checked === null || !checked.ok) return;
    setDraft(null);
    if (draft.trim() !== value) onSave(checked.value);
  };
  return (
    <Field
      label={label}
      help={help}
      locked={locked}
      error={checked !== null && !checked.ok ? `${checked.reason} Not saved.` : null}
    >
      {({ id, describedBy, invalid }) => (
        <input
          id={id}
          className="input"
          value={draft ?? value}
          readOnly={locked !== null}
          placeholder={placeholder}
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
      )}
    </Field>
  );
}
