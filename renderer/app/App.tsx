import { Tooltip } from 'radix-ui';
import { useEffect, useReducer, useRef, useState } from 'react';
import { assertNever, toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { Bin } from '../library/Bin.tsx';
import { Library } from '../library/Library.tsx';
import { Player } from '../library/Player.tsx';
import { Lobby, type LobbyDraft } from '../lobby/Lobby.tsx';
import { RecordingNotice } from '../recording/RecordingNotice.tsx';
import { SavingCorner } from '../recording/SavingCorner.tsx';
import { Settings } from '../settings/Settings.tsx';
import { LeaveDialog } from '../stage/LeaveDialog.tsx';
import { MarkerToast } from '../stage/MarkerToast.tsx';
import { Stage } from '../stage/Stage.tsx';
import { useMarkerKey } from '../stage/use-marker-key.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useStore } from '../ui/store.ts';
import { CallStrip } from './CallStrip.tsx';
import { CloseQuestion } from './CloseQuestion.tsx';
import { RemoteAudio } from './RemoteAudio.tsx';
import { firstRoute, nextRoute } from './route.ts';
import { NavigateContext, ServicesContext, useCallView, useServices, type Services } from './services.ts';
import { useTheme } from './use-theme.ts';
import '../ui/tokens.css';
import '../ui/base.css';
import '../ui/controls.css';
import './app.css';

/** The whole window. */
export function App({ services }: { services: Services }) {
  return (
    <ServicesContext value={services}>
      <Tooltip.Provider delayDuration={400} skipDelayDuration={200}>
        <Starting />
      </Tooltip.Provider>
    </ServicesContext>
  );
}

/** Nothing is drawn from guesses: the screens come up when the settings were read. */
function Starting() {
  const { settings } = useServices();
  const view = useStore(settings);
  useTheme(view.kind === 'ready' ? view.settings.theme : 'dark');
  switch (view.kind) {
    case 'loading':
      return <div className="starting" role="status" aria-label="Starting" />;
    case 'failed':
      return (
        <div className="starting">
          <ErrorNotice error={view.error} onHelp={() => void settings.load()} />
        </div>
      );
    case 'ready':
      return <Window />;
    default:
      return assertNever(view);
  }
}

const emptyDraft: LobbyDraft = { title: '', link: '', cameraOn: null, microphoneOn: null };

function Window() {
  const { client, session, media, environment } = useServices();
  const [route, navigate] = useReducer(nextRoute, firstRoute);
  const [draft, setDraft] = useState<LobbyDraft>(emptyDraft);
  const [endedByOneself, setEndedByOneself] = useState(false);
  const [leaving, setLeaving] = useState<'no' | 'asked' | 'busy'>('no');
  const [leaveError, setLeaveError] = useState<ErrorShape | null>(null);
  const changeDraft = (change: Partial<LobbyDraft>): void => setDraft((last) => ({ ...last, ...change }));
  const view = useCallView();
  const inCall = view.kind === 'inCall';
  useMarkerKey(view);
  const { screen } = route;

  useEffect(() => navigate({ kind: inCall ? 'callEntered' : 'callLeft' }), [inCall]);
  const [before, setBefore] = useState({ inCall: false, link: '' });
  if (inCall !== before.inCall) {
    setBefore({ inCall, link: draft.link });
    if (inCall) {
      setDraft(emptyDraft);
      setEndedByOneself(false);
    } else {
      setLeaving('no');
      // Someone who was cut off finds the way back in the field; an ended call needs none.
      if (view.kind === 'idle' && view.lastEnd === 'serverGone') setDraft({ ...emptyDraft, link: before.link });
    }
  }

  useEffect(() => client.on('app.inviteOpened', ({ link }) => navigate({ kind: 'linkOpened', link })), [client]);
  const environmentView = useStore(environment);
  const pending = environmentView.kind === 'ready' ? environmentView.environment.pendingInvite : null;
  useEffect(() => {
    if (pending !== null) navigate({ kind: 'linkOpened', link: pending });
  }, [pending]);

  // The lobby takes an opened link into its field; it never joins by itself.
  const waitingLink = screen.kind === 'lobby' ? route.link : null;
  const [taken, setTaken] = useState<{ link: string } | null>(null);
  if (waitingLink !== null) {
    setDraft({ ...draft, link: waitingLink });
    setTaken({ link: waitingLink });
    navigate({ kind: 'linkTaken' });
  }
  useEffect(() => {
    if (taken !== null) client.request('app.inviteTaken', {}).catch(() => undefined);
  }, [taken, client]);

  // A camera light that is on without a reason is a broken promise: devices are open in the lobby and in a call only.
  const devicesWanted = inCall || view.kind === 'entering' || screen.kind === 'lobby';
  useEffect(() => {
    if (devicesWanted) return;
    void media.setCamera(false);
    void media.setMicrophone(false);
  }, [devicesWanted, media]);

  const screenRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.documentElement.dataset.screen = screen.kind;
    // Keys go on from the top of the new screen, not from a button that is gone.
    if (document.activeElement === document.body) screenRef.current?.focus({ preventScroll: true });
  }, [screen.kind]);
  const joinMs = inCall ? view.joinToFirstFrameMs : null;
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (joinMs === null) delete dataset.joinMs;
    else dataset.joinMs = String(Math.round(joinMs));
  }, [joinMs]);

  const leave = async (): Promise<void> => {
    if (view.kind !== 'inCall') return;
    setLeaving('busy');
    setLeaveError(null);
    setEndedByOneself(true);
    try {
      await (view.call.role === 'host' ? session.end() : session.leave());
    } catch (error) {
      setLeaveError(toErrorShape(error));
    } finally {
      setLeaving('no');
    }
  };

  return (
    <NavigateContext value={navigate}>
      <div className="window">
        {inCall && screen.kind !== 'stage' ? <CallStrip view={view} /> : null}
        {leaveError === null ? null : (
          <ErrorNotice error={leaveError} onHelp={() => void leave()} onDismiss={() => setLeaveError(null)} />
        )}
        {inCall && route.link !== null ? (
          <div className="notice link-waits" role="status">
            <span>An invite link was opened. It waits in the lobby until you have left this call.</span>
            <Button look="outline" onClick={() => navigate({ kind: 'linkTaken' })}>
              Forget it
            </Button>
          </div>
        ) : null}
        <div ref={screenRef} className="window-screen" tabIndex={-1}>
          {screen.kind === 'lobby' ? (
            <Lobby
              draft={draft}
              onDraft={changeDraft}
              lastEnd={view.kind === 'idle' && !endedByOneself ? view.lastEnd : null}
            />
          ) : null}
          {screen.kind === 'stage' && inCall ? <Stage view={view} onLeave={() => setLeaving('asked')} /> : null}
          {screen.kind === 'library' ? <Library /> : null}
          {screen.kind === 'player' ? <Player key={screen.recordingId} recordingId={screen.recordingId} /> : null}
          {screen.kind === 'bin' ? <Bin /> : null}
          {screen.kind === 'settings' ? <Settings section={screen.section} /> : null}
        </div>
        <RecordingNotice />
        <SavingCorner />
        <MarkerToast />
        <RemoteAudio />
        {leaving !== 'no' && inCall ? (
          <LeaveDialog
            isHost={view.call.role === 'host'}
            recording={view.call.recording !== null}
            closing={false}
            busy={leaving === 'busy'}
            onLeave={() => void leave()}
            onStay={() => setLeaving('no')}
          />
        ) : null}
        <CloseQuestion />
      </div>
    </NavigateContext>
  );
}
