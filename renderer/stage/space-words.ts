import type { DiskSpace } from '../../contract/recording.ts';
import { sizeWords } from '../ui/size-words.ts';
import { clockWords } from '../ui/time-words.ts';

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** How long the room on a disk lasts, as roughly as it is known: never more than there is. */
export function roomWords(seconds: number): string {
  if (seconds >= 2 * DAY_S) return `${Math.floor(seconds / DAY_S)} days`;
  if (seconds >= HOUR_S) {
    const hours = Math.floor(seconds / HOUR_S);
    const minutes = Math.floor((seconds % HOUR_S) / (10 * MINUTE_S)) * 10;
    return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  }
  if (seconds >= MINUTE_S) return `${Math.floor(seconds / MINUTE_S)} min`;
  return 'less than a minute';
}

/** What the host reads beside Record before it is pressed. */
export function recordRoomWords({ level, secondsLeft, freeBytes }: DiskSpace): string {
  if (level === 'floor') return 'Too little room on the disk to record';
  if (secondsLeft === null) return `${sizeWords(freeBytes)} free on the disk`;
  const room = roomWords(secondsLeft);
  if (level === 'ok')
    return secondsLeft < MINUTE_S ? `${capital(room)} fits on the disk` : `About ${room} fit on the disk`;
  return secondsLeft < MINUTE_S ? `${capital(room)} fits on the disk` : `Only about ${room} fit on the disk`;
}

/** What is left while recording on a disk that fills: counts down by the second below ten minutes. */
export function timeLeftWords({ secondsLeft, freeBytes }: DiskSpace): string {
  if (secondsLeft === null) return `${sizeWords(freeBytes)} are left.`;
  if (secondsLeft >= 10 * MINUTE_S) return `About ${roomWords(secondsLeft)} of recording are left.`;
  return `${clockWords(secondsLeft * 1000)} of recording are left.`;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
