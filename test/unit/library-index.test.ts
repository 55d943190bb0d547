import { describe, expect, it } from 'vitest';
import type { Recording } from '../../contract/recording.ts';
import type { LibraryData } from '../../main/library/library-file.ts';
import { createLibraryIndex } from '../../main/library/library-index.ts';
import { shownCloud, shownRecording } from '../support/shown-recording.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const recording = (n: number, over: object = {}): Recording => shownRecording({ id: id(n), sizeBytes: n, ...over });
const row = (each: Recording) => ({ recording: each, journalBytes: 1 });

function library(folders: Record<string, Recording[]>) {
  const data: LibraryData = {
    schema: 1,
    folders: Object.fromEntries(Object.entries(folders).map(([root, all]) => [root, all.map(row)])),
  };
  const index = createLibraryIndex(() => data);
  index.rebuilt();
  const put = (root: string, each: Recording): void => {
    const others = (data.folders[root] ?? []).filter((known) => known.recording.id !== each.id);
    data.folders[root] = [...others, row(each)];
    index.changed(each.id, { root, row: row(each) });
  };
  const remove = (root: string, each: Recording): void => {
    data.folders[root] = (data.folders[root] ?? []).filter((known) => known.recording.id !== each.id);
    index.changed(each.id, null);
  };
  return { index, put, remove };
}

describe('the index of the library', () => {
  it('finds what was there, what was put since, and no more what was taken away', () => {
    const [one, two] = [recording(1), recording(2)];
    const { index, put, remove } = library({ '/a': [one] });
    expect(index.find(one.id)).toMatchObject({ root: '/a', row: { recording: { sizeBytes: 1 } } });
    expect(index.find(two.id)).toBeNull();
    put('/b', two);
    expect(index.find(two.id)?.root).toBe('/b');
    put('/b', { ...two, title: 'Other' });
    expect(index.find(two.id)?.row.recording.title).toBe('Other');
    remove('/b', two);
    expect(index.find(two.id)).toBeNull();
    expect(index.newestFirst()).toEqual([one]);
  });

  it('takes the first folder of a recording that somebody copied, and the other one when that goes', () => {
    const one = recording(1);
    const copy = { ...one, title: 'Copy' };
    const { index, put, remove } = library({ '/a': [one], '/b': [copy] });
    expect(index.find(one.id)?.root).toBe('/a');
    put('/b', { ...copy, title: 'Copy of it' });
    expect(index.find(one.id)).toMatchObject({ root: '/a', row: { recording: { title: 'Talk' } } });
    remove('/a', one);
    expect(index.find(one.id)).toMatchObject({ root: '/b', row: { recording: { title: 'Copy of it' } } });
  });

  it('counts by status and by the state of the bucket, and again after every change', () => {
    const cloud = shownCloud(['queued'], { state: 'queued' });
    const { index, put, remove } = library({
      '/a': [recording(1), recording(2, { status: 'failed' })],
      '/b': [recording(4, { cloud })],
    });
    expect(index.totals()).toEqual({
      recordings: 3,
      sizeBytes: 7,
      byStatus: { recording: 0, paused: 0, stopping: 0, processing: 0, completed: 2, failed: 1, interrupted: 0 },
      byCloudState: { none: 2, queued: 1, uploading: 0, verified: 0, failed: 0 },
    });
    put('/a', recording(1, { status: 'recording', sizeBytes: 11 }));
    expect(index.totals()).toMatchObject({ recordings: 3, sizeBytes: 17, byStatus: { recording: 1, completed: 1 } });
    remove('/b', recording(4));
    expect(index.totals()).toMatchObject({ recordings: 2, sizeBytes: 13, byCloudState: { queued: 0 } });
  });

  it('lists the newest first, by time and not by spelling, and ties by id', () => {
    const early = recording(1, { startedAt: '2026-11-20T10:00:00Z' });
    const late = recording(2, { startedAt: '2026-11-20T10:00:00.500Z' });
    const same = recording(3, { startedAt: '2026-11-20T10:00:00.000Z' });
    const { index } = library({ '/a': [early, late], '/b': [same] });
    expect(index.newestFirst().map((each) => each.id)).toEqual([late.id, same.id, early.id]);
    // Asked again without a change it is the same list: nothing was sorted anew.
    expect(index.newestFirst()).toBe(index.newestFirst());
  });

  it('keeps its list in order by what was put, as if it had sorted it anew', () => {
    const { index, put } = library({ '/a': Array.from({ length: 40 }, (_, n) => at(n)) });
    for (let n = 0; n < 200; n += 1) {
      index.newestFirst();
      // Some are new, some are there, and some are told with another beginning than before.
      put(n % 3 === 0 ? '/b' : '/a', at((n * 17) % 60, { title: `${n}` }, n % 5 === 0 ? n : 0));
      const kept = index.newestFirst();
      index.rebuilt();
      expect(kept).toEqual(index.newestFirst());
    }
  });
});

/** One of sixty, of which four at a time began at the same instant. */
function at(n: number, over: object = {}, laterMs = 0): Recording {
  const startedAt = new Date(Date.UTC(2026, 10, 22, 12, n % 15) + laterMs).toISOString();
  return recording(n, { startedAt, ...over });
}
