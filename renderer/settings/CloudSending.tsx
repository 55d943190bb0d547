import type { SettingsPatch } from '../../contract/settings.ts';
import { useSettings } from '../app/services.ts';
import { CapSetting } from './CapSetting.tsx';
import { ChoiceSetting } from './ChoiceSetting.tsx';
import { SwitchSetting } from './SwitchSetting.tsx';

const what = [
  { value: 'everything', label: 'Everything', meaning: 'The mix, and the file of each person.' },
  { value: 'mix', label: 'The mix only', meaning: 'One file with everybody together. The rest stays here.' },
] as const;

/** What goes to the bucket, when, and how fast. */
export function CloudSending({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const settings = useSettings();
  return (
    <section className="settings-part" aria-label="Sending">
      <h3>Sending</h3>
      <ChoiceSetting
        name="cloudWhat"
        label="What to send"
        value={settings.cloudWhat}
        options={what}
        onChange={(cloudWhat) => onSave({ cloudWhat })}
      />
      <SwitchSetting
        name="cloudAutomatic"
        label="Send by itself"
        help="Each recording goes to the bucket once it is saved. Off: you send it from the Library."
        checked={settings.cloudAutomatic}
        onChange={(cloudAutomatic) => onSave({ cloudAutomatic })}
      />
      <SwitchSetting
        name="cloudPauseInCall"
        label="Wait while in a call"
        help="Leaves the line to the call. While something is recorded, sending always waits."
        checked={settings.cloudPauseInCall}
        onChange={(cloudPauseInCall) => onSave({ cloudPauseInCall })}
      />
      <CapSetting bytesPerSecond={settings.cloudCapBytesPerSecond} onSave={onSave} />
    </section>
  );
}
