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
