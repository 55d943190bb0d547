import { assertNever } from '../../contract/errors.ts';
import type { PersonView } from '../call/call-view.ts';

/** What a tile says of the connection to a person; null while all is well. */
export function connectionWords(person: PersonView): string | null {
  if (person.isSelf) return null;
  if (!person.participant.present) return 'Connection lost, waiting';
  switch (person.connection) {
    case 'connecting':
      return 'Connecting';
    case 'connected':
      return null;
    case 'reconnecting':
      return 'Reconnecting';
    case 'failed':
      return 'No connection';
    default:
      return assertNever(person.connection);
  }
}

/** A tile in one phrase, for people who do not see it. */
export function tileLabel(person: PersonView): string {
  const { participant } = person;
  const parts = [
    person.isSelf ? `${participant.name} (you)` : participant.name,
    participant.microphoneOn ? null : 'muted',
    participant.cameraOn ? null : 'camera off',
    connectionWords(person)?.toLowerCase() ?? null,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** What the bars of a tile say: of others how they arrive, of oneself how one goes out. */
export function signalWords(person: PersonView, words: string): string {
  return `${person.isSelf ? 'What you send' : `From ${person.participant.name}`}: ${lowerFirst(words)}`;
}

/** The word that stands beside the bars, so that nobody has to count them; null while all is well or the tile says more already. */
export function signalWord(person: PersonView, { bars, words }: { bars: number; words: string }): string | null {
  if (bars > 2 || connectionWords(person) !== null) return null;
  if (person.isSelf) return bars === 0 ? 'Not sent' : 'Held back';
  return words.split(':', 1)[0] ?? null;
}

function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** The question before somebody is removed from the call. */
export function removalWords(name: string, recording: boolean): { title: string; text: string } {
  const text = `${name} cannot come back, and the invite link changes: people who have not joined yet need the new one.`;
  return {
    title: `Remove ${name} from the call?`,
    text: recording ? `${text} What is recorded of ${name} until now is kept.` : text,
  };
}

/** What is said once somebody was removed. */
export function removedWords(name: string): string {
  return `${name} was removed. The invite link is a new one.`;
}
