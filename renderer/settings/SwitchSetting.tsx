import { useId } from 'react';
import type { SettingName } from '../../contract/settings.ts';
import { LockedLine } from '../ui/LockedLine.tsx';
import { Toggle } from '../ui/Toggle.tsx';
import { useLocked } from './use-locked.ts';

type SwitchSettingProps = {
  name: SettingName;
  label: string;
  help: string;
  checked: boolean;
  /** What else than an environment variable decides it in this run; null when nothing does. */
  lockedBy?: string | null;
  onChange: (on: boolean) => void;
};

/** A setting that is on or off. */
export function SwitchSetting({ name, label, help, checked, lockedBy = null, onChange }: SwitchSettingProps) {
  const id = useId();
  const locked = useLocked(name, lockedBy);
  const describedBy = locked === null ? `${id}-help` : `${id}-help ${id}-locked`;
  return (
    <div className="switch-setting">
      <span className="switch-text">
        <label htmlFor={id}>{label}</label>
        <span className="field-help" id={`${id}-help`}>
          {help}
        </span>
        {locked === null ? null : <LockedLine id={`${id}-locked`} words={locked} />}
      </span>
      <Toggle id={id} checked={checked} describedBy={describedBy} disabled={locked !== null} onChange={onChange} />
    </div>
  );
}
