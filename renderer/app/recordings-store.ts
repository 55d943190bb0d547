import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';
import { applyRecordingEvent, withRecording } from './recordings-list.ts';

export type HealthReport = Extract<RecordingEvent, { type: 'recordingHealth' }>;

export type RecordingsView = {
  list:
    | { kind: 'loading' }
    | { kind: 'ready'; recordings: readonly Recording[] }
    | { kind: 'failed'; error: ErrorShape };
  /** The last word on what reaches the disk; only the host's app has one. */
  health: HealthReport | null;
  /** Recordings that were seen being saved since the window opened, for the corner. */
  seenSaving: ReadonlySet<RecordingId>;
};

export type RecordingsStore = Readable<RecordingsView> & {
  load(): Promise<void>;
  /** Takes over the answer of a request that returned a recording. */
  put: (recording: Recording) => void;
  /** The corner need not show this one any more. */
  forgetSaving(recordingId: RecordingId): void;
  dispose(): void;
};

/** Main speaks of a running recording once a second; the light has to say within 3 s that nobody does (DESIGN rule 7). */
export const HEALTH_SILENT_MS = 2_500;

const silence = {
  kind: 'degraded',
  cause: 'captureLost',
  message: 'The app does not answer: nobody confirms that the recording goes on.',
} as const;

/** The recordings of main, kept current: events that come while the list is read are applied after it. */
export function createRecordingsStore(client: AppClient): RecordingsStore {
  const store = createStore<RecordingsView>({ list: { kind: 'loading' }, health: null, seenSaving: new Set() });
  let waiting: RecordingEvent[] = [];
  let silent: ReturnType<typeof setTimeout> | undefined;

  /** The last report counts for a moment only. */
  const hear = (event: HealthReport): void => {
    clearTimeout(silent);
    store.set({ ...store.get(), health: event });
    silent = setTimeout(() => store.set({ ...store.get(), health: { ...event, health: silence } }), HEALTH_SILENT_MS);
  };

  const read = async (): Promise<void> => {
    const { recordings } = await client.request('recording.list', {});
    let list: readonly Recording[] = recordings.reduce<Recording[]>(withRecording, []);
    for (const event of waiting) list = applyRecordingEvent(list, event);
    waiting = [];
    store.set({ ...store.get(), list: { kind: 'ready', recordings: list } });
  };
  // When each of them leaves this computer may be another day now; what is shown stays when it cannot be read.
  const stopRetention = client.on('retention.changed', () => void read().catch(() => undefined));

  const stop = client.on('recording.event', (event) => {
    let view = store.get();
    if (event.type === 'recordingHealth') {
      hear(event);
      return;
    }
    // A recording that ends has no more reports to miss.
    if (event.type === 'recordingStopping') clearTimeout(silent);
    if (
      event.type === 'recordingStopping' ||
      event.type === 'recordingProcessing' ||
      event.type === 'recordingFailed'
    ) {
      view = { ...view, seenSaving: new Set([...view.seenSaving, event.recording.id]) };
    }
    const { list } = view;
    if (list.kind === 'ready') {
      view = { ...view, list: { kind: 'ready', recordings: applyRecordingEvent(list.recordings, event) } };
    } else {
      waiting.push(event);
    }
    store.set(view);
  });

  return {
    get: store.get,
    subscribe: store.subscribe,
    async load() {
      try {
        await read();
      } catch (error) {
        store.set({ ...store.get(), list: { kind: 'failed', error: toErrorShape(error) } });
      }
    },
    put(recording) {
      const view = store.get();
      if (view.list.kind !== 'ready') return;
      store.set({ ...view, list: { kind: 'ready', recordings: withRecording(view.list.recordings, recording) } });
    },
    forgetSaving(recordingId) {
      const view = store.get();
      store.set({ ...view, seenSaving: new Set([...view.seenSaving].filter((id) => id !== recordingId)) });
    },
    dispose() {
      clearTimeout(silent);
      stop();
      stopRetention();
    },
  };
}
