import { describe, expect, it } from 'vitest';
import { deliverableIdSchema, markerIdSchema, trackIdSchema } from '../../contract/ids.ts';
import { markerName } from '../../contract/marker-name.ts';
import type { Deliverable, Marker } from '../../contract/recording.ts';
import { chaptersOf, chaptersToWrite } from '../../main/recording/chapters-key.ts';
import { markerSeconds } from '../../renderer/library/marker-place.ts';
import { isMarkerKey } from '../../renderer/stage/marker-key.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const marker = (n: number, atMs: number, name = ''): Marker => ({ id: markerIdSchema.parse(id(n)), atMs, name });
const file = (n: number, over: Partial<Deliverable> = {}): Deliverable => ({
  id: deliverableIdSchema.parse(id(n)),
  kind: 'track',
  trackId: trackIdSchema.parse(id(90)),
  participantName: 'Ada',
  source: 'camera',
  format: 'mkv',
  file: `segments/${n}.mkv`,
  durationMs: 10_000,
  offsetMs: 2_000,
  sizeBytes: 1,
  note: null,
  ...over,
});

describe('name of a marker', () => {
  it('is what somebody gave it, else its place in time, whatever order the markers are in', () => {
    const markers = [marker(3, 9_000), marker(1, 1_000), marker(2, 5_000, 'Question')];
    expect(markers.map((each) => markerName(markers, each))).toEqual(['Marker 3', 'Marker 1', 'Question']);
  });
});

describe('place of a marker in a file', () => {
  it('is on the clock of the file, and none outside of it', () => {
    const late = { offsetMs: 2_000, durationMs: 10_000 };
    expect(markerSeconds({ atMs: 2_000 }, late)).toBe(0);
    expect(markerSeconds({ atMs: 12_000 }, late)).toBe(10);
    expect(markerSeconds({ atMs: 1_999 }, late)).toBeNull();
    expect(markerSeconds({ atMs: 12_001 }, late)).toBeNull();
  });
});

describe('chapters of a file', () => {
  const markers = [marker(1, 1_999), marker(2, 2_000), marker(3, 12_000, 'End'), marker(4, 12_001)];

  it('are the markers within it, numbered as in the whole recording', () => {
    expect(chaptersOf(markers, file(1))).toEqual([
      { atMs: 0, name: 'Marker 2' },
      { atMs: 10_000, name: 'End' },
    ]);
  });

  it('have a key that changes with a name, a place or a file, and with nothing else', () => {
    const base = { deliverables: [file(1), file(2)], markers, chaptersKey: null };
    const key = chaptersToWrite(base);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(chaptersToWrite({ ...base, deliverables: base.deliverables.toReversed() })).toBe(key);
    expect(chaptersToWrite({ ...base, deliverables: [file(1, { sizeBytes: 99 }), file(2)] })).toBe(key);
    expect(chaptersToWrite({ ...base, deliverables: [file(1)] })).not.toBe(key);
    expect(chaptersToWrite({ ...base, deliverables: [file(1, { offsetMs: 1_990 }), file(2)] })).not.toBe(key);
    expect(chaptersToWrite({ ...base, markers: [marker(2, 2_000, 'Start')] })).not.toBe(key);
    expect(chaptersToWrite({ ...base, chaptersKey: key })).toBeNull();
  });

  it('are nothing to do for files that never had any, and are taken out of files that had', () => {
    const bare = { deliverables: [file(1)], markers: [], chaptersKey: null };
    expect(chaptersToWrite(bare)).toBeNull();
    expect(chaptersToWrite({ ...bare, deliverables: [file(1, { format: 'webm' })], markers })).toBeNull();
    expect(chaptersToWrite({ ...bare, chaptersKey: 'abc' })).toBe('none');
    expect(chaptersToWrite({ ...bare, chaptersKey: 'none' })).toBeNull();
  });
});

describe('the key of a marker', () => {
  const press = {
    key: 'k',
    code: 'KeyK',
    altKey: true,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    repeat: false,
  };

  it('is Alt+K, by its letter, also with Caps Lock and where the letter lies elsewhere', () => {
    expect(isMarkerKey(press)).toBe(true);
    expect(isMarkerKey({ ...press, key: 'K' })).toBe(true);
    expect(isMarkerKey({ ...press, code: 'KeyV' })).toBe(true);
    expect(isMarkerKey({ ...press, key: 't' })).toBe(false);
  });

  it('is Alt+K by its place where Alt makes another sign of it or the keyboard has other letters', () => {
    expect(isMarkerKey({ ...press, key: '˚' })).toBe(true);
    expect(isMarkerKey({ ...press, key: 'л' })).toBe(true);
    expect(isMarkerKey({ ...press, key: 'о', code: 'KeyJ' })).toBe(false);
  });

  it('is no other press: without Alt, with more keys, held down, or AltGr', () => {
    expect(isMarkerKey({ ...press, altKey: false })).toBe(false);
    for (const more of ['ctrlKey', 'metaKey', 'shiftKey', 'repeat']) {
      expect(isMarkerKey({ ...press, [more]: true })).toBe(false);
    }
  });
});
