import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import type { CallRecording } from '../../contract/call.ts';
import { AppError, toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { useServices } from '../app/services.ts';
import { IconButton } from '../ui/IconButton.tsx';

/** The last chunks of a pause are on their way for a moment (2 s at most, see main/recording/limits.ts); until then Resume waits. */
const RESUME_AGAIN_MS = 200;
const RESUME_TRIES = 15;

type PauseButtonProps = { recording: CallRecording; onError: (error: ErrorShape | null) => void };

/** The host's Pause, and Resume while the recording is paused. */
export function PauseButton({ recording, onError }: PauseButtonProps) {
  const { client, recordings } = useServices();
  const { recordingId, state } = recording;
  const [wish, setWish] = useState<'pause' | 'resume' | null>(null);
  // A wish is over as soon as the call shows its result.
  const open = wish === 'pause' ? state === 'recording' : wish === 'resume' ? state === 'paused' : true;
  if (!open) setWish(null);

  const ask = async (next: 'pause' | 'resume'): Promise<void> => {
    onError(null);
    setWish(next);
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          recordings.put(await client.request(`recording.${next}`, { recordingId }));
          return;
        } catch (error) {
          const waits =
            next === 'resume' && tries < RESUME_TRIES && error instanceof AppError && error.code === 'CONFLICT';
          if (!waits) throw error;
          await new Promise((resolve) => setTimeout(resolve, RESUME_AGAIN_MS));
        }
      }
    } catch (error) {
      setWish(null);
      onError(toErrorShape(error));
    }
  };

  const paused = state === 'paused';
  const busy = state === 'stopping' || (open && wish !== null);
  return (
    <IconButton
      label={paused ? 'Resume recording' : 'Pause recording'}
      tip={paused ? 'Go on recording: everybody is told' : 'Pause: what is said meanwhile is not recorded'}
      look="raised"
      large
      // Not `disabled`, which would take the keyboard's focus away from the button that was just pressed.
      aria-disabled={busy}
      onClick={({ detail }) => {
        // The second click of a double click meets the other button: it was not meant.
        if (!busy && detail < 2) void ask(paused ? 'resume' : 'pause');
      }}
    >
      {paused ? <Play className="icon" aria-hidden /> : <Pause className="icon" aria-hidden />}
    </IconButton>
  );
}
