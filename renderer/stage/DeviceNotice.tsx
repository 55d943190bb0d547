import { useState } from 'react';
import { useMediaView, useServices } from '../app/services.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { deviceWords } from '../ui/error-words.ts';

/** Which own device is missing in the call and how to get it back; one at a time, so that the picture stays in sight. */
export function DeviceNotice() {
  const { session } = useServices();
  const { cameraError, microphoneError } = useMediaView();
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const problems = [
    { device: 'microphone', code: microphoneError },
    { device: 'camera', code: cameraError },
  ] as const;
  const shown = problems.find(({ device, code }) => code !== null && !dismissed.includes(`${device} ${code}`));
  if (shown === undefined || shown.code === null) return null;
  const { device, code } = shown;
  return (
    <ErrorNotice
      error={{ code, message: device, retryable: true }}
      words={deviceWords(device, code)}
      onHelp={() => void (device === 'camera' ? session.setCamera(true) : session.setMicrophone(true))}
      onDismiss={() => setDismissed([...dismissed, `${device} ${code}`])}
    />
  );
}
