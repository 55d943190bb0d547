import { Volume2 } from 'lucide-react';
import { useState } from 'react';
import { useCallView, useMediaView, useServices, useSettings } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { Select } from '../ui/Select.tsx';
import { deviceChoices } from './device-choices.ts';
import { playTestSound } from './test-sound.ts';

/** Saves and applies a choice of camera or microphone, in the lobby and in the middle of a call alike. */
export function useDeviceChoice(): {
  chooseCamera: (id: string) => void;
  chooseMicrophone: (id: string) => void;
  chooseSpeaker: (id: string) => void;
} {
  const { media, session, settings } = useServices();
  const { cameraId, microphoneId } = useSettings();
  const inCall = useCallView().kind === 'inCall';
  const save = (patch: { cameraId?: string; microphoneId?: string; speakerId?: string }): void => {
    void settings.update(patch).catch(() => undefined);
  };
  return {
    chooseCamera: (id) => {
      save({ cameraId: id });
      void (inCall ? session.chooseDevices({ cameraId: id, microphoneId }) : media.chooseCamera(id));
    },
    chooseMicrophone: (id) => {
      save({ microphoneId: id });
      void (inCall ? session.chooseDevices({ cameraId, microphoneId: id }) : media.chooseMicrophone(id));
    },
    chooseSpeaker: (id) => save({ speakerId: id }),
  };
}

/** The three device menus and the test sound. */
export function DeviceMenus() {
  const { devices } = useMediaView();
  const { cameraId, microphoneId, speakerId } = useSettings();
  const choose = useDeviceChoice();
  const [sound, setSound] = useState<'idle' | 'playing' | 'failed'>('idle');

  const test = (): void => {
    setSound('playing');
    playTestSound(speakerId).then(
      () => setSound('idle'),
      () => setSound('failed'),
    );
  };

  return (
    <div className="device-menus">
      <Select
        label="Camera"
        value={cameraId}
        choices={deviceChoices(devices.cameras, cameraId, 'Camera')}
        onChange={choose.chooseCamera}
      />
      <Select
        label="Microphone"
        value={microphoneId}
        choices={deviceChoices(devices.microphones, microphoneId, 'Microphone')}
        onChange={choose.chooseMicrophone}
      />
      <div className="speaker-row">
        <Select
          label="Speaker"
          value={speakerId}
          choices={deviceChoices(devices.speakers, speakerId, 'Speaker')}
          error={sound === 'failed' ? 'No sound could be played here. Choose another speaker.' : null}
          onChange={choose.chooseSpeaker}
        />
        <Button look="outline" disabled={sound === 'playing'} onClick={test} aria-label="Play a test sound">
          <Volume2 className="icon" aria-hidden />
          Test
        </Button>
      </div>
    </div>
  );
}
