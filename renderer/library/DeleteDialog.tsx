import { useState } from 'react';
import type { Recording } from '../../contract/recording.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { filesInBucket } from './cloud-words.ts';
import { binWords, fileCount } from './delete-words.ts';
import { DeleteText } from './DeleteText.tsx';

type DeleteDialogProps = { recording: Recording; onDelete: (alsoInBucket: boolean) => void; onKeep: () => void };

/** The question before a recording goes into the bin; keeping is the answer that is ready to press. */
export function DeleteDialog({ recording, onDelete, onKeep }: DeleteDialogProps) {
  const [alsoInBucket, setAlsoInBucket] = useState(false);
  const inBucket = filesInBucket(recording.cloud).length;
  return (
    <Dialog
      title="Move this recording to the bin?"
      onCancel={onKeep}
      buttons={
        <>
          <Button look="outline" onClick={() => onDelete(alsoInBucket)}>
            Move to bin
          </Button>
          <Button look="primary" autoFocus onClick={onKeep}>
            Keep
          </Button>
        </>
      }
    >
      <DeleteText words={binWords(recording, alsoInBucket)} />
      {inBucket === 0 ? null : (
        <label className="check-row">
          <input type="checkbox" checked={alsoInBucket} onChange={(event) => setAlsoInBucket(event.target.checked)} />
          <span>Also delete its {fileCount(inBucket)} in the bucket, for good</span>
        </label>
      )}
    </Dialog>
  );
}
