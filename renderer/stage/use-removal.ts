import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { ParticipantId } from '../../contract/ids.ts';
import { useServices } from '../app/services.ts';
import type { PersonView } from '../call/call-view.ts';

export type Removal = {
  /** Who may be removed, while the question is open. */
  asked: PersonView | null;
  busy: boolean;
  error: ErrorShape | null;
  /** Name of who was removed last. */
  removed: string | null;
  ask: (participantId: ParticipantId) => void;
  keep: () => void;
  remove: () => void;
  clearError: () => void;
};

/** The host's way of putting somebody out of the call; the question closes by itself when that person leaves. */
export function useRemoval(people: readonly PersonView[]): Removal {
  const { client } = useServices();
  const [askedId, setAskedId] = useState<ParticipantId | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorShape | null>(null);
  const [removed, setRemoved] = useState<string | null>(null);
  const asked = people.find(({ participant }) => participant.id === askedId) ?? null;

  const remove = async ({ id, name }: PersonView['participant']): Promise<void> => {
    setBusy(true);
    try {
      await client.request('call.remove', { participantId: id });
      setRemoved(name);
    } catch (problem) {
      setError(toErrorShape(problem));
    } finally {
      setBusy(false);
      setAskedId(null);
    }
  };

  return {
    asked,
    busy,
    error,
    removed,
    ask: (participantId) => {
      setError(null);
      setRemoved(null);
      setAskedId(participantId);
    },
    keep: () => setAskedId(null),
    remove: () => {
      if (asked !== null) void remove(asked.participant);
    },
    clearError: () => setError(null),
  };
}
