import { Play } from 'lucide-react';
import { useState } from 'react';
import type { Recording } from '../../contract/recording.ts';
import { useNavigate } from '../app/services.ts';
import { isAtRest, recordingTitle } from '../recording/recording-words.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { nameList } from '../ui/people-words.ts';
import { sizeWords } from '../ui/size-words.ts';
import { dateWords, durationWords } from '../ui/time-words.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { EditableTitle } from './EditableTitle.tsx';
import { LinkDialog } from './LinkDialog.tsx';
import { Poster } from './Poster.tsx';
import { RecordingContextMenu, RecordingMenuButton } from './RecordingMenu.tsx';
import { RecordingState } from './RecordingState.tsx';
import { RemoveDialog } from './RemoveDialog.tsx';
import { useRecordingCommands } from './use-recording-commands.ts';

/** One recording in the list. */
export function RecordingRow({ recording }: { recording: Recording }) {
  const navigate = useNavigate();
  const commands = useRecordingCommands(recording);
  const [today] = useState(() => new Date());
  const title = recordingTitle(recording);
  const openable = recording.deliverables.length > 0;
  const here = recording.mediaLeftAt === null;

  return (
    <RecordingContextMenu recording={recording} onCommand={commands.run}>
      <li className="recording-row" aria-label={title} data-status={recording.status}>
        {openable ? (
          <button
            type="button"
            className="poster-button"
            aria-label={`${here ? 'Play' : 'Details of'} ${title}`}
            onClick={() => commands.run({ kind: here ? 'play' : 'details' })}
          >
            <Poster recording={recording} />
            {here ? <Play className="icon poster-play" aria-hidden /> : null}
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
        <RecordingState recording={recording} onCommand={commands.run} />
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
        {commands.mode === 'askingToRemove' ? (
          <RemoveDialog
            recording={recording}
            onDelete={commands.removeFromBucket}
            onKeep={() => commands.setMode('shown')}
          />
        ) : null}
        {commands.mode === 'copyingLink' ? (
          <LinkDialog recording={recording} file={null} onClose={() => commands.setMode('shown')} />
        ) : null}
      </li>
    </RecordingContextMenu>
  );
}

function markerCount(count: number): string {
  return count === 1 ? '1 marker' : `${count} markers`;
}
