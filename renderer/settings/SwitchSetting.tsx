import { useId } from 'react';
import { Toggle } from '../ui/Toggle.tsx';

type SwitchSettingProps = { label: string; help: string; checked: boolean; onChange: (on: boolean) => void };

/** A setting that is on or off. */
export function SwitchSetting({ label, help, checked, onChange }: SwitchSettingProps) {
  const id = useId();
  return (
    <div className="switch-setting">
      <span className="switch-text">
        <label htmlFor={id}>{label}</label>
        <span className="field-help" id={`${id}-help`}>
          {help}
        </span>
      </span>
      <Toggle id={id} checked={checked} describedBy={`${id}-help`} onChange={onChange} />
    </div>
  );
}
