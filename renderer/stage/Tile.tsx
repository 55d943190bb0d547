import { MicOff, TriangleAlert, WifiOff } from 'lucide-react';
import { useEffect, useRef, type CSSProperties } from 'react';
import type { TrackHealth } from '../../contract/recording.ts';
import { useServices } from '../app/services.ts';
import type { PersonView } from '../call/call-view.ts';
import { diskStateOf } from '../recording/disk-state.ts';
import { initials } from '../ui/initials.ts';
import { Tip } from '../ui/Tip.tsx';
import { useStreamRef } from '../ui/video-source.ts';
import type { TileBox } from './gallery-layout.ts';
import { SignalBars } from './SignalBars.tsx';
import { connectionWords, tileLabel } from './person-words.ts';

/** Above this level (0..1) a person counts as speaking and the tile gets its frame. */
const SPEAKING_LEVEL = 0.12;
/** How long the frame stays after the last sound, milliseconds, so that it does not flicker between words. */
const SPEAKING_HOLD_MS = 500;

type TileProps = { person: PersonView; box: TileBox; tracks: readonly TrackHealth[] };

/** One person: live picture or initials, name, muted sign, connection, and for the host whether they reach the disk. */
export function Tile({ person, box, tracks }: TileProps) {
  const { participant, stream, isSelf } = person;
  const ref = useRef<HTMLLIElement>(null);
  const videoRef = useStreamRef(stream);
  useSpeakingFrame(ref, participant.id, participant.microphoneOn);
  const connection = connectionWords(person);
  const showPicture = participant.cameraOn && stream !== null;
  const disk = diskStateOf(tracks, participant.id);
  const style: CSSProperties = { left: box.left, top: box.top, width: box.width, height: box.height };

  return (
    <li ref={ref} className="tile" style={style} aria-label={tileLabel(person)} data-connection={person.connection}>
      {showPicture ? (
        <video ref={videoRef} className={isSelf ? 'mirrored' : undefined} autoPlay playsInline muted aria-hidden />
      ) : (
        <div className="tile-off">
          <span className="avatar" aria-hidden>
            {initials(participant.name)}
          </span>
        </div>
      )}
      {connection === null ? null : (
        <div className="tile-connection">
          <WifiOff className="icon" aria-hidden />
          {connection}
        </div>
      )}
      <div className="tile-label">
        {disk === null ? null : (
          <Tip text={disk.words}>
            <span className="disk-dot" data-disk={disk.state} role="img" aria-label={disk.words} tabIndex={0}>
              {disk.state === 'lost' ? <TriangleAlert className="icon" aria-hidden /> : null}
            </span>
          </Tip>
        )}
        {participant.microphoneOn ? null : <MicOff className="icon" role="img" aria-label="Muted" />}
        <span className="one-line">
          {participant.name}
          {isSelf ? ' (you)' : ''}
        </span>
        <SignalBars person={person} />
      </div>
    </li>
  );
}

/** Puts `data-speaking` on the tile while its person is heard, without rendering. */
function useSpeakingFrame(ref: { current: HTMLElement | null }, participantId: string, listen: boolean): void {
  const { session } = useServices();
  useEffect(() => {
    const element = ref.current;
    if (!listen || element === null) return undefined;
    let lastHeard = -Infinity;
    const timer = setInterval(() => {
      const now = performance.now();
      if (session.levelOf(participantId) > SPEAKING_LEVEL) lastHeard = now;
      element.toggleAttribute('data-speaking', now - lastHeard < SPEAKING_HOLD_MS);
    }, 120);
    return () => {
      clearInterval(timer);
      element.removeAttribute('data-speaking');
    };
  }, [ref, session, participantId, listen]);
}
