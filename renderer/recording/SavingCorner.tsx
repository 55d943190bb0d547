import { Check, LoaderCircle, TriangleAlert, X } from 'lucide-react';
import { useEffect } from 'react';
import type { Recording } from '../../contract/recording.ts';
import { useNavigate, useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { Progress } from '../ui/Progress.tsx';
import { useStore } from '../ui/store.ts';
import { isBeingSaved, recordingStateWords, recordingTitle } from './recording-words.ts';

/** How long "Saved" stays in the corner, in milliseconds; the library keeps everything it says. */
const SAVED_MS = 10_000;

/** What is being saved, in the corner of every screen; it never stands in the way. */
export function SavingCorner() {
  const { list, seenSaving } = useStore(useServices().recordings);
  if (list.kind !== 'ready') return null;
  const shown = list.recordings.filter((recording) => seenSaving.has(recording.id));
  if (shown.length === 0) return null;
  return (
    <ul className="saving-corner" aria-label="Saving">
      {shown.map((recording) => (
        <SavingCard key={recording.id} recording={recording} />
      ))}
    </ul>
  );
}

function SavingCard({ recording }: { recording: Recording }) {
  const { recordings } = useServices();
  const navigate = useNavigate();
  const saving = isBeingSaved(recording);
  const failed = recording.status === 'failed';
  useEffect(() => {
    if (saving || failed) return undefined;
    const timer = setTimeout(() => recordings.forgetSaving(recording.id), SAVED_MS);
    return () => clearTimeout(timer);
  }, [saving, failed, recordings, recording.id]);

  const openLibrary = (): void => {
    recordings.forgetSaving(recording.id);
    navigate({ kind: 'opened', screen: { kind: 'library' } });
  };
  return (
    <li className="saving-card" data-status={recording.status}>
      {saving ? (
        <LoaderCircle className="icon spin" aria-hidden />
      ) : failed ? (
        <TriangleAlert className="icon saving-failed" aria-hidden />
      ) : (
        <Check className="icon" aria-hidden />
      )}
      <div className="saving-body">
        <span className="one-line">{recordingTitle(recording)}</span>
        <span className="small quiet figures" role="status" aria-live={saving ? 'off' : 'polite'}>
          {recordingStateWords(recording)}
        </span>
        {saving ? (
          <Progress label={`Saving ${recordingTitle(recording)}`} fraction={recording.progress?.fraction ?? null} />
        ) : (
          <div>
            <Button look="outline" onClick={openLibrary}>
              Show in Library
            </Button>
          </div>
        )}
      </div>
      {saving ? null : (
        <IconButton label="Dismiss" onClick={() => recordings.forgetSaving(recording.id)}>
          <X className="icon" aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
