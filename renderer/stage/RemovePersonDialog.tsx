import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { removalWords } from './person-words.ts';

type RemovePersonDialogProps = {
  name: string;
  recording: boolean;
  busy: boolean;
  onRemove: () => void;
  onKeep: () => void;
};

/** The question before somebody is put out of the call for good. */
export function RemovePersonDialog({ name, recording, busy, onRemove, onKeep }: RemovePersonDialogProps) {
  const { title, text } = removalWords(name, recording);
  return (
    <Dialog
      title={title}
      onCancel={onKeep}
      buttons={
        <>
          <Button look="outline" disabled={busy} onClick={onRemove}>
            {busy ? 'Removing' : 'Remove'}
          </Button>
          <Button look="primary" autoFocus disabled={busy} onClick={onKeep}>
            Keep
          </Button>
        </>
      }
    >
      <p className="quiet">{text}</p>
    </Dialog>
  );
}
