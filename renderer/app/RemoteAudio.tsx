import { useEffect, useRef } from 'react';
import { playThrough } from '../ui/speaker.ts';
import { useCallView, useSettings } from './services.ts';

/** Plays everybody else through the chosen speaker, on whatever screen the person is. */
export function RemoteAudio() {
  const view = useCallView();
  const { speakerId } = useSettings();
  if (view.kind !== 'inCall') return null;
  return view.people
    .filter((person) => !person.isSelf && person.stream !== null)
    .map((person) => <PersonAudio key={person.participant.id} stream={person.stream} speakerId={speakerId} />);
}

function PersonAudio({ stream, speakerId }: { stream: MediaStream | null; speakerId: string }) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    element.srcObject = stream;
    return () => {
      element.srcObject = null;
    };
  }, [stream]);
  useEffect(() => {
    if (ref.current !== null) void playThrough(ref.current, speakerId);
  }, [speakerId]);
  return <audio ref={ref} autoPlay aria-hidden />;
}
