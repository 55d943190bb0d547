import { useState } from 'react';
import type { ErrorShape } from '../../contract/errors.ts';
import { useNavigate } from '../app/services.ts';
import type { CallView } from '../call/call-view.ts';
import { useCallRecording } from '../recording/use-call-recording.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import type { ErrorHelp } from '../ui/error-words.ts';
import { BottomBar } from './BottomBar.tsx';
import { DeviceNotice } from './DeviceNotice.tsx';
import { Gallery } from './Gallery.tsx';
import { InviteField, PeoplePanel } from './PeoplePanel.tsx';
import { SpaceNotice } from './SpaceNotice.tsx';
import { TopBar } from './TopBar.tsx';
import { callTitle } from './call-title.ts';
import './stage.css';

type StageProps = { view: Extract<CallView, { kind: 'inCall' }>; onLeave: () => void };

/** The call itself: picture first. */
export function Stage({ view, onLeave }: StageProps) {
  const navigate = useNavigate();
  const { call, people } = view;
  const { recording, tracks } = useCallRecording(call);
  const [panelOpen, setPanelOpen] = useState(false);
  const [recordError, setRecordError] = useState<ErrorShape | null>(null);
  const help = (wanted: ErrorHelp): void => {
    if (wanted.kind === 'settings') navigate({ kind: 'opened', screen: { kind: 'settings', section: wanted.section } });
    else if (wanted.kind === 'library') navigate({ kind: 'opened', screen: { kind: 'library' } });
    else setRecordError(null);
  };
  return (
    <main className="stage">
      <TopBar call={call} title={callTitle(call)} />
      <div className="stage-middle">
        <div className="stage-picture">
          <Gallery people={people} tracks={call.role === 'host' ? tracks : []} />
          {/* The open panel has the same link. */}
          {people.length < 2 && !panelOpen ? (
            <section className="stage-alone" aria-label="Nobody else is here yet">
              <strong>Nobody else is here yet</strong>
              <span className="quiet">Send this link to the people you want to talk to.</span>
              <InviteField link={call.inviteLink} />
            </section>
          ) : null}
          <div className="stage-notices">
            <SpaceNotice call={call} />
            {view.deviceProblem === null ? null : <DeviceNotice />}
            {recordError === null ? null : (
              <ErrorNotice error={recordError} onHelp={help} onDismiss={() => setRecordError(null)} />
            )}
          </div>
        </div>
        {panelOpen ? <PeoplePanel call={call} people={people} onClose={() => setPanelOpen(false)} /> : null}
      </div>
      <BottomBar
        view={view}
        recording={recording}
        panelOpen={panelOpen}
        onPanel={() => setPanelOpen((open) => !open)}
        onLeave={onLeave}
        onError={setRecordError}
      />
    </main>
  );
}
