import type { Recording } from '../../contract/recording.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { removeWords } from './delete-words.ts';
import { DeleteText } from './DeleteText.tsx';
import { useCommandPlace } from './use-command-place.ts';

type RemoveDialogProps = { recording: Recording; onDelete: () => void; onKeep: () => void };

/** The question before a recording's files in the bucket are deleted. */
export function RemoveDialog({ recording, onDelete, onKeep }: RemoveDialogProps) {
  const { mediaInBin } = useCommandPlace(recording.id);
  return (
    <Dialog
      title="Delete it in the bucket?"
      onCancel={onKeep}
      buttons={
        <>
          <Button look="outline" onClick={onDelete}>
            Delete in bucket
          </Button>
          <Button look="primary" autoFocus onClick={onKeep}>
            Keep
          </Button>
        </>
      }
    >
      <DeleteText words={removeWords(recording, mediaInBin)} />
    </Dialog>
  );
}
