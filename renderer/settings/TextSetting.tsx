import type { ReactNode } from 'react';
import type { SettingsPatch } from '../../contract/settings.ts';
import { checkSetting, type TypedSetting } from './setting-check.ts';
import { TypedField } from './TypedField.tsx';

type TextSettingProps = {
  name: TypedSetting;
  label: string;
  help: ReactNode;
  value: string;
  placeholder?: string;
  onSave: (patch: SettingsPatch) => void;
};

/** A text that is typed. */
export function TextSetting({ name, value, ...rest }: TextSettingProps) {
  return <TypedField {...rest} name={name} shown={value} check={(typed) => checkSetting(name, typed)} />;
}
