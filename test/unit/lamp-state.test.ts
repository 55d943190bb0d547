import { describe, expect, it } from 'vitest';
import { callRecordingSchema, type CallRecording } from '../../contract/call.ts';
import { announcementFor } from '../../renderer/recording/announcement.ts';
import { anchorOf, elapsedAt } from '../../renderer/recording/elapsed.ts';
import { lampState, lampWords } from '../../renderer/recording/lamp-state.ts';

const recording = (over: Partial<CallRecording> = {}): CallRecording => ({
  ...callRecordingSchema.parse({
    recordingId: '00000000-0000-4000-8000-000000000009',
    state: 'recording',
    health: { kind: 'ok' },
    elapsedMs: 1000,
    recordedBy: 'Ana',
  }),
  ...over,
});

describe('tally light', () => {
  it('is off while nothing is recorded', () => {
    expect(lampState(null, null)).toEqual({ kind: 'off' });
  });

  it('is not lit by pressing the button', () => {
    expect(lampState(null, 'start')).toEqual({ kind: 'starting' });
  });

  it('is not lit by a recording whose first bytes are not durable', () => {
    expect(lampState(recording({ health: { kind: 'starting' } }), null)).toEqual({ kind: 'starting' });
  });

  it('is lit by bytes on the disk', () => {
    expect(lampState(recording(), null)).toEqual({ kind: 'onDisk' });
  });

  it('goes out and says why when bytes stop reaching the disk', () => {
    const health = {
      kind: 'degraded',
      cause: 'noBytes',
      message: "Ben's picture has not reached the disk for 4 s",
    } as const;
    const state = lampState(recording({ health }), null);
    expect(state).toEqual({ kind: 'degraded', words: health.message });
    expect(lampWords(state)).toContain(health.message);
  });

  it('goes out when the recording is paused, stopping, or Stop was pressed', () => {
    expect(lampState(recording({ state: 'paused' }), null)).toEqual({ kind: 'paused' });
    expect(lampState(recording({ state: 'stopping' }), null)).toEqual({ kind: 'stopping' });
    expect(lampState(recording(), 'stop')).toEqual({ kind: 'stopping' });
  });
});

describe('recording notice', () => {
  it('is given at the start, and to someone who joins a recorded call', () => {
    expect(announcementFor(null, recording())).toBe('started');
  });

  it('is given once, not with every report of the same recording', () => {
    expect(announcementFor(recording(), recording({ elapsedMs: 2000 }))).toBeNull();
  });

  it('says that the recording stopped, once, at the stop or when it vanishes', () => {
    expect(announcementFor(recording(), recording({ state: 'stopping' }))).toBe('stopped');
    expect(announcementFor(recording({ state: 'stopping' }), null)).toBeNull();
    expect(announcementFor(recording(), null)).toBe('stopped');
  });

  it('is given again for another recording of the same call', () => {
    const other = callRecordingSchema.parse({ ...recording(), recordingId: '00000000-0000-4000-8000-000000000010' });
    expect(announcementFor(recording(), other)).toBe('started');
    expect(announcementFor(recording({ state: 'stopping' }), other)).toBe('started');
  });

  it('is not given for a recording that is already ending', () => {
    expect(announcementFor(null, recording({ state: 'stopping' }))).toBeNull();
  });
});

describe('pause notice', () => {
  it('says that the recording is paused and that it goes on, once each', () => {
    const paused = recording({ state: 'paused' });
    expect(announcementFor(recording(), paused)).toBe('paused');
    expect(announcementFor(paused, recording({ state: 'paused', elapsedMs: 1100 }))).toBeNull();
    expect(announcementFor(paused, recording())).toBe('resumed');
  });

  it('does not stand in for the notice of recording for somebody who comes during a pause', () => {
    expect(announcementFor(null, recording({ state: 'paused' }))).toBe('started');
  });

  it('gives way to the end', () => {
    expect(announcementFor(recording({ state: 'paused' }), recording({ state: 'stopping' }))).toBe('stopped');
    expect(announcementFor(recording({ state: 'paused' }), null)).toBe('stopped');
  });
});

describe('elapsed time between two reports', () => {
  const anchor = { elapsedMs: 1000, atMs: 500, running: true };

  it('goes on by itself while it runs', () => {
    expect(elapsedAt(anchor, 1750)).toBe(2250);
  });

  it('stands still while nothing runs, and never runs backwards', () => {
    expect(elapsedAt({ ...anchor, running: false }, 1750)).toBe(1000);
    expect(elapsedAt(anchor, 400)).toBe(1000);
  });

  it('counts from its report, and from the end of a pause though the report is the same', () => {
    expect(anchorOf(anchor, 1000, true, 900)).toBe(anchor);
    const paused = anchorOf(anchor, 1400, false, 900);
    expect(elapsedAt(paused, 60_000)).toBe(1400);
    const resumed = anchorOf(paused, 1400, true, 60_000);
    expect(elapsedAt(resumed, 60_250)).toBe(1650);
  });
});
