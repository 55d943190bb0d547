import { Film, Settings as SettingsIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { CallEndReason } from '../../contract/call.ts';
import { AppError, toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { useCallView, useNavigate, useServices, useSettings } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { startErrorWords, type ErrorHelp } from '../ui/error-words.ts';
import { Field } from '../ui/Field.tsx';
import { DeviceMenus } from './DeviceMenus.tsx';
import { endWords } from './end-words.ts';
import { InviteCard } from './InviteCard.tsx';
import { Preview } from './Preview.tsx';
import { useInvite } from './use-invite.ts';
import './lobby.css';

/** What was typed and switched in the lobby and outlives a visit to another screen. */
export type LobbyDraft = {
  title: string;
  link: string;
  /** The switches on the own picture, until the settings hold them; null: as the settings say. */
  cameraOn: boolean | null;
  microphoneOn: boolean | null;
};

type LobbyProps = {
  draft: LobbyDraft;
  onDraft: (change: Partial<LobbyDraft>) => void;
  lastEnd: CallEndReason | null;
};

/** Where one gets ready: own picture, name and devices, and the two ways into a call. */
export function Lobby({ draft, onDraft, lastEnd }: LobbyProps) {
  const { session, media, settings } = useServices();
  const { displayName, joinWithCamera, joinWithMicrophone } = useSettings();
  const cameraOn = draft.cameraOn ?? joinWithCamera;
  const microphoneOn = draft.microphoneOn ?? joinWithMicrophone;
  const navigate = useNavigate();
  const entering = useCallView().kind === 'entering';
  const [name, setName] = useState(displayName);
  const [nameMissing, setNameMissing] = useState(false);
  const [asked, setAsked] = useState<'create' | 'join' | null>(null);
  const [failure, setFailure] = useState<{ during: 'create' | 'join'; error: ErrorShape } | null>(null);
  const nameRef = useRef<HTMLInputElement>(null);
  const { state: invite, lookAgain } = useInvite(draft.link);
  const endedBecause = endWords(lastEnd);
  useOpenDevices(cameraOn, microphoneOn);

  // The switch holds at once, whether or not the settings can be saved: off must mean off.
  const setCamera = (on: boolean): void => {
    void media.setCamera(on);
    onDraft({ cameraOn: on });
    settings.update({ joinWithCamera: on }).then(
      () => onDraft({ cameraOn: null }),
      () => undefined,
    );
  };
  const setMicrophone = (on: boolean): void => {
    void media.setMicrophone(on);
    onDraft({ microphoneOn: on });
    settings.update({ joinWithMicrophone: on }).then(
      () => onDraft({ microphoneOn: null }),
      () => undefined,
    );
  };

  const busy = asked !== null || entering;
  const saveName = (): void => {
    const trimmed = name.trim();
    if (trimmed !== '' && trimmed !== displayName)
      void settings.update({ displayName: trimmed }).catch(() => undefined);
  };

  const enter = async (way: 'create' | 'join', consented: boolean): Promise<void> => {
    const trimmed = name.trim();
    setFailure(null);
    setNameMissing(trimmed === '');
    if (trimmed === '') {
      nameRef.current?.focus();
      return;
    }
    saveName();
    setAsked(way);
    const person = { name: trimmed, microphoneOn, cameraOn };
    try {
      if (way === 'create') await session.create({ ...person, title: draft.title.trim() });
      else await session.join({ ...person, link: draft.link.trim(), consented });
    } catch (error) {
      setFailure({ during: way, error: error instanceof AppError ? toErrorShape(error) : toErrorShape(null) });
      // The call may have filled up, ended or begun to be recorded since it was looked at.
      if (way === 'join') lookAgain();
    } finally {
      setAsked(null);
    }
  };

  const help = (wanted: ErrorHelp): void => {
    if (wanted.kind === 'settings') navigate({ kind: 'opened', screen: { kind: 'settings', section: wanted.section } });
    else if (wanted.kind === 'library') navigate({ kind: 'opened', screen: { kind: 'library' } });
    else if (failure !== null) void enter(failure.during, false);
  };

  return (
    <main className="lobby">
      <header className="lobby-header">
        <h1>Tallylight</h1>
        <nav aria-label="Main">
          <Button look="plain" onClick={() => navigate({ kind: 'opened', screen: { kind: 'library' } })}>
            <Film className="icon" aria-hidden />
            Library
          </Button>
          <Button
            look="plain"
            onClick={() => navigate({ kind: 'opened', screen: { kind: 'settings', section: 'devices' } })}
          >
            <SettingsIcon className="icon" aria-hidden />
            Settings
          </Button>
        </nav>
      </header>
      <div className="lobby-card">
        <div className="lobby-picture">
          <Preview cameraOn={cameraOn} microphoneOn={microphoneOn} onCamera={setCamera} onMicrophone={setMicrophone} />
          {endedBecause === null ? null : (
            <div className="notice" role="status">
              <div className="notice-body">{endedBecause}</div>
            </div>
          )}
        </div>
        <div className="lobby-form">
          <Field
            label="Your name"
            error={nameMissing ? 'Type your name first: the others see it on your picture.' : null}
          >
            {({ id, describedBy, invalid }) => (
              <input
                ref={nameRef}
                id={id}
                className="input"
                autoFocus={displayName === ''}
                value={name}
                maxLength={80}
                autoComplete="off"
                spellCheck={false}
                placeholder="How the others see you"
                aria-describedby={describedBy}
                aria-invalid={invalid}
                onChange={(event) => {
                  setName(event.target.value);
                  setNameMissing(false);
                }}
                onBlur={saveName}
              />
            )}
          </Field>
          <DeviceMenus />
          {draft.link === '' ? (
            <>
              <form
                className="lobby-way"
                aria-label="Start a call"
                onSubmit={(event) => {
                  event.preventDefault();
                  void enter('create', false);
                }}
              >
                <Field label="Title of the call (optional)">
                  {({ id }) => (
                    <input
                      id={id}
                      className="input"
                      value={draft.title}
                      maxLength={200}
                      autoComplete="off"
                      placeholder="For example: Interview with Ben"
                      onChange={(event) => onDraft({ title: event.target.value })}
                    />
                  )}
                </Field>
                <Button type="submit" look="primary" large disabled={busy}>
                  {asked === 'create' ? 'Starting the call' : 'Start a call'}
                </Button>
              </form>
              {failure?.during === 'create' ? (
                <ErrorNotice error={failure.error} words={startErrorWords(failure.error.code)} onHelp={help} />
              ) : null}
              <div className="lobby-or small quiet" aria-hidden>
                or join one
              </div>
            </>
          ) : (
            <div className="lobby-way" />
          )}
          <Field label="Invite link">
            {({ id }) => (
              <input
                id={id}
                className="input"
                value={draft.link}
                maxLength={2000}
                autoComplete="off"
                spellCheck={false}
                placeholder="tallylight://join/…"
                onChange={(event) => {
                  setFailure(null);
                  onDraft({ link: event.target.value });
                }}
              />
            )}
          </Field>
          {failure?.during === 'join' && invite.kind !== 'refused' ? (
            <ErrorNotice error={failure.error} onDismiss={() => setFailure(null)} />
          ) : null}
          <InviteCard
            state={invite}
            busy={busy}
            onJoin={(consented) => void enter('join', consented)}
            onNotNow={() => onDraft({ link: '' })}
            onLookAgain={lookAgain}
          />
          {draft.link === '' ? null : (
            <Button look="plain" disabled={busy} onClick={() => onDraft({ link: '' })}>
              Start a call instead
            </Button>
          )}
        </div>
      </div>
    </main>
  );
}

/** Opens the devices as they are wanted, when the lobby comes up. */
function useOpenDevices(cameraOn: boolean, microphoneOn: boolean): void {
  const { media, session } = useServices();
  const { cameraId, microphoneId } = useSettings();
  const wanted = useRef({ cameraId, microphoneId, cameraOn, microphoneOn });
  useEffect(() => {
    const first = wanted.current;
    const open = async (): Promise<void> => {
      await Promise.all([media.chooseCamera(first.cameraId), media.chooseMicrophone(first.microphoneId)]);
      // A program can enter a call at any moment; what is on is then a matter of the call.
      if (session.getView().kind === 'inCall') return;
      await Promise.all([media.setCamera(first.cameraOn), media.setMicrophone(first.microphoneOn)]);
    };
    void open();
  }, [media, session]);
}
