import pausedUrl from '../../resources/sounds/recording-paused.ogg';
import resumedUrl from '../../resources/sounds/recording-resumed.ogg';
import startedUrl from '../../resources/sounds/recording-notice.ogg';
import stoppedUrl from '../../resources/sounds/recording-stopped.ogg';
import { playThrough } from '../ui/speaker.ts';
import type { Announcement } from './announcement.ts';

const urls: Record<Announcement, string> = {
  started: startedUrl,
  paused: pausedUrl,
  resumed: resumedUrl,
  stopped: stoppedUrl,
};

/** Speaks the notice on this machine, through the chosen speaker or, when that is gone, the system's own. */
export async function speakNotice(what: Announcement, speakerId: string): Promise<void> {
  const audio = new Audio(urls[what]);
  await playThrough(audio, speakerId);
  // The written notice is there in any case: a machine without a sound device must not fail here.
  await audio.play().catch(() => undefined);
}
