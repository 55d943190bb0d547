import startedUrl from '../../resources/sounds/recording-notice.ogg';
import stoppedUrl from '../../resources/sounds/recording-stopped.ogg';
import { playThrough } from '../ui/speaker.ts';

/** Speaks the notice on this machine, through the chosen speaker or, when that is gone, the system's own. */
export async function speakNotice(what: 'started' | 'stopped', speakerId: string): Promise<void> {
  const audio = new Audio(what === 'started' ? startedUrl : stoppedUrl);
  await playThrough(audio, speakerId);
  // The written notice is there in any case: a machine without a sound device must not fail here.
  await audio.play().catch(() => undefined);
}
