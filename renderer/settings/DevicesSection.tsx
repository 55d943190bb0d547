import type { SettingsPatch } from '../../contract/settings.ts';
import { useSettings } from '../app/services.ts';
import { DeviceMenus } from '../lobby/DeviceMenus.tsx';
import { SelectSetting } from './SelectSetting.tsx';
import { SwitchSetting } from './SwitchSetting.tsx';
import { TextSetting } from './TextSetting.tsx';

/** Name, devices, how one enters, and how the app looks. */
export function DevicesSection({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const settings = useSettings();
  return (
    <>
      <TextSetting
        name="displayName"
        label="Your name"
        help="The others see it on your picture and in the names of files."
        value={settings.displayName}
        onSave={onSave}
      />
      <DeviceMenus />
      <SwitchSetting
        name="joinWithCamera"
        label="Enter with camera on"
        help="Whether your camera is on when the lobby opens."
        checked={settings.joinWithCamera}
        onChange={(joinWithCamera) => onSave({ joinWithCamera })}
      />
      <SwitchSetting
        name="joinWithMicrophone"
        label="Enter with microphone on"
        help="Whether your microphone is on when the lobby opens."
        checked={settings.joinWithMicrophone}
        onChange={(joinWithMicrophone) => onSave({ joinWithMicrophone })}
      />
      <SelectSetting
        name="theme"
        label="Appearance"
        help="How the app looks on this computer."
        value={settings.theme}
        choices={[
          { value: 'dark', label: 'Dark' },
          { value: 'light', label: 'Light' },
          { value: 'system', label: 'As the system' },
        ]}
        onChange={(theme) => {
          if (theme === 'dark' || theme === 'light' || theme === 'system') onSave({ theme });
        }}
      />
    </>
  );
}
