import type { SettingName } from '../../contract/settings.ts';
import { Select, type Choice } from '../ui/Select.tsx';
import { useLocked } from './use-locked.ts';

type SelectSettingProps = {
  name: SettingName;
  label: string;
  help: string;
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
};

/** A setting that is one of several. */
export function SelectSetting({ name, ...rest }: SelectSettingProps) {
  return <Select {...rest} locked={useLocked(name)} />;
}
