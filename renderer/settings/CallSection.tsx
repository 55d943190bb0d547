import type { SettingsPatch } from '../../contract/settings.ts';
import { useSettings } from '../app/services.ts';
import { callSizeChoices, callSizeHelp } from './call-size.ts';
import { IceServers } from './IceServers.tsx';
import { SelectSetting } from './SelectSetting.tsx';
import { TextSetting } from './TextSetting.tsx';

/** How calls find each other. */
export function CallSection({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const settings = useSettings();
  return (
    <>
      <TextSetting
        name="signalingServer"
        label="Signaling server"
        help="Where people of a call meet. Empty: this app is the meeting place of the calls you start."
        placeholder="This app"
        value={settings.signalingServer}
        onSave={onSave}
      />
      <TextSetting
        name="signalingListenHost"
        label="Listen address"
        help="On which of its addresses this computer takes people in, when it is the meeting place."
        value={settings.signalingListenHost}
        onSave={onSave}
      />
      <SelectSetting
        name="maxParticipantsPerRoom"
        label="Largest call"
        help={callSizeHelp}
        value={String(settings.maxParticipantsPerRoom)}
        choices={callSizeChoices}
        onChange={(value) => onSave({ maxParticipantsPerRoom: Number(value) })}
      />
      <IceServers servers={settings.iceServers} onSave={(iceServers) => onSave({ iceServers })} />
    </>
  );
}
