import { useEffect, useState } from 'react';
import type { DeliverableId, RecordingId } from '../../contract/ids.ts';
import { deliverableUrl } from '../../contract/media-url.ts';
import type { Deliverable, Recording } from '../../contract/recording.ts';
import { useNavigate, useServices, useSettings } from '../app/services.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { PageHeader } from '../ui/PageHeader.tsx';
import { nameList } from '../ui/people-words.ts';
import { dateWords } from '../ui/time-words.ts';
import { playThrough } from '../ui/speaker.ts';
import { useStore } from '../ui/store.ts';
import { FilesList } from './FilesList.tsx';
import { GonePlace } from './GonePlace.tsx';
import { fileName, inReadingOrder } from './file-words.ts';
import { MarkersList } from './MarkersList.tsx';
import { playerCommand } from './player-keys.ts';
import { Transport } from './Transport.tsx';
import { usePlayback } from './use-playback.ts';
import './player.css';

/** Plays one recording: everybody together, or any single file. */
export function Player({ recordingId }: { recordingId: RecordingId }) {
  const { recordings } = useServices();
  const { list } = useStore(recordings);
  const navigate = useNavigate();
  const [today] = useState(() => new Date());
  const recording = list.kind === 'ready' ? list.recordings.find((entry) => entry.id === recordingId) : undefined;
  return (
    <main className="page player-page">
      <PageHeader
        title={recording === undefined ? 'Player' : recordingTitle(recording)}
        onBack={() => navigate({ kind: 'back' })}
      >
        {recording === undefined ? null : (
          <span className="small quiet figures one-line">
            {nameList(recording.participantNames)} · {dateWords(recording.startedAt, today)}
          </span>
        )}
      </PageHeader>
      {list.kind === 'loading' ? <div className="player-loading skeleton" role="status" aria-label="Opening" /> : null}
      {list.kind === 'failed' ? <ErrorNotice error={list.error} onHelp={() => void recordings.load()} /> : null}
      {list.kind === 'ready' && recording === undefined ? (
        <ErrorNotice
          error={{ code: 'RECORDING_NOT_FOUND', message: recordingId, retryable: false }}
          onHelp={() => navigate({ kind: 'back' })}
        />
      ) : null}
      {recording === undefined ? null : <LoadedPlayer recording={recording} />}
    </main>
  );
}

function LoadedPlayer({ recording }: { recording: Recording }) {
  const files = inReadingOrder(recording.deliverables);
  const [chosenId, setChosenId] = useState<DeliverableId | null>(null);
  const file = files.find((entry) => entry.id === chosenId) ?? files[0];
  const player = usePlayback();
  return (
    <div className="player">
      {recording.mediaLeftAt !== null ? (
        <GonePlace recording={recording} />
      ) : file === undefined ? (
        <div className="empty">
          <h2>Nothing to play yet</h2>
          <p className="quiet">The files appear here as soon as they are saved.</p>
        </div>
      ) : (
        <FilePlayer recording={recording} file={file} autoPlay={chosenId !== null} player={player} />
      )}
      <aside className="player-side" aria-label="Markers and files">
        <MarkersList
          recording={recording}
          file={recording.mediaLeftAt === null ? file : undefined}
          onSeek={player.seek}
        />
        <FilesList recording={recording} playingId={file?.id ?? null} onPlay={setChosenId} />
      </aside>
    </div>
  );
}

type FilePlayerProps = {
  recording: Recording;
  file: Deliverable;
  autoPlay: boolean;
  player: ReturnType<typeof usePlayback>;
};

function FilePlayer({ recording, file, autoPlay, player }: FilePlayerProps) {
  const { speakerId } = useSettings();
  const { video, playback, handlers, seek, setSpeed, run } = player;
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (video.current !== null) void playThrough(video.current, speakerId);
  }, [speakerId, video]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      // Controls keep their own keys; only the timeline shares the arrows with the player.
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target instanceof Element && target.closest('button, select, input, [role="menu"], dialog') !== null) return;
      const command = playerCommand(event.key, event.shiftKey);
      if (command === null) return;
      event.preventDefault();
      run(command);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [run]);

  return (
    <section className="player-main" aria-label="Picture">
      <div className="player-picture">
        {/* Recorded calls have no captions yet. */}
        <video
          key={`${file.id}-${attempt}`}
          ref={video}
          src={deliverableUrl(recording.id, file.id)}
          aria-label={fileName(file)}
          preload="auto"
          autoPlay={autoPlay}
          playsInline
          data-playback={playback.state}
          onClick={() => run({ kind: 'toggle' })}
          {...handlers}
        />
        {playback.state === 'failed' ? (
          <div className="player-failed">
            <ErrorNotice
              error={{ code: 'MEDIA_UNREADABLE', message: file.file, retryable: true }}
              onHelp={() => setAttempt((count) => count + 1)}
            />
          </div>
        ) : null}
      </div>
      <Transport
        playback={playback}
        file={file}
        markers={recording.markers}
        onCommand={run}
        onSeek={seek}
        onSpeed={setSpeed}
      />
    </section>
  );
}
