import { TriangleAlert, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Call } from '../../contract/call.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { ENDED_BY_FULL_DISK } from '../../contract/recording.ts';
import { useNavigate, useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { useStore } from '../ui/store.ts';
import { timeLeftWords } from './space-words.ts';

/** Warns the host of a disk that fills while recording, and says so when it has ended the recording. */
export function SpaceNotice({ call }: { call: Call }) {
  const { health, list } = useStore(useServices().recordings);
  const [dismissed, setDismissed] = useState<RecordingId | null>(null);
  if (call.role !== 'host') return null;
  const running = call.recording !== null && call.recording.state !== 'stopping' ? call.recording.recordingId : null;
  if (running !== null) {
    const space = health?.recordingId === running ? health.space : null;
    if (space === null || space.level === 'ok') return null;
    return (
      <SpaceWarning sentence="The disk is getting full.">
        <span className="figures">{timeLeftWords(space)}</span> Then the recording ends by itself, and everything until
        there is saved.
      </SpaceWarning>
    );
  }
  const latest = list.kind === 'ready' ? list.recordings.find(({ callId }) => callId === call.id) : undefined;
  if (latest === undefined || latest.id === dismissed || !latest.notes.includes(ENDED_BY_FULL_DISK)) return null;
  return (
    <SpaceWarning sentence={ENDED_BY_FULL_DISK} onDismiss={() => setDismissed(latest.id)}>
      Everything until then is kept. Make room on the disk, or choose another folder in the settings, before you record
      again.
    </SpaceWarning>
  );
}

type SpaceWarningProps = { sentence: string; onDismiss?: () => void; children: ReactNode };

function SpaceWarning({ sentence, onDismiss, children }: SpaceWarningProps) {
  const navigate = useNavigate();
  return (
    <div className="notice" data-tone="warning" role="group" aria-label="Room on the disk">
      <TriangleAlert className="icon" aria-hidden />
      <div className="notice-body">
        {/* Read out once: a count that is read out every second would drown the call. */}
        <strong role="alert">{sentence}</strong>
        <span>{children}</span>
        <div className="notice-buttons">
          <Button look="outline" onClick={() => navigate({ kind: 'opened', screen: { kind: 'library' } })}>
            Open Library
          </Button>
        </div>
      </div>
      {onDismiss === undefined ? null : (
        <IconButton label="Dismiss" onClick={onDismiss}>
          <X className="icon" aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
