import type { CloudStatus, ConnectionTest, NewCredentials } from '../../contract/cloud.ts';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';

export type CloudView =
  | { kind: 'loading' }
  | { kind: 'ready'; status: CloudStatus }
  | { kind: 'failed'; error: ErrorShape };

export type CloudStore = Readable<CloudView> & {
  load(): Promise<void>;
  /** Hands credentials to main, which keeps them; throws its typed error, and then nothing was kept. */
  setCredentials(credentials: NewCredentials): Promise<void>;
  forgetCredentials(): Promise<void>;
  allowUnprotected(allowed: boolean): Promise<void>;
  test(): Promise<ConnectionTest>;
  dispose(): void;
};

/** The cloud side of main, kept current. */
export function createCloudStore(client: AppClient): CloudStore {
  const store = createStore<CloudView>({ kind: 'loading' });
  const put = (status: CloudStatus): void => store.set({ kind: 'ready', status });
  const stop = client.on('cloud.changed', put);
  return {
    get: store.get,
    subscribe: store.subscribe,
    async load() {
      try {
        put(await client.request('cloud.status', {}));
      } catch (error) {
        // What was told meanwhile is newer than the refusal.
        if (store.get().kind !== 'ready') store.set({ kind: 'failed', error: toErrorShape(error) });
      }
    },
    async setCredentials(credentials) {
      put(await client.request('cloud.setCredentials', credentials));
    },
    async forgetCredentials() {
      put(await client.request('cloud.forgetCredentials', {}));
    },
    async allowUnprotected(allowed) {
      put(await client.request('cloud.allowUnprotected', { allowed }));
    },
    test: () => client.request('cloud.test', {}),
    dispose: stop,
  };
}
