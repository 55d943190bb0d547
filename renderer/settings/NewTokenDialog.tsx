import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';

type NewTokenDialogProps = { busy: boolean; onMake: () => void; onKeep: () => void };

/** The question before programs lose the token that they have. */
export function NewTokenDialog({ busy, onMake, onKeep }: NewTokenDialogProps) {
  return (
    <Dialog
      title="Make a new token?"
      onCancel={onKeep}
      buttons={
        <>
          <Button look="outline" disabled={busy} onClick={onMake}>
            {busy ? 'Making it' : 'Make a new token'}
          </Button>
          <Button look="primary" autoFocus disabled={busy} onClick={onKeep}>
            Keep the old one
          </Button>
        </>
      }
    >
      <p className="quiet">
        Programs that have the old one stop working until you give them the new one. The command line finds it by
        itself.
      </p>
    </Dialog>
  );
}
