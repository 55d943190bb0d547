import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { Settings, SettingsPatch } from '../../contract/settings.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';

export type SettingsView =
  | { kind: 'loading' }
  | { kind: 'ready'; settings: Settings }
  | { kind: 'failed'; error: ErrorShape };

export type SettingsStore = Readable<SettingsView> & {
  load(): Promise<void>;
  /** Saves some settings; throws the typed error of main, and then nothing was saved. */
  update(patch: SettingsPatch): Promise<void>;
  dispose(): void;
};

/** The settings of main, kept current. */
export function createSettingsStore(client: AppClient): SettingsStore {
  const store = createStore<SettingsView>({ kind: 'loading' });
  const stop = client.on('settings.changed', (settings) => store.set({ kind: 'ready', settings }));
  return {
    get: store.get,
    subscribe: store.subscribe,
    async load() {
      try {
        store.set({ kind: 'ready', settings: await client.request('settings.get', {}) });
      } catch (error) {
        store.set({ kind: 'failed', error: toErrorShape(error) });
      }
    },
    async update(patch) {
      store.set({ kind: 'ready', settings: await client.request('settings.update', patch) });
    },
    dispose: stop,
  };
}
