import { describe, expect, test } from 'vitest';
import { participantIdSchema, trackIdSchema } from '../../contract/ids.ts';
import { judgeHealth } from '../../main/recording/health.ts';
import type { HealthInput, LaneObservation, TrackObservation } from '../../main/recording/health.ts';

const lane = (name: LaneObservation['lane'], lastDurableMs: number | null, more: Partial<LaneObservation> = {}) => ({
  lane: name,
  expecting: true,
  expectingSinceMs: 0,
  lastDurableMs,
  ...more,
});

let nextTrack = 0;
function track(name: string, lanes: LaneObservation[], more: Partial<TrackObservation> = {}): TrackObservation {
  nextTrack += 1;
  const id = `00000000-0000-4000-8000-${String(nextTrack).padStart(12, '0')}`;
  const times = lanes.flatMap((each) => (each.lastDurableMs === null ? [] : [each.lastDurableMs]));
  return {
    trackId: trackIdSchema.parse(id),
    participantId: participantIdSchema.parse(id),
    participantName: name,
    source: 'camera',
    durableBytes: times.length > 0 ? 1000 : 0,
    lastDurableMs: times.length > 0 ? Math.max(...times) : null,
    lanes,
    failure: null,
    ...more,
  };
}

const judge = (nowMs: number, tracks: TrackObservation[], more: Partial<HealthInput> = {}) =>
  judgeHealth({ nowMs, tracks, nothingOpenSinceMs: null, resumedAtMs: null, journalFailure: null, ...more });

test('before the first durable byte it is starting, after it ok', () => {
  expect(judge(2_000, [track('Ben', [lane('audio', null)])]).health).toEqual({ kind: 'starting' });
  expect(judge(2_000, [track('Ben', [lane('audio', 1_500)])]).health).toEqual({ kind: 'ok' });
});

describe('the limit of silence', () => {
  test('at the limit nothing is lost yet', () => {
    const ben = track('Ben', [lane('audio', 5_000), lane('video', 5_000)]);
    expect(judge(7_300, [ben]).health).toEqual({ kind: 'ok' });
  });

  test('a millisecond later it is, in words', () => {
    const ben = track('Ben', [lane('audio', 7_000), lane('video', 5_000)]);
    const { health, tracks } = judge(7_301, [ben]);
    expect(health).toEqual({
      kind: 'degraded',
      cause: 'noBytes',
      message: "Ben's picture has not reached the disk for 2 s.",
    });
    expect(tracks[0]?.state).toBe('lost');
  });
});

test('a lane that never came counts from its opening', () => {
  const ben = track('Ben', [lane('audio', 9_500), lane('video', null, { expectingSinceMs: 6_000 })]);
  expect(judge(8_900, [ben]).tracks[0]?.state).toBe('waiting');
  expect(judge(9_500, [ben]).health).toMatchObject({ kind: 'degraded' });
});

test('a muted camera is not a fault, and is given time when it comes back', () => {
  const muted = track('Ben', [lane('audio', 59_500), lane('video', 5_000, { expecting: false })]);
  expect(judge(60_000, [muted]).health).toEqual({ kind: 'ok' });
  const back = track('Ben', [lane('audio', 59_500), lane('video', 5_000, { expectingSinceMs: 59_000 })]);
  expect(judge(60_000, [back]).health).toEqual({ kind: 'ok' });
  expect(judge(62_100, [back]).health).toMatchObject({ cause: 'noBytes' });
});

test('everything muted at the source is idle', () => {
  const muted = track('Ben', [lane('audio', 1_000, { expecting: false })]);
  expect(judge(60_000, [muted]).tracks[0]?.state).toBe('idle');
});

test('several are named without a list that nobody reads', () => {
  const tracks = [
    track('Ben', [lane('audio', 1_000), lane('video', 1_000)]),
    track('Cleo', [lane('audio', 2_000)]),
    track('Dan', [lane('audio', 9_000)]),
  ];
  expect(judge(9_500, tracks).health).toMatchObject({
    message: "Ben's picture and sound and 1 more have not reached the disk for 7 s.",
  });
});

test('when nothing at all reaches the disk, that is what is said', () => {
  const tracks = [track('Ben', [lane('audio', 1_000)]), track('', [lane('av', 1_000)], { source: 'mix' })];
  expect(judge(5_000, tracks).health).toMatchObject({ message: 'Nothing has reached the disk for 4 s.' });
});

test('mix and screen have names of their own', () => {
  const fine = track('Ada', [lane('audio', 9_000)]);
  const mix = track('', [lane('av', 1_000)], { source: 'mix' });
  const screen = track('Ben', [lane('video', 1_000)], { source: 'screen' });
  expect(judge(9_000, [fine, mix]).health).toMatchObject({ message: 'The mix has not reached the disk for 8 s.' });
  expect(judge(9_000, [fine, screen]).health).toMatchObject({
    message: "Ben's screen has not reached the disk for 8 s.",
  });
});

test('a capture that has gone away is a fault', () => {
  const ben = track('Ben', [], { durableBytes: 10, lastDurableMs: 1_000 });
  expect(judge(3_300, [ben], { nothingOpenSinceMs: 1_000 }).health).toEqual({ kind: 'ok' });
  expect(judge(3_301, [ben], { nothingOpenSinceMs: 1_000 }).health).toEqual({
    kind: 'degraded',
    cause: 'captureLost',
    message: 'Nothing has been captured for 2 s.',
  });
});

test('a failed write is told at once, before anything else', () => {
  const ben = track('Ben', [lane('audio', 9_000)], { failure: "The disk is full: Ben's camera cannot be written." });
  expect(judge(9_000, [ben]).health).toMatchObject({ kind: 'degraded', cause: 'disk' });
  const fine = track('Ben', [lane('audio', 9_000)]);
  expect(judge(9_000, [fine], { journalFailure: 'The disk is full.' }).health).toMatchObject({ cause: 'disk' });
});

describe('after a pause', () => {
  const ben = (lastDurableMs: number) => track('Ben', [lane('audio', lastDurableMs)], { lastDurableMs });

  test('it is starting until something is durable again, though much was before', () => {
    expect(judge(9_000, [ben(8_500)], { resumedAtMs: 8_500 }).health).toEqual({ kind: 'starting' });
    expect(judge(10_000, [ben(9_400)], { resumedAtMs: 8_500 }).health).toEqual({ kind: 'ok' });
  });

  test('the capture has three seconds to come back before it counts as lost', () => {
    const idle = track('Ben', [], { durableBytes: 1000, lastDurableMs: 8_500 });
    const since = { resumedAtMs: 8_500, nothingOpenSinceMs: 8_500 };
    expect(judge(11_500, [idle], since).health).toEqual({ kind: 'starting' });
    expect(judge(11_501, [idle], since).health).toMatchObject({ kind: 'degraded', cause: 'captureLost' });
  });
});
