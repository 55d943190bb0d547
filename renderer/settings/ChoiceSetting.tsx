import { useId, type ReactNode } from 'react';
import type { SettingName } from '../../contract/settings.ts';
import { LockedLine } from '../ui/LockedLine.tsx';
import { useLocked } from './use-locked.ts';

type Option<V extends string> = { value: V; label: string; meaning: string };

type ChoiceSettingProps<V extends string> = {
  /** Null: never locked as a setting. */
  name: SettingName | null;
  label: string;
  value: V;
  options: readonly Option<V>[];
  /** What holds for all of them, below. */
  help?: ReactNode;
  onChange: (value: V) => void;
};

/** A setting that is one of a few, each with what it means. */
export function ChoiceSetting<V extends string>(props: ChoiceSettingProps<V>) {
  const { name, label, value, options, help, onChange } = props;
  const id = useId();
  const locked = useLocked(name);
  return (
    <fieldset className="choice-group" aria-describedby={locked === null ? undefined : `${id}-locked`}>
      <legend className="field-label">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="choice" data-chosen={value === option.value ? '' : undefined}>
          <input
            type="radio"
            name={id}
            checked={value === option.value}
            disabled={locked !== null && value !== option.value}
            aria-label={option.label}
            aria-describedby={`${id}-${option.value}`}
            onChange={() => {
              if (locked === null) onChange(option.value);
            }}
          />
          <span className="choice-text">
            <span>{option.label}</span>
            <span className="field-help" id={`${id}-${option.value}`}>
              {option.meaning}
            </span>
          </span>
        </label>
      ))}
      {help === undefined ? null : <span className="field-help">{help}</span>}
      {locked === null ? null : <LockedLine id={`${id}-locked`} words={locked} />}
    </fieldset>
  );
}
