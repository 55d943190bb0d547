import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { BinEntry, RetentionStatus } from '../../contract/retention.ts';
import type { AppClient } from '../app-client.ts';
import { createStore, type Readable } from '../ui/store.ts';

export type RetentionView = {
  status: { kind: 'loading' } | { kind: 'ready'; status: RetentionStatus } | { kind: 'failed'; error: ErrorShape };
  /** What the person deleted last, while it can be undone where one is; the bin has it longer. */
  deleted: { recordingId: RecordingId; title: string } | null;
};

export type RetentionStore = Readable<RetentionView> & {
  load(): Promise<void>;
  /** Deletes a recording into the bin and offers to undo it; throws main's typed error, and then it is still there. */
  remove(recording: { id: RecordingId; title: string }, alsoInBucket: boolean): Promise<void>;
  forgetDeleted(): void;
  /** Notes that the person read what leaves next. */
  noticeSeen(): Promise<void>;
  /** Pins what the notice is about, so that it stays. */
  keepNoticed(): Promise<void>;
  answer(choice: 'moveToBin' | 'keep'): Promise<void>;
  restore(entry: string): Promise<void>;
  /** Deletes one entry for good, or all of them (null). */
  empty(entry: string | null): Promise<void>;
  dispose(): void;
};

/** Where a recording lies in the bin: all of it, or only its files. */
export function entryOf(bin: readonly BinEntry[], recordingId: RecordingId, kind: BinEntry['kind']): BinEntry | null {
  return bin.find((entry) => entry.recordingId === recordingId && entry.kind === kind) ?? null;
}

/** What main says of clean-up and the bin, kept current. */
export function createRetentionStore(client: AppClient): RetentionStore {
  const store = createStore<RetentionView>({ status: { kind: 'loading' }, deleted: null });
  const put = (status: RetentionStatus): void => store.set({ ...store.get(), status: { kind: 'ready', status } });
  const stop = client.on('retention.changed', put);

  /** What is out of the bin, back or gone, has nothing to undo any more. */
  const putBin = (status: RetentionStatus): void => {
    const { deleted } = store.get();
    const out = deleted !== null && entryOf(status.bin, deleted.recordingId, 'recording') === null;
    store.set({ status: { kind: 'ready', status }, deleted: out ? null : deleted });
  };

  const load = async (): Promise<void> => {
    try {
      put(await client.request('retention.status', {}));
    } catch (error) {
      const { status } = store.get();
      // What was told meanwhile is newer than the refusal.
      if (status.kind !== 'ready')
        store.set({ ...store.get(), status: { kind: 'failed', error: toErrorShape(error) } });
    }
  };

  const noticeSeen = async (): Promise<void> => {
    await client.request('retention.noticeSeen', {});
    const { status } = store.get();
    if (status.kind === 'ready') put({ ...status.status, notice: null });
  };

  return {
    get: store.get,
    subscribe: store.subscribe,
    load,
    async remove({ id, title }, alsoInBucket) {
      await client.request('recording.delete', { recordingId: id, alsoInBucket });
      store.set({ ...store.get(), deleted: { recordingId: id, title } });
      await load();
    },
    forgetDeleted: () => store.set({ ...store.get(), deleted: null }),
    noticeSeen,
    async keepNoticed() {
      const { status } = store.get();
      const ids = status.kind === 'ready' ? (status.status.notice?.recordingIds ?? []) : [];
      for (const recordingId of ids) await client.request('recording.pin', { recordingId, pinned: true });
      await noticeSeen();
    },
    async answer(choice) {
      put(await client.request('retention.answer', { choice }));
    },
    async restore(entry) {
      putBin(await client.request('bin.restore', { entry }));
    },
    async empty(entry) {
      putBin(await client.request('bin.empty', { entry }));
    },
    dispose: stop,
  };
}
