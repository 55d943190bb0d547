import type { Recording } from '../../contract/recording.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { sizeWords } from '../ui/size-words.ts';

type DeleteDialogProps = { recording: Recording; onDelete: () => void; onKeep: () => void };

/** The question before anything recorded is removed; keeping is the answer that is ready to press. */
export function DeleteDialog({ recording, onDelete, onKeep }: DeleteDialogProps) {
  const files = recording.deliverables.length;
  return (
    <Dialog
      title="Delete this recording?"
      onCancel={onKeep}
      buttons={
        <>
          <Button look="outline" onClick={onDelete}>
            Delete
          </Button>
          <Button look="primary" autoFocus onClick={onKeep}>
            Keep
          </Button>
        </>
      }
    >
      <p className="quiet selectable">
        “{recordingTitle(recording)}” with {files === 1 ? '1 file' : `${files} files`}, {sizeWords(recording.sizeBytes)}
        , is removed from this computer. This cannot be undone.
      </p>
    </Dialog>
  );
}
