import type { ControlStatus } from '../../contract/control.ts';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';

export type ControlView =
  | { kind: 'loading' }
  | { kind: 'ready'; status: ControlStatus }
  | { kind: 'failed'; error: ErrorShape };

export type ControlStore = Readable<ControlView> & {
  load(): Promise<void>;
  /** Has main put the token on the clipboard; the window never holds it. */
  copyToken(): Promise<void>;
  /** Has main make a new token; throws its typed error. */
  renewToken(): Promise<void>;
  dispose(): void;
};

/** How the control API of main is, kept current. */
export function createControlStore(client: AppClient): ControlStore {
  const store = createStore<ControlView>({ kind: 'loading' });
  const put = (status: ControlStatus): void => store.set({ kind: 'ready', status });
  let told = 0;
  const stop = client.on('control.changed', (status) => {
    told += 1;
    put(status);
  });
  return {
    get: store.get,
    subscribe: store.subscribe,
    async load() {
      const toldBefore = told;
      try {
        const status = await client.request('control.status', {});
        // What was told meanwhile is newer than the answer.
        if (told === toldBefore) put(status);
      } catch (error) {
        if (store.get().kind !== 'ready') store.set({ kind: 'failed', error: toErrorShape(error) });
      }
    },
    async copyToken() {
      await client.request('control.copyToken', {});
    },
    async renewToken() {
      const toldBefore = told;
      const status = await client.request('control.renewToken', {});
      if (told === toldBefore) put(status);
    },
    dispose: stop,
  };
}
