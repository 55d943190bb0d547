import type { BinEntry } from '../../contract/retention.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { emptyWords } from './delete-words.ts';
import { DeleteText } from './DeleteText.tsx';

type EmptyBinDialogProps = { entries: readonly BinEntry[]; onDelete: () => void; onKeep: () => void };

/** The question before something in the bin goes for good. */
export function EmptyBinDialog({ entries, onDelete, onKeep }: EmptyBinDialogProps) {
  return (
    <Dialog
      title={entries.length === 1 ? 'Delete it now?' : 'Empty the bin?'}
      onCancel={onKeep}
      buttons={
        <>
          <Button look="outline" onClick={onDelete}>
            {entries.length === 1 ? 'Delete now' : 'Empty bin'}
          </Button>
          <Button look="primary" autoFocus onClick={onKeep}>
            Keep
          </Button>
        </>
      }
    >
      <DeleteText words={emptyWords(entries)} />
    </Dialog>
  );
}
