import { describe, expect, it } from 'vitest';
import { trackHealthSchema, type TrackHealth } from '../../contract/recording.ts';
import { diskStateOf, type DiskState } from '../../renderer/recording/disk-state.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const track = (person: number | null, state: DiskState, lastDurableAgoMs: number | null = 200): TrackHealth =>
  trackHealthSchema.parse({
    trackId: id(100 + (person ?? 0)),
    participantId: person === null ? null : id(person),
    source: person === null ? 'mix' : 'camera',
    state,
    durableBytes: 1,
    lastDurableAgoMs,
  });

describe('disk dot of a tile', () => {
  it('is not there for a person of whom nothing is recorded', () => {
    expect(diskStateOf([track(1, 'onDisk'), track(null, 'lost')], id(2))).toBeNull();
  });

  it('shows the worst of all tracks of the person', () => {
    expect(diskStateOf([track(1, 'onDisk'), track(1, 'waiting', null)], id(1))?.state).toBe('waiting');
    expect(diskStateOf([track(1, 'waiting', null), track(1, 'lost', 4000)], id(1))?.state).toBe('lost');
    expect(diskStateOf([track(1, 'idle'), track(1, 'onDisk')], id(1))?.state).toBe('onDisk');
  });

  it('says in words for how long nothing has reached the disk', () => {
    expect(diskStateOf([track(1, 'lost', 4000)], id(1))?.words).toBe('Nothing has reached the disk for 4 s');
    expect(diskStateOf([track(1, 'onDisk')], id(1))?.words).toBe('On the disk');
  });
});
