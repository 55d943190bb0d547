import { LoaderCircle } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { assertNever } from '../../contract/errors.ts';
import type { CallPreview } from '../../contract/call.ts';
import { Lamp } from '../recording/Lamp.tsx';
import { lampState } from '../recording/lamp-state.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { peopleCount } from '../ui/people-words.ts';
import { entrance, type InviteState } from './invite-state.ts';

type InviteCardProps = {
  state: InviteState;
  busy: boolean;
  onJoin: (consented: boolean) => void;
  onNotNow: () => void;
  onLookAgain: () => void;
};

/** What the link leads to, and the way in: Join, or the notice with its choice when the call is being recorded. */
export function InviteCard({ state, busy, onJoin, onNotNow, onLookAgain }: InviteCardProps) {
  switch (state.kind) {
    case 'empty':
      return null;
    case 'refused':
      return <ErrorNotice error={state.error} onHelp={onLookAgain} />;
    case 'checking':
      return (
        <div className="invite-card" role="status">
          <LoaderCircle className="icon spin quiet" aria-hidden />
          <span className="quiet">Looking at this call</span>
        </div>
      );
    case 'ready':
      return <ReadyCard preview={state.preview} state={state} {...{ busy, onJoin, onNotNow, onLookAgain }} />;
    default:
      return assertNever(state);
  }
}

function ReadyCard({
  preview,
  state,
  busy,
  onJoin,
  onNotNow,
  onLookAgain,
}: InviteCardProps & { preview: CallPreview }) {
  const way = entrance(state);
  const ref = useRef<HTMLElement>(null);
  // In a low window the way in is below the edge: a link that was just pasted brings it up.
  useEffect(() => ref.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <section ref={ref} className="invite-ready" aria-label="Call behind this link">
      <div className="invite-card">
        <div className="invite-facts">
          <strong className="one-line">{preview.title === '' ? `${preview.hostName}'s call` : preview.title}</strong>
          <span className="small quiet">
            Hosted by {preview.hostName} · {peopleCount(preview.participantCount)} in it
          </span>
        </div>
      </div>
      {way.kind === 'closed' ? <ErrorNotice error={way.error} onHelp={onLookAgain} /> : null}
      {way.kind === 'afterNotice' ? (
        <div className="notice invite-notice" role="alert">
          <Lamp state={lampState(preview.recording, null)} />
          <div className="notice-body">
            <strong>This call is being recorded.</strong>
            <span>
              {preview.recording?.recordedBy ?? preview.hostName} records it. Your picture and sound will be in the
              recording when you join.
            </span>
            <div className="notice-buttons">
              <Button look="primary" disabled={busy} onClick={() => onJoin(true)}>
                {busy ? 'Joining' : 'Continue and join'}
              </Button>
              <Button look="outline" disabled={busy} onClick={onNotNow}>
                Not now
              </Button>
            </div>
          </div>
        </div>
      ) : null}
      {way.kind === 'open' ? (
        <Button look="primary" large disabled={busy} onClick={() => onJoin(false)}>
          {busy ? 'Joining' : 'Join'}
        </Button>
      ) : null}
    </section>
  );
}
