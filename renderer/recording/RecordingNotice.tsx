import { useEffect, useRef, useState } from 'react';
import type { CallRecording } from '../../contract/call.ts';
import { assertNever } from '../../contract/errors.ts';
import { useCallView, useSettings } from '../app/services.ts';
import { announcementFor, type Announcement } from './announcement.ts';
import { Lamp } from './Lamp.tsx';
import { lampState } from './lamp-state.ts';
import { speakNotice } from './notice-sound.ts';

/** How long the written notice stays, in milliseconds; the lamp stays all the while. */
const NOTICE_MS = 8000;

type Shown = { what: Announcement; by: string; serial: number };

/** Tells everybody, in writing and aloud, that the call is recorded, that it is not for a while, and that it no longer is. */
export function RecordingNotice() {
  const view = useCallView();
  const { speakerId } = useSettings();
  const recording = view.kind === 'inCall' ? view.call.recording : null;
  const before = useRef<CallRecording | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);

  useEffect(() => {
    const what = announcementFor(before.current, recording);
    const by = (recording ?? before.current)?.recordedBy ?? 'the host';
    before.current = recording;
    // Leaving the call is not "recording stopped": the others may still be recorded.
    if (what === null || view.kind !== 'inCall') return;
    setShown((last) => ({ what, by, serial: (last?.serial ?? 0) + 1 }));
    void speakNotice(what, speakerId);
  }, [recording, view.kind, speakerId]);

  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setTimeout(() => setShown(null), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [shown]);

  const visible = shown !== null && view.kind === 'inCall';
  return (
    <div className="recording-notice" role="status" aria-live="assertive" aria-label="Recording notice">
      {visible ? (
        <div className="recording-notice-card">
          <Lamp state={shown.what === 'stopped' ? { kind: 'off' } : lampState(recording, null)} />
          <NoticeWords what={shown.what} by={shown.by} paused={recording?.state === 'paused'} />
        </div>
      ) : null}
    </div>
  );
}

function NoticeWords({ what, by, paused }: { what: Announcement; by: string; paused: boolean }) {
  switch (what) {
    case 'started':
      return (
        <span>
          <strong>This call is being recorded.</strong> Recorded by {by}.{paused ? ' It is paused at the moment.' : ''}
        </span>
      );
    case 'paused':
      return <strong>Recording is paused.</strong>;
    case 'resumed':
      return <strong>Recording goes on.</strong>;
    case 'stopped':
      return <strong>Recording stopped.</strong>;
    default:
      return assertNever(what);
  }
}
