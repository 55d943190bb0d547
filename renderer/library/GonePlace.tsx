import { ArchiveRestore, Cloud, Link } from 'lucide-react';
import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { Recording } from '../../contract/recording.ts';
import { entryOf } from '../app/retention-store.ts';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useStore } from '../ui/store.ts';
import { verifiedFiles } from './cloud-words.ts';
import { LinkDialog } from './LinkDialog.tsx';
import { goneWords } from './leaving-words.ts';

/** In place of the picture when the media have left this computer: where they are, and how to get at them. */
export function GonePlace({ recording }: { recording: Recording }) {
  const { retention } = useServices();
  const { status } = useStore(retention);
  const [copying, setCopying] = useState(false);
  const [error, setError] = useState<ErrorShape | null>(null);
  const [now] = useState(() => new Date());
  const entry = status.kind === 'ready' ? entryOf(status.status.bin, recording.id, 'media') : null;
  const { title, text } = goneWords(recording, entry, now);
  return (
    <section className="empty" aria-label="Picture">
      <Cloud className="icon" aria-hidden />
      <h2>{title}</h2>
      {text.map((line) => (
        <p key={line} className="quiet selectable figures">
          {line}
        </p>
      ))}
      <div className="notice-buttons">
        {verifiedFiles(recording.cloud).length === 0 ? null : (
          <Button look="primary" onClick={() => setCopying(true)}>
            <Link className="icon" aria-hidden />
            Copy link
          </Button>
        )}
        {entry === null ? null : (
          <Button
            look="outline"
            onClick={() => {
              setError(null);
              retention.restore(entry.id).catch((problem: unknown) => setError(toErrorShape(problem)));
            }}
          >
            <ArchiveRestore className="icon" aria-hidden />
            Bring back from the bin
          </Button>
        )}
      </div>
      {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      {copying ? <LinkDialog recording={recording} file={null} onClose={() => setCopying(false)} /> : null}
    </section>
  );
}
