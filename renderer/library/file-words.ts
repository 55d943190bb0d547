import { assertNever } from '../../contract/errors.ts';
import type { Deliverable, TrackSource } from '../../contract/recording.ts';
import { durationWords } from '../ui/time-words.ts';
import { sizeWords } from '../ui/size-words.ts';

/** What follows a name to tell a person's sources apart; the camera needs no word. */
export function sourceWords(source: TrackSource): string {
  switch (source) {
    case 'camera':
    case 'mix':
      return '';
    case 'screen':
      return "'s screen";
    default:
      return assertNever(source);
  }
}

/** What a file is called on the screen. */
export function fileName(file: Pick<Deliverable, 'kind' | 'participantName' | 'source'>): string {
  return file.kind === 'mix' ? 'Everybody together' : `${file.participantName}${sourceWords(file.source)}`;
}

/** Format, length and size. */
export function fileFacts(file: Pick<Deliverable, 'format' | 'durationMs' | 'sizeBytes'>): string {
  return [file.format.toUpperCase(), durationWords(file.durationMs), sizeWords(file.sizeBytes)].join(' · ');
}

/** Files in the order in which people look for them: the mix, then everybody by name. */
export function inReadingOrder(files: readonly Deliverable[]): Deliverable[] {
  return [...files].sort(
    (a, b) =>
      Number(b.kind === 'mix') - Number(a.kind === 'mix') ||
      a.participantName.localeCompare(b.participantName) ||
      a.source.localeCompare(b.source) ||
      a.format.localeCompare(b.format),
  );
}
