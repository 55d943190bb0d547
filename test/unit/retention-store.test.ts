import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RetentionStatus } from '../../contract/retention.ts';
import { createRetentionStore } from '../../renderer/app/retention-store.ts';
import type { AppClient } from '../../renderer/app-client.ts';

const id = recordingIdSchema.parse('00000000-0000-4000-8000-0000000000aa');
const other = recordingIdSchema.parse('00000000-0000-4000-8000-0000000000bb');

/** A main whose bin holds what was deleted; `refuse` makes one request fail. */
function makeMain(first: Partial<RetentionStatus> = {}) {
  const asked: { name: string; input: unknown }[] = [];
  const status: RetentionStatus = { notice: null, question: null, clockJumped: false, bin: [], ...first };
  const state = { refuse: '', status };
  let tell: (status: RetentionStatus) => void = () => undefined;
  const request = async (name: string, input: Record<string, unknown>): Promise<unknown> => {
    asked.push({ name, input });
    if (state.refuse === name) throw new AppError('RECORDING_BUSY', 'Busy.');
    if (name === 'recording.delete') {
      const bin: RetentionStatus['bin'] = [
        {
          id: 'entry-1',
          recordingId: id,
          kind: 'recording',
          title: 'Talk',
          participantNames: [],
          startedAt: '2026-11-20T10:00:00.000Z',
          sizeBytes: 1,
          binnedAt: '2026-11-22T10:00:00.000Z',
          goesAt: '2026-11-29T10:00:00.000Z',
        },
      ];
      state.status = { ...state.status, bin };
    }
    if (name === 'bin.restore' || name === 'bin.empty') state.status = { ...state.status, bin: [] };
    return name.startsWith('retention.') || name.startsWith('bin.') ? state.status : {};
  };
  const client: AppClient = {
    request: request as AppClient['request'],
    on: (_, listener) => {
      tell = listener as typeof tell;
      return () => undefined;
    },
  };
  return { client, asked, state, tell: (status: RetentionStatus) => tell(status) };
}

describe('deleting and what can be undone', () => {
  it('offers to undo a deletion until it is undone or gone for good', async () => {
    for (const way of ['restore', 'empty'] as const) {
      const { client } = makeMain();
      const store = createRetentionStore(client);
      await store.remove({ id, title: 'Talk' }, false);
      expect(store.get()).toMatchObject({
        deleted: { recordingId: id, title: 'Talk' },
        status: { status: { bin: [{ id: 'entry-1' }] } },
      });
      await store[way]('entry-1');
      expect(store.get().deleted).toBeNull();
    }
  });

  it('offers nothing when main refused, and hands the refusal on', async () => {
    const { client, state } = makeMain();
    state.refuse = 'recording.delete';
    const store = createRetentionStore(client);
    await expect(store.remove({ id, title: 'Talk' }, true)).rejects.toMatchObject({ code: 'RECORDING_BUSY' });
    expect(store.get().deleted).toBeNull();
  });

  it('passes on whether the files in the bucket go too', async () => {
    const { client, asked } = makeMain();
    await createRetentionStore(client).remove({ id, title: 'Talk' }, true);
    expect(asked[0]).toEqual({ name: 'recording.delete', input: { recordingId: id, alsoInBucket: true } });
  });
});

describe('what leaves next', () => {
  const notice = { recordingIds: [id, other], firstAt: '2026-12-12T09:00:00.000Z' };

  it('pins everything of the notice before the notice is put away', async () => {
    const { client, asked } = makeMain({ notice });
    const store = createRetentionStore(client);
    await store.load();
    await store.keepNoticed();
    expect(asked.slice(1)).toEqual([
      { name: 'recording.pin', input: { recordingId: id, pinned: true } },
      { name: 'recording.pin', input: { recordingId: other, pinned: true } },
      { name: 'retention.noticeSeen', input: {} },
    ]);
    expect(store.get()).toMatchObject({ status: { status: { notice: null } } });
  });

  it('keeps the notice when something could not be pinned', async () => {
    const { client, state } = makeMain({ notice });
    const store = createRetentionStore(client);
    await store.load();
    state.refuse = 'recording.pin';
    await expect(store.keepNoticed()).rejects.toMatchObject({ code: 'RECORDING_BUSY' });
    expect(store.get()).toMatchObject({ status: { status: { notice } } });
  });

  it('keeps what was told while a reading failed', async () => {
    const { client, state, tell } = makeMain();
    const store = createRetentionStore(client);
    state.refuse = 'retention.status';
    await store.load();
    expect(store.get().status).toMatchObject({ kind: 'failed', error: { code: 'RECORDING_BUSY' } });
    tell({ ...state.status, clockJumped: true });
    await store.load();
    expect(store.get().status).toMatchObject({ kind: 'ready', status: { clockJumped: true } });
  });
});
