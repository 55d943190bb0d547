import { Play, RefreshCw, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Recording } from '../../contract/recording.ts';
import { useNavigate } from '../app/services.ts';
import { isAtRest, isBeingSaved, recordingStateWords, recordingTitle } from '../recording/recording-words.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { errorWords } from '../ui/error-words.ts';
import { nameList } from '../ui/people-words.ts';
import { Progress } from '../ui/Progress.tsx';
import { sizeWords } from '../ui/size-words.ts';
import { dateWords, durationWords } from '../ui/time-words.ts';
import { Aftermath } from './Aftermath.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { EditableTitle } from './EditableTitle.tsx';
import { Poster } from './Poster.tsx';
import { RecordingContextMenu, RecordingMenuButton } from './RecordingMenu.tsx';
import { useRecordingCommands } from './use-recording-commands.ts';

/** One recording in the list. */
export function RecordingRow({ recording }: { recording: Recording }) {
  const navigate = useNavigate();
  const commands = useRecordingCommands(recording);
  const [today] = useState(() => new Date());
  const title = recordingTitle(recording);
  const playable = recording.deliverables.length > 0;
  const play = (): void => commands.run({ kind: 'play' });

  return (
    <RecordingContextMenu recording={recording} onCommand={commands.run}>
      <li className="recording-row" aria-label={title} data-status={recording.status}>
        {playable ? (
          <button type="button" className="poster-button" aria-label={`Play ${title}`} onClick={play}>
            <Poster recording={recording} />
            <Play className="icon poster-play" aria-hidden />
          </button>
        ) : (
          <Poster recording={recording} />
        )}
        <div className="recording-text">
          {isAtRest(recording) ? (
            <EditableTitle
              title={title}
              editing={commands.mode === 'renaming'}
              onEdit={() => commands.setMode('renaming')}
              onDone={commands.rename}
            />
          ) : (
            <span className="title-plain one-line">{title}</span>
          )}
          <span className="small quiet one-line">{nameList(recording.participantNames)}</span>
          <span className="small quiet figures one-line">
            {[
              dateWords(recording.startedAt, today),
              recording.durationMs > 0 ? durationWords(recording.durationMs) : null,
              recording.sizeBytes > 0 ? sizeWords(recording.sizeBytes) : null,
              recording.markers.length > 0 ? markerCount(recording.markers.length) : null,
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          </span>
        </div>
        <RecordingState recording={recording} onRetry={() => commands.run({ kind: 'retry' })} />
        <RecordingMenuButton recording={recording} onCommand={commands.run} />
        {commands.error === null ? null : (
          <div className="recording-error">
            <ErrorNotice
              error={commands.error}
              onHelp={(help) => {
                commands.clearError();
                if (help.kind === 'settings') {
                  navigate({ kind: 'opened', screen: { kind: 'settings', section: help.section } });
                }
              }}
            />
          </div>
        )}
        {commands.mode === 'askingToDelete' ? (
          <DeleteDialog recording={recording} onDelete={commands.remove} onKeep={() => commands.setMode('shown')} />
        ) : null}
      </li>
    </RecordingContextMenu>
  );
}

function markerCount(count: number): string {
  return count === 1 ? '1 marker' : `${count} markers`;
}

function RecordingState({ recording, onRetry }: { recording: Recording; onRetry: () => void }) {
  const words = recordingStateWords(recording);
  const busy = isBeingSaved(recording);
  const failed = recording.status === 'failed';
  return (
    <div className="recording-state">
      <span className="recording-state-words figures" data-status={recording.status}>
        {failed ? <TriangleAlert className="icon" aria-hidden /> : null}
        {words}
      </span>
      {busy ? (
        <Progress label={`${words}: ${recordingTitle(recording)}`} fraction={recording.progress?.fraction ?? null} />
      ) : null}
      {failed ? (
        <>
          {recording.error === null ? null : (
            <span className="small quiet">{errorWords(recording.error.code).nextStep}</span>
          )}
          <div>
            <Button look="outline" onClick={onRetry}>
              <RefreshCw className="icon" aria-hidden />
              Try again
            </Button>
          </div>
        </>
      ) : null}
      {isAtRest(recording) ? <Aftermath recording={recording} /> : null}
    </div>
  );
}
