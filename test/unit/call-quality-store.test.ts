import { expect, it } from 'vitest';
import { participantIdSchema } from '../../contract/ids.ts';
import type { EventPayload } from '../../contract/events.ts';
import { createCallQualityStore } from '../../renderer/app/call-quality-store.ts';
import type { AppClient } from '../../renderer/app-client.ts';
import { compareLooks } from '../../renderer/call/link-stats.ts';

it('has what was told last of each person, and nothing once the call is over', () => {
  let tell: (payload: EventPayload<'call.quality'>) => void = () => undefined;
  const client: AppClient = {
    request: () => Promise.reject(new Error('Nothing is asked.')),
    on: (name, listener) => {
      if (name === 'call.quality') tell = listener as typeof tell;
      return () => {
        tell = () => undefined;
      };
    },
  };
  const store = createCallQualityStore(client);
  expect(store.get().size).toBe(0);
  const participantId = participantIdSchema.parse('00000000-0000-4000-8000-000000000be4');
  const ben = { participantId, ...compareLooks(null, null), bars: 3, words: 'Fair: x', measuredAtMs: 1 };
  tell({ people: [ben] });
  expect(store.get().get(participantId)).toEqual(ben);
  tell({ people: [] });
  expect(store.get().size).toBe(0);
  tell({ people: [ben] });
  store.dispose();
  tell({ people: [] });
  expect(store.get().size).toBe(1);
});
