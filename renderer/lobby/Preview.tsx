import { Mic, MicOff } from 'lucide-react';
import { useMemo } from 'react';
import { useMediaView, useServices, useSettings } from '../app/services.ts';
import { deviceWords, type ErrorHelp } from '../ui/error-words.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { DeviceSwitch } from './DeviceSwitch.tsx';
import { initials } from '../ui/initials.ts';
import { LevelMeter } from '../ui/LevelMeter.tsx';
import { useStreamRef } from '../ui/video-source.ts';

type PreviewProps = {
  cameraOn: boolean;
  microphoneOn: boolean;
  onCamera: (on: boolean) => void;
  onMicrophone: (on: boolean) => void;
};

/** The own picture, mirrored, with the two switches on it and the level of the microphone below. */
export function Preview({ cameraOn, microphoneOn, onCamera, onMicrophone }: PreviewProps) {
  const { media } = useServices();
  const view = useMediaView();
  const { displayName } = useSettings();
  const stream = useMemo(() => (view.camera === null ? null : new MediaStream([view.camera])), [view.camera]);
  const videoRef = useStreamRef(stream);

  const help =
    (device: 'camera' | 'microphone') =>
    (wanted: ErrorHelp): void => {
      if (wanted.kind === 'retry') void (device === 'camera' ? media.setCamera(true) : media.setMicrophone(true));
    };

  return (
    <div className="preview">
      <div className="preview-picture">
        {stream === null ? (
          <div className="preview-off">
            <span className="avatar" aria-hidden>
              {initials(displayName)}
            </span>
            <span className="quiet">
              {!cameraOn
                ? 'Your camera is off'
                : view.cameraError === null
                  ? 'Your camera is starting'
                  : 'No picture from your camera'}
            </span>
          </div>
        ) : (
          <video ref={videoRef} className="mirrored" autoPlay playsInline muted aria-label="Your picture" />
        )}
        <div className="preview-switches">
          <DeviceSwitch
            device="microphone"
            on={microphoneOn}
            label={microphoneOn ? 'Turn microphone off' : 'Turn microphone on'}
            onChange={onMicrophone}
          />
          <DeviceSwitch
            device="camera"
            on={cameraOn}
            label={cameraOn ? 'Turn camera off' : 'Turn camera on'}
            onChange={onCamera}
          />
        </div>
      </div>
      <div className="preview-level">
        {microphoneOn ? <Mic className="icon quiet" aria-hidden /> : <MicOff className="icon quiet" aria-hidden />}
        <LevelMeter label="Microphone level" read={() => (view.microphone === null ? 0 : media.microphoneLevel())} />
      </div>
      {view.cameraError !== null && cameraOn ? (
        <ErrorNotice
          error={{ code: view.cameraError, message: 'camera', retryable: true }}
          words={deviceWords('camera', view.cameraError)}
          onHelp={help('camera')}
        />
      ) : null}
      {view.microphoneError !== null && microphoneOn ? (
        <ErrorNotice
          error={{ code: view.microphoneError, message: 'microphone', retryable: true }}
          words={deviceWords('microphone', view.microphoneError)}
          onHelp={help('microphone')}
        />
      ) : null}
    </div>
  );
}
