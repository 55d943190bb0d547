import type { ParticipantQuality } from '../../contract/quality.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';

export type CallQualityStore = Readable<ReadonlyMap<string, ParticipantQuality>> & { dispose(): void };

/** How the ways to the people of the call are, by participant; empty outside of a call and until the first look. */
export function createCallQualityStore(client: AppClient): CallQualityStore {
  const store = createStore<ReadonlyMap<string, ParticipantQuality>>(new Map());
  const stop = client.on('call.quality', ({ people }) => {
    store.set(new Map(people.map((person) => [person.participantId, person])));
  });
  return { get: store.get, subscribe: store.subscribe, dispose: stop };
}
