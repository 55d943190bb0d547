import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';

type LeaveDialogProps = {
  isHost: boolean;
  recording: boolean;
  /** Also closes the app afterwards. */
  closing: boolean;
  busy: boolean;
  onLeave: () => void;
  onStay: () => void;
};

/** The one question before leaving, with plain verbs. */
export function LeaveDialog({ isHost, recording, closing, busy, onLeave, onStay }: LeaveDialogProps) {
  const verb = isHost ? (recording ? 'End for all and save' : 'End for all') : 'Leave';
  const title = closing ? 'Close Tallylight?' : isHost ? 'End this call?' : 'Leave this call?';
  return (
    <Dialog
      title={title}
      onCancel={onStay}
      buttons={
        <>
          <Button look="outline" disabled={busy} onClick={onStay}>
            Stay
          </Button>
          <Button look="primary" autoFocus disabled={busy} onClick={onLeave}>
            {busy ? (recording && isHost ? 'Saving' : 'Leaving') : verb}
          </Button>
        </>
      }
    >
      <p className="quiet">{leaveWords(isHost, recording)}</p>
    </Dialog>
  );
}

function leaveWords(isHost: boolean, recording: boolean): string {
  if (!isHost) return 'The others stay in the call. You can come back with the same link.';
  if (recording) return 'You are the host: the call ends for everybody, and the recording is finished and kept.';
  return 'You are the host: the call ends for everybody.';
}
