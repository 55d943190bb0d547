import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { FileFormat } from '../../contract/recording.ts';
import type { SettingsPatch } from '../../contract/settings.ts';
import { useServices, useSettings } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { Field } from '../ui/Field.tsx';
import { useStore } from '../ui/store.ts';
import { ChoiceSetting } from './ChoiceSetting.tsx';
import { ReserveSetting } from './ReserveSetting.tsx';
import { RetentionSettings } from './RetentionSettings.tsx';
import { SelectSetting } from './SelectSetting.tsx';
import { SwitchSetting } from './SwitchSetting.tsx';
import { useLocked } from './use-locked.ts';

const formats: { value: FileFormat; label: string; meaning: string }[] = [
  { value: 'mp4', label: 'MP4', meaning: 'Plays everywhere. Made while you record, so it is ready when you stop.' },
  { value: 'webm', label: 'WebM', meaning: 'Open format for the web. Picture and sound are kept exactly as recorded.' },
  { value: 'mkv', label: 'MKV', meaning: 'Matroska, for editing. Holds every codec, so nothing is ever converted.' },
];

const videoQualities = [
  { value: '1000000', label: 'Small files, 1 Mbit/s' },
  { value: '2000000', label: 'Good, 2 Mbit/s' },
  { value: '4000000', label: 'Very good, 4 Mbit/s' },
  { value: '8000000', label: 'Best, 8 Mbit/s' },
];

const audioQualities = [
  { value: '64000', label: 'Speech, 64 kbit/s' },
  { value: '128000', label: 'Good, 128 kbit/s' },
  { value: '256000', label: 'Best, 256 kbit/s' },
];

/** Keeps a value that was set elsewhere visible in its menu. */
function withCurrent(choices: { value: string; label: string }[], value: number, unit: string) {
  return choices.some((choice) => choice.value === String(value))
    ? choices
    : [...choices, { value: String(value), label: `${value} ${unit}` }];
}

/** Where recordings go, what they are, and how good. */
export function RecordingSection({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const { client, environment } = useServices();
  const settings = useSettings();
  const view = useStore(environment);
  const [error, setError] = useState<ErrorShape | null>(null);
  const folderLocked = useLocked('recordingsFolder');
  const standard = view.kind === 'ready' ? view.environment.defaultRecordingsFolder : '';

  const choose = (): void => {
    setError(null);
    client
      .request('settings.chooseFolder', {})
      .then(({ folder }) => (folder === null ? undefined : onSave({ recordingsFolder: folder })))
      .catch((problem: unknown) => setError(toErrorShape(problem)));
  };

  return (
    <>
      <Field
        label="Recordings folder"
        help="Every recording gets a folder of its own in here. What is there already stays where it is."
        locked={folderLocked}
      >
        {({ id, describedBy, locked }) => (
          <div className="folder-row">
            <input
              id={id}
              className="input"
              readOnly
              value={settings.recordingsFolder || standard}
              aria-describedby={describedBy}
            />
            <Button look="outline" disabled={locked} onClick={choose}>
              <FolderOpen className="icon" aria-hidden />
              Choose folder
            </Button>
            {settings.recordingsFolder === '' || locked ? null : (
              <Button look="plain" onClick={() => onSave({ recordingsFolder: '' })}>
                Use standard folder
              </Button>
            )}
          </div>
        )}
      </Field>
      {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      <ChoiceSetting
        name="format"
        label="Format"
        value={settings.format}
        options={formats}
        help="It holds for the next call: everybody's picture is asked for in a fitting codec."
        onChange={(format) => onSave({ format })}
      />
      <SelectSetting
        name="videoBitsPerSecond"
        label="Picture quality"
        help="How many bits a second the picture of everybody together gets. In a call, your own picture goes to each of the others with at most as many."
        value={String(settings.videoBitsPerSecond)}
        choices={withCurrent(videoQualities, settings.videoBitsPerSecond, 'bit/s')}
        onChange={(value) => onSave({ videoBitsPerSecond: Number(value) })}
      />
      <SelectSetting
        name="audioBitsPerSecond"
        label="Sound quality"
        help="How many bits a second the sound gets, in the recording and on its way to each of the others."
        value={String(settings.audioBitsPerSecond)}
        choices={withCurrent(audioQualities, settings.audioBitsPerSecond, 'bit/s')}
        onChange={(value) => onSave({ audioBitsPerSecond: Number(value) })}
      />
      <SwitchSetting
        name="recordMix"
        label="Record a mix"
        help="One more file, with everybody together. It takes most of the processor time of a recording; without it there is one file for each person."
        checked={settings.recordMix}
        onChange={(recordMix) => onSave({ recordMix })}
      />
      <ReserveSetting valueBytes={settings.diskReserveBytes} onSave={onSave} />
      <RetentionSettings onSave={onSave} />
    </>
  );
}
