import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { markerIdSchema, recordingIdSchema } from '../../contract/ids.ts';
import { createMarkersStore } from '../../renderer/app/markers-store.ts';
import type { AppClient } from '../../renderer/app-client.ts';

const recordingId = recordingIdSchema.parse('00000000-0000-4000-8000-0000000000aa');

/** A main that numbers its markers and notes every name; `refuse` makes it say no. */
function makeMain() {
  const named: unknown[] = [];
  const state = { refuse: false, count: 0 };
  const request = async (name: string, input: unknown): Promise<unknown> => {
    if (state.refuse) throw new AppError('RATE_LIMITED', 'Enough.');
    if (name !== 'recording.addMarker') {
      named.push(input);
      return {};
    }
    state.count += 1;
    const id = markerIdSchema.parse(`00000000-0000-4000-8000-00000000000${state.count}`);
    return { id, atMs: state.count * 1_000, name: '' };
  };
  const client: AppClient = { request: request as AppClient['request'], on: () => () => undefined };
  return { client, named, state };
}

describe('dropping markers', () => {
  it('shows the new one, and names it once when a name was typed', async () => {
    const { client, named } = makeMain();
    const markers = createMarkersStore(client);
    await markers.drop(recordingId);
    expect(markers.get()).toMatchObject({ kind: 'dropped', marker: { atMs: 1_000 }, name: '' });
    markers.type('  Question ');
    await markers.keep();
    expect(markers.get()).toEqual({ kind: 'none' });
    await markers.keep();
    expect(named).toEqual([{ recordingId, markerId: '00000000-0000-4000-8000-000000000001', name: 'Question' }]);
  });

  it('keeps a name that was half typed when the next one drops', async () => {
    const { client, named } = makeMain();
    const markers = createMarkersStore(client);
    await markers.drop(recordingId);
    markers.type('Que');
    await markers.drop(recordingId);
    expect(named).toMatchObject([{ name: 'Que' }]);
    expect(markers.get()).toMatchObject({ kind: 'dropped', marker: { atMs: 2_000 }, name: '' });
  });

  it('names nothing when nothing or only spaces were typed, or it was given up', async () => {
    const { client, named } = makeMain();
    const markers = createMarkersStore(client);
    await markers.drop(recordingId);
    markers.type('   ');
    await markers.keep();
    await markers.drop(recordingId);
    markers.type('No');
    markers.forget();
    await markers.keep();
    expect(named).toEqual([]);
  });

  it('says why there is no marker', async () => {
    const { client, state } = makeMain();
    const markers = createMarkersStore(client);
    state.refuse = true;
    await markers.drop(recordingId);
    expect(markers.get()).toMatchObject({ kind: 'failed', error: { code: 'RATE_LIMITED' } });
  });
});
