import type { ReactNode } from 'react';
import { Field } from './Field.tsx';

export type Choice = { value: string; label: string };

type SelectProps = {
  label: string;
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
  help?: ReactNode;
  error?: string | null;
  disabled?: boolean;
  /** Why it cannot be changed here; null when it can. */
  locked?: string | null;
};

/** One choice out of several. A plain select element: keyboard, screen readers and type-ahead come from the platform. */
export function Select({ label, value, choices, onChange, help, error, disabled, locked }: SelectProps) {
  return (
    <Field label={label} help={help} error={error ?? null} locked={locked ?? null}>
      {({ id, describedBy, invalid, locked: isLocked }) => (
        <select
          id={id}
          className="select"
          value={value}
          disabled={disabled === true || isLocked}
          data-locked={isLocked ? '' : undefined}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onChange={(event) => onChange(event.target.value)}
        >
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
