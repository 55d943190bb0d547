import { useState } from 'react';
import type { ErrorShape } from '../../contract/errors.ts';
import { useNavigate, useServices } from '../app/services.ts';
import type { CallView } from '../call/call-view.ts';
import { useCallRecording } from '../recording/use-call-recording.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import type { ErrorHelp } from '../ui/error-words.ts';
import { BottomBar } from './BottomBar.tsx';
import { Gallery } from './Gallery.tsx';
import { InviteField, PeoplePanel } from './PeoplePanel.tsx';
import { TopBar } from './TopBar.tsx';
import { callTitle } from './call-title.ts';
import './stage.css';

type StageProps = { view: Extract<CallView, { kind: 'inCall' }>; onLeave: () => void };

/** The call itself: picture first. */
export function Stage({ view, onLeave }: StageProps) {
  const { session } = useServices();
  const navigate = useNavigate();
  const { call, people } = view;
  const { recording, tracks } = useCallRecording(call);
  const [panelOpen, setPanelOpen] = useState(false);
  const [recordError, setRecordError] = useState<ErrorShape | null>(null);
  const [dismissed, setDismissed] = useState<ErrorShape | null>(null);
  const deviceProblem = view.deviceProblem === dismissed ? null : view.deviceProblem;

  const help =
    (retry: () => void) =>
    (wanted: ErrorHelp): void => {
      if (wanted.kind === 'settings')
        navigate({ kind: 'opened', screen: { kind: 'settings', section: wanted.section } });
      else if (wanted.kind === 'library') navigate({ kind: 'opened', screen: { kind: 'library' } });
      else retry();
    };
  const retryDevices = (): void => {
    void session.setMicrophone(view.microphoneOn);
    void session.setCamera(view.cameraOn);
  };

  return (
    <main className="stage">
      <TopBar call={call} title={callTitle(call)} />
      <div className="stage-middle">
        <div className="stage-picture">
          <Gallery people={people} tracks={call.role === 'host' ? tracks : []} />
          {people.length < 2 ? (
            <section className="stage-alone" aria-label="Nobody else is here yet">
              <strong>Nobody else is here yet</strong>
              <span className="quiet">Send this link to the people you want to talk to.</span>
              <InviteField link={call.inviteLink} />
            </section>
          ) : null}
          <div className="stage-notices">
            {deviceProblem === null ? null : (
              <ErrorNotice
                error={deviceProblem}
                onHelp={help(retryDevices)}
                onDismiss={() => setDismissed(view.deviceProblem)}
              />
            )}
            {recordError === null ? null : (
              <ErrorNotice
                error={recordError}
                onHelp={help(() => setRecordError(null))}
                onDismiss={() => setRecordError(null)}
              />
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
