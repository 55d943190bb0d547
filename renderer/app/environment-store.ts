import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { Environment } from '../../contract/requests.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';

export type EnvironmentView =
  | { kind: 'loading' }
  | { kind: 'ready'; environment: Environment }
  | { kind: 'failed'; error: ErrorShape };

export type EnvironmentStore = Readable<EnvironmentView> & { load(): Promise<void> };

/** What main says about this installation. */
export function createEnvironmentStore(client: AppClient): EnvironmentStore {
  const store = createStore<EnvironmentView>({ kind: 'loading' });
  return {
    get: store.get,
    subscribe: store.subscribe,
    async load() {
      try {
        store.set({ kind: 'ready', environment: await client.request('app.environment', {}) });
      } catch (error) {
        store.set({ kind: 'failed', error: toErrorShape(error) });
      }
    },
  };
}
