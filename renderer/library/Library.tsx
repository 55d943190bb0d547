import { Film, Trash2 } from 'lucide-react';
import { useServices, useSettings, useNavigate } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { PageHeader } from '../ui/PageHeader.tsx';
import { useStore } from '../ui/store.ts';
import { DeletedLine } from './DeletedLine.tsx';
import { RecordingRow } from './RecordingRow.tsx';
import { RetentionBanner } from './RetentionBanner.tsx';
import { binLabel } from './retention-words.ts';
import './library.css';

/** Everything that was recorded, newest first. */
export function Library() {
  const { recordings, retention } = useServices();
  const { status } = useStore(retention);
  const { list } = useStore(recordings);
  const navigate = useNavigate();
  return (
    <main className="page">
      <PageHeader title="Library" column onBack={() => navigate({ kind: 'back' })}>
        <Button
          look="plain"
          className="page-header-end figures"
          onClick={() => navigate({ kind: 'opened', screen: { kind: 'bin' } })}
        >
          <Trash2 className="icon" aria-hidden />
          {binLabel(status.kind === 'ready' ? status.status.bin.length : 0)}
        </Button>
      </PageHeader>
      <div className="page-body">
        <div className="library-notices">
          <RetentionBanner recordings={list.kind === 'ready' ? list.recordings : []} />
        </div>
        {list.kind === 'loading' ? <LoadingRows /> : null}
        {list.kind === 'failed' ? <ErrorNotice error={list.error} onHelp={() => void recordings.load()} /> : null}
        {list.kind === 'ready' && list.recordings.length === 0 ? <EmptyLibrary /> : null}
        {list.kind === 'ready' && list.recordings.length > 0 ? (
          <ul className="recording-list" aria-label="Recordings">
            {list.recordings.map((recording) => (
              <RecordingRow key={recording.id} recording={recording} />
            ))}
          </ul>
        ) : null}
      </div>
      <DeletedLine />
    </main>
  );
}

function LoadingRows() {
  return (
    <div className="recording-list" role="status" aria-label="Reading the library">
      {['a', 'b', 'c'].map((row) => (
        <div key={row} className="recording-row">
          <span className="poster skeleton" />
          <div className="recording-text">
            <span className="skeleton skeleton-line" />
            <span className="skeleton skeleton-line skeleton-short" />
          </div>
        </div>
      ))}
    </div>
  );
}

function EmptyLibrary() {
  const { environment } = useServices();
  const view = useStore(environment);
  const { recordingsFolder } = useSettings();
  const folder = recordingsFolder || (view.kind === 'ready' ? view.environment.defaultRecordingsFolder : '');
  return (
    <div className="empty">
      <Film className="icon" aria-hidden />
      <h2>Nothing recorded yet</h2>
      <p className="quiet">
        Start a call and press Record. When you stop, one picture of everybody together and one file for each person
        appear here.
      </p>
      {folder === '' ? null : <p className="small quiet selectable">They are kept in {folder}</p>}
    </div>
  );
}
