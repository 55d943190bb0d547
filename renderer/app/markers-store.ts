import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Marker } from '../../contract/recording.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';

/** The marker that was dropped last, while it can be named where one is. */
export type MarkerDrop =
  | { kind: 'none' }
  | { kind: 'dropped'; recordingId: RecordingId; marker: Marker; name: string }
  | { kind: 'failed'; error: ErrorShape };

export type MarkersStore = Readable<MarkerDrop> & {
  /** Drops a marker at this instant; a name that is being typed for the one before is kept. */
  drop: (recordingId: RecordingId) => Promise<void>;
  type: (name: string) => void;
  /** Keeps the typed name, when there is one, and is done with it. */
  keep: () => Promise<void>;
  forget: () => void;
};

/** Drops markers into the running recording. */
export function createMarkersStore(client: AppClient): MarkersStore {
  const store = createStore<MarkerDrop>({ kind: 'none' });

  const keep = async (): Promise<void> => {
    const shown = store.get();
    if (shown.kind !== 'dropped') return;
    store.set({ kind: 'none' });
    const name = shown.name.trim();
    if (name === '') return;
    try {
      const { recordingId, marker } = shown;
      await client.request('recording.renameMarker', { recordingId, markerId: marker.id, name });
    } catch (error) {
      store.set({ kind: 'failed', error: toErrorShape(error) });
    }
  };

  return {
    get: store.get,
    subscribe: store.subscribe,
    keep,
    async drop(recordingId) {
      try {
        const marker = await client.request('recording.addMarker', { recordingId });
        const naming = keep();
        store.set({ kind: 'dropped', recordingId, marker, name: '' });
        await naming;
      } catch (error) {
        store.set({ kind: 'failed', error: toErrorShape(error) });
      }
    },
    type(name) {
      const shown = store.get();
      if (shown.kind === 'dropped') store.set({ ...shown, name });
    },
    forget: () => store.set({ kind: 'none' }),
  };
}
