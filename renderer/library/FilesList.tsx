import { Download, FolderOpen, Link, Play } from 'lucide-react';
import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { DeliverableId } from '../../contract/ids.ts';
import type { Recording, Track } from '../../contract/recording.ts';
import { useServices } from '../app/services.ts';
import { recordingStateWords } from '../recording/recording-words.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { Progress } from '../ui/Progress.tsx';
import { offsetWords } from '../ui/time-words.ts';
import { cloudFileWords } from './cloud-words.ts';
import { exportableTracks } from './commands.ts';
import { fileFacts, fileName, inReadingOrder, sourceWords } from './file-words.ts';
import { LinkDialog } from './LinkDialog.tsx';

type FilesListProps = { recording: Recording; playingId: DeliverableId | null; onPlay: (id: DeliverableId) => void };

/** Every file of the recording, and the ones that can still be made. */
export function FilesList({ recording, playingId, onPlay }: FilesListProps) {
  const { client } = useServices();
  const [error, setError] = useState<ErrorShape | null>(null);
  const attempt = (work: Promise<unknown>): void => {
    setError(null);
    work.catch((problem: unknown) => setError(toErrorShape(problem)));
  };
  const show = (deliverableId: DeliverableId): void =>
    attempt(client.request('recording.showInFolder', { recordingId: recording.id, deliverableId }));
  const save = (track: Track): void =>
    attempt(client.request('recording.exportTrack', { recordingId: recording.id, trackId: track.id }));
  const words = recordingStateWords(recording);
  const here = recording.mediaLeftAt === null;
  const [linked, setLinked] = useState<string | null>(null);

  return (
    <section className="side-panel files" aria-label="Files">
      <h2>Files</h2>
      {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      <ul className="files-list" aria-label="Files of this recording">
        {inReadingOrder(recording.deliverables).map((file) => {
          const name = fileName(file);
          const full = `${name}, ${file.format.toUpperCase()}`;
          const inBucket = recording.cloud.files.find((each) => each.file === file.file);
          const facts = (
            <span className="file-text">
              <span className="one-line">{name}</span>
              <span className="small quiet figures">{fileFacts(file)}</span>
              <span className="small quiet figures">{offsetWords(file.offsetMs)}</span>
              {inBucket === undefined ? null : <span className="small quiet">{cloudFileWords(inBucket.state)}</span>}
              {file.note === null ? null : <span className="small quiet">{file.note}</span>}
            </span>
          );
          return (
            <li key={file.id} className="file-row" data-playing={here && file.id === playingId ? '' : undefined}>
              {here ? (
                <button
                  type="button"
                  className="file-play"
                  aria-label={`Play ${full}`}
                  aria-pressed={file.id === playingId}
                  onClick={() => onPlay(file.id)}
                >
                  <Play className="icon" aria-hidden />
                  {facts}
                </button>
              ) : (
                <div className="file-play">{facts}</div>
              )}
              {inBucket?.state === 'verified' ? (
                <IconButton
                  label={`Copy a link to ${full}`}
                  tip="Copy a link to the file in your bucket"
                  onClick={() => setLinked(file.file)}
                >
                  <Link className="icon" aria-hidden />
                </IconButton>
              ) : null}
              {here ? (
                <IconButton label={`Show ${full} in folder`} tip="Show in folder" onClick={() => show(file.id)}>
                  <FolderOpen className="icon" aria-hidden />
                </IconButton>
              ) : null}
            </li>
          );
        })}
      </ul>
      {recording.progress === null ? null : (
        <div className="file-progress">
          <span className="small figures" role="status">
            {words}
          </span>
          <Progress label={words} fraction={recording.progress.fraction} />
        </div>
      )}
      <div className="files-make">
        {exportableTracks(recording).map((track) => (
          <Button key={track.id} look="outline" onClick={() => save(track)}>
            <Download className="icon" aria-hidden />
            <span className="one-line">
              Save {track.participantName}
              {sourceWords(track.source)} as MP4
            </span>
          </Button>
        ))}
      </div>
      {linked === null ? null : <LinkDialog recording={recording} file={linked} onClose={() => setLinked(null)} />}
    </section>
  );
}
