import { CalendarClock, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { Recording } from '../../contract/recording.ts';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useStore } from '../ui/store.ts';
import { noticeWords, questionWords, type BannerWords } from './retention-words.ts';

/** What is about to leave this computer: told once, asked when it is a lot, and said when the clock cannot be trusted. */
export function RetentionBanner({ recordings }: { recordings: readonly Recording[] }) {
  const { retention } = useServices();
  const { status } = useStore(retention);
  const [now] = useState(() => new Date());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorShape | null>(null);
  if (status.kind !== 'ready') return null;
  const { notice, question, clockJumped } = status.status;

  const attempt = (work: Promise<void>): void => {
    setError(null);
    setBusy(true);
    work.catch((problem: unknown) => setError(toErrorShape(problem))).finally(() => setBusy(false));
  };

  return (
    <>
      {clockJumped ? (
        <div className="notice" data-tone="warning" role="status">
          <TriangleAlert className="icon" aria-hidden />
          <span>
            The clock of this computer went on by more than two days unseen, or was set. To be safe, nothing leaves by
            itself until the next start.
          </span>
        </div>
      ) : null}
      {question === null ? null : (
        <Banner label="A lot is old enough to leave" words={questionWords(question, recordings)}>
          <Button look="outline" disabled={busy} onClick={() => attempt(retention.answer('moveToBin'))}>
            Move to bin
          </Button>
          <Button look="primary" disabled={busy} onClick={() => attempt(retention.answer('keep'))}>
            Keep all
          </Button>
        </Banner>
      )}
      {notice === null ? null : (
        <Banner label="What leaves this computer next" words={noticeWords(notice, recordings, now)}>
          <Button look="outline" disabled={busy} onClick={() => attempt(retention.keepNoticed())}>
            {notice.recordingIds.length === 1 ? 'Keep it' : 'Keep them'}
          </Button>
          <Button look="primary" disabled={busy} onClick={() => attempt(retention.noticeSeen())}>
            OK
          </Button>
        </Banner>
      )}
      {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
    </>
  );
}

type BannerProps = { label: string; words: BannerWords; children: ReactNode };

function Banner({ label, words, children }: BannerProps) {
  return (
    <section className="notice" aria-label={label}>
      <CalendarClock className="icon" aria-hidden />
      <div className="notice-body">
        <span className="figures" role="status">
          {words.sentence}
        </span>
        {words.more === '' ? null : <span className="small quiet">{words.more}</span>}
        <div className="notice-buttons">{children}</div>
      </div>
    </section>
  );
}
