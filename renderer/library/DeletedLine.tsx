import { useEffect, useRef, useState } from 'react';
import { Trash2, X } from 'lucide-react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { entryOf } from '../app/retention-store.ts';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { useStore } from '../ui/store.ts';

/** What was deleted last, and the way back. Nothing is lost with it: the bin has the same. */
export function DeletedLine() {
  const { retention } = useServices();
  const { deleted, status } = useStore(retention);
  const [error, setError] = useState<ErrorShape | null>(null);
  const undo = useRef<HTMLButtonElement>(null);
  const entry =
    deleted === null || status.kind !== 'ready' ? null : entryOf(status.status.bin, deleted.recordingId, 'recording');
  const entryId = entry?.id;

  // The row that had the focus is gone: keys go on at the way back.
  useEffect(() => {
    if (entryId === undefined) return undefined;
    const frame = requestAnimationFrame(() => {
      if (document.activeElement === document.body) undo.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [entryId]);
  useEffect(() => () => retention.forgetDeleted(), [retention]);

  return (
    <>
      <div className="deleted-place" role="status">
        {deleted === null ? null : (
          <div className="deleted-line">
            <Trash2 className="icon" aria-hidden />
            <span className="one-line">“{deleted.title}” is in the bin.</span>
            {entryId === undefined ? null : (
              <Button
                ref={undo}
                look="outline"
                onClick={() => {
                  setError(null);
                  retention.restore(entryId).catch((problem: unknown) => setError(toErrorShape(problem)));
                }}
              >
                Undo
              </Button>
            )}
            <IconButton label="Dismiss" onClick={() => retention.forgetDeleted()}>
              <X className="icon" aria-hidden />
            </IconButton>
          </div>
        )}
      </div>
      {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
    </>
  );
}
