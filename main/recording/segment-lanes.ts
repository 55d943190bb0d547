import { AppError } from '../../contract/errors.ts';
import type { Chunk, Lane } from '../../contract/recording.ts';
import { createInterleaver } from '../media/matroska/interleaver.ts';
import type { Drained, Flushed, ParsedChunk } from '../media/matroska/interleaver.ts';
import type { TrackInfo } from '../media/matroska/track-entry.ts';
import type { Ack } from './ack-book.ts';
import { createLaneIntake } from './lane-intake.ts';
import type { Intake, IntakePart, LaneIntake } from './lane-intake.ts';

/** A track of a lane that has frames and is not in the file yet. */
export type ReadyTrack = { lane: Lane; info: TrackInfo };

/** The lanes of one segment: each is read by itself, placed on the segment's clock and put into one order with the others. */
export type SegmentLanes = {
  has: (lane: Lane) => boolean;
  /** Reads the next chunk of a lane; its parts are to be placed in order. */
  read: (chunk: Chunk, ack: Ack) => Intake;
  /** Takes over what was read: into the file's order, or to wait until the lane is admitted to the file. */
  place: (lane: Lane, part: IntakePart, nowMs: number) => void;
  /** A lane of which nothing is expected is not waited for. */
  expect: (lane: Lane, expecting: boolean) => void;
  /** When the first frame of any lane came, on the caller's clock; null before. */
  firstMediaAtMs: () => number | null;
  /** Every lane has begun: nobody needs to wait for another. */
  allBegun: () => boolean;
  /** The tracks that could go into the file now. */
  ready: () => ReadyTrack[];
  /** When the earliest of the lanes that have begun did so, on the recording's clock. */
  earliestStartMs: () => number;
  /** The tracks that were ready are in the file now, whose time 0 is `zeroMs`: what waited takes its place in the order. */
  admit: (zeroMs: number, nowMs: number) => void;
  drain: (nowMs: number) => Drained<Ack | null>;
  flush: () => Flushed<Ack | null>;
  /** When `drain` would give more though nothing came; null when nothing is held. */
  nextDrainAtMs: () => number | null;
};

type LaneState = {
  readonly intake: LaneIntake;
  startMs: number | null;
  /** Parts that wait for the lane to be admitted. */
  waiting: ParsedChunk<Ack | null>[];
  /** The file's time 0; null as long as the lane is not in the file. */
  zeroMs: number | null;
  expecting: boolean;
};

/** Makes the lanes of a segment whose recorders were started at `segmentAtMs`. */
export function createSegmentLanes(names: readonly Lane[], segmentAtMs: number): SegmentLanes {
  const interleaver = createInterleaver<Ack | null>();
  const lanes = new Map<Lane, LaneState>(
    names.map((lane) => [
      lane,
      { intake: createLaneIntake(lane, segmentAtMs), startMs: null, waiting: [], zeroMs: null, expecting: true },
    ]),
  );
  let firstMediaAtMs: number | null = null;

  const stateOf = (lane: Lane): LaneState => {
    const state = lanes.get(lane);
    if (state === undefined) {
      throw new AppError('INVALID_INPUT', `This segment was opened without a lane for ${lane}.`);
    }
    return state;
  };

  const readyLanes = (): LaneState[] =>
    [...lanes.values()].filter((state) => state.startMs !== null && state.zeroMs === null);

  const place: SegmentLanes['place'] = (lane, part, nowMs) => {
    const state = stateOf(lane);
    if (part.startMs !== null) {
      state.startMs = part.startMs;
      firstMediaAtMs ??= nowMs;
      if (state.zeroMs !== null) interleaver.setLane(lane, Math.max(0, part.startMs - state.zeroMs), nowMs);
    }
    if (state.zeroMs === null) state.waiting.push(part.chunk);
    else interleaver.push(lane, part.chunk, nowMs);
  };

  return {
    has: (lane) => lanes.has(lane),
    read: (chunk, ack) => stateOf(chunk.lane).intake.take(chunk, ack),
    place,
    expect: (lane, expecting) => {
      stateOf(lane).expecting = expecting;
      interleaver.setQuiet(lane, !expecting);
    },
    firstMediaAtMs: () => firstMediaAtMs,
    allBegun: () => [...lanes.values()].every((state) => state.startMs !== null),
    ready: () =>
      readyLanes().flatMap(({ intake }) => (intake.tracks() ?? []).map((info) => ({ lane: intake.lane, info }))),
    earliestStartMs: () => {
      const starts = [...lanes.values()].flatMap(({ startMs }) => (startMs === null ? [] : [startMs]));
      return Math.max(0, Math.round(Math.min(...starts)));
    },
    admit: (zeroMs, nowMs) => {
      for (const state of readyLanes()) {
        const { lane } = state.intake;
        state.zeroMs = zeroMs;
        interleaver.setLane(lane, Math.max(0, (state.startMs ?? zeroMs) - zeroMs), nowMs);
        interleaver.setQuiet(lane, !state.expecting);
        for (const part of state.waiting) interleaver.push(lane, part, nowMs);
        state.waiting = [];
      }
    },
    drain: (nowMs) => interleaver.drain(nowMs),
    flush: () => interleaver.flush(),
    nextDrainAtMs: () => interleaver.nextDrainAtMs(),
  };
}
