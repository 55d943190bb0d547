import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { BinEntry } from '../../contract/retention.ts';
import { useNavigate, useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { PageHeader } from '../ui/PageHeader.tsx';
import { useStore } from '../ui/store.ts';
import { BinRow } from './BinRow.tsx';
import { BIN_DAYS } from '../../contract/retention.ts';
import { EmptyBinDialog } from './EmptyBinDialog.tsx';
import { binSizeWords } from './retention-words.ts';
import './library.css';

/** What left the Library, until it goes for good. */
export function Bin() {
  const { retention } = useServices();
  const { status } = useStore(retention);
  const navigate = useNavigate();
  const [asked, setAsked] = useState<BinEntry | 'all' | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorShape | null>(null);
  const bin = status.kind === 'ready' ? status.status.bin : [];

  const attempt = (work: Promise<void>): void => {
    setError(null);
    setBusy(true);
    work.catch((problem: unknown) => setError(toErrorShape(problem))).finally(() => setBusy(false));
  };

  return (
    <main className="page">
      <PageHeader title="Bin" column onBack={() => navigate({ kind: 'back' })}>
        {bin.length === 0 ? null : (
          <>
            <span className="small quiet figures">{binSizeWords(bin)}</span>
            <Button look="outline" className="page-header-end" disabled={busy} onClick={() => setAsked('all')}>
              Empty bin
            </Button>
          </>
        )}
      </PageHeader>
      <div className="page-body">
        {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
        {status.kind === 'loading' ? (
          <div className="recording-list" role="status" aria-label="Looking into the bin">
            <div className="bin-row skeleton" />
          </div>
        ) : null}
        {status.kind === 'failed' ? <ErrorNotice error={status.error} onHelp={() => void retention.load()} /> : null}
        {status.kind === 'ready' && bin.length === 0 ? (
          <div className="empty">
            <Trash2 className="icon" aria-hidden />
            <h2>The bin is empty</h2>
            <p className="quiet">
              What you delete, and what leaves this computer by itself, lies here for {BIN_DAYS} days before it goes for
              good.
            </p>
          </div>
        ) : null}
        {bin.length === 0 ? null : (
          <ul className="recording-list" aria-label="In the bin">
            {bin.map((entry) => (
              <BinRow
                key={entry.id}
                entry={entry}
                busy={busy}
                onRestore={() => attempt(retention.restore(entry.id))}
                onDelete={() => setAsked(entry)}
              />
            ))}
          </ul>
        )}
      </div>
      {asked === null ? null : (
        <EmptyBinDialog
          entries={asked === 'all' ? bin : [asked]}
          onDelete={() => {
            setAsked(null);
            attempt(retention.empty(asked === 'all' ? null : asked.id));
          }}
          onKeep={() => setAsked(null)}
        />
      )}
    </main>
  );
}
