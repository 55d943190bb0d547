import { beforeEach, describe, expect, it } from 'vitest';
import { goodLink } from '../support/good-link.ts';
import type { Call } from '../../contract/call.ts';
import { participantIdSchema } from '../../contract/ids.ts';
import { participantQualitySchema, type ParticipantQuality } from '../../contract/quality.ts';
import { createCallQuality, STALE_AFTER_MS, type CallQuality } from '../../main/calls/call-quality.ts';
import type { CallChange } from '../../main/calls/calls-service.ts';
import { someCall, somePerson } from '../support/some-call.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

const id = (digit: number) => participantIdSchema.parse(`00000000-0000-4000-8000-00000000000${digit}`);
const [ANA, BEN, CHIARA, STRANGER] = [id(1), id(2), id(3), id(9)];

const callOf = (people: readonly string[], over: { id?: string; cameraOn?: boolean } = {}): Call => {
  const { cameraOn = true, ...otherwise } = over;
  const participants = people.map((each, order) =>
    somePerson({ id: each, name: `Person ${order}`, role: order === 0 ? 'host' : 'participant', order, cameraOn }),
  );
  return someCall({ selfId: ANA, hostId: ANA, participants, ...otherwise });
};

let call: Call | null;
let time: VirtualTime;
let quality: CallQuality;
let told: ParticipantQuality[][];
let noted: { callId: string; people: readonly ParticipantQuality[] }[];
let listeners: Set<(change: CallChange) => void>;

const change = (next: Call | null): void => {
  call = next;
  for (const listener of listeners) listener({ call, endReason: null });
};

beforeEach(() => {
  call = callOf([ANA, BEN, CHIARA]);
  time = createVirtualTime();
  told = [];
  noted = [];
  listeners = new Set();
  quality = createCallQuality({
    calls: {
      current: () => call,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    },
    clock: time.clock,
    scheduler: time.scheduler,
    note: (look) => noted.push(look),
  });
  quality.subscribe((people) => told.push(people));
});

const barsOf = (people: readonly ParticipantQuality[] | undefined) =>
  Object.fromEntries((people ?? []).map(({ participantId, bars }) => [participantId, bars]));

describe('a report of the window', () => {
  it('is judged, told and kept for everybody in the call, and for what the window itself sends', () => {
    quality.report({ links: [goodLink(BEN), goodLink(CHIARA, { packetLoss: 0.05, limitation: 'cpu' })] });
    expect(told).toHaveLength(1);
    expect(barsOf(told[0])).toEqual({ [BEN]: 4, [CHIARA]: 2, [ANA]: 2 });
    for (const person of told[0] ?? []) expect(participantQualitySchema.parse(person)).toEqual(person);
    expect(quality.of(BEN)).toMatchObject({ bars: 4, words: 'Good', measuredAtMs: time.clock.wallMs() });
    expect(quality.of(ANA)).toMatchObject({
      limitation: 'cpu',
      sentBitsPerSecond: 800_000,
      receivedBitsPerSecond: null,
    });
  });

  it('counts for nobody who is not in the call, and only once for who is', () => {
    quality.report({
      links: [
        goodLink(STRANGER, { framesDropped: 7 }),
        goodLink(ANA),
        goodLink(BEN, { framesDropped: 1 }),
        goodLink(BEN),
      ],
    });
    expect(quality.of(STRANGER)).toBeNull();
    expect(barsOf(told[0])).toEqual({ [BEN]: 4, [ANA]: 4 });
    expect(noted[0]?.people.map(({ participantId }) => participantId)).toEqual([BEN]);
    expect(quality.droppedFrames()).toBe(1);
  });

  it('is noted beside the recording with the others and their bars, each time anew', () => {
    quality.report({ links: [goodLink(BEN), goodLink(CHIARA)] });
    quality.report({ links: [goodLink(BEN, { receivedBitsPerSecond: 0 })] });
    expect(noted.map(({ callId }) => callId)).toEqual([call?.id, call?.id]);
    expect(noted.map(({ people }) => barsOf(people))).toEqual([{ [BEN]: 4, [CHIARA]: 4 }, { [BEN]: 0 }]);
  });

  it('is dropped outside of a call', () => {
    call = null;
    quality.report({ links: [goodLink(BEN, { framesDropped: 5 })] });
    expect(told).toEqual([]);
    expect(noted).toEqual([]);
    expect(quality.droppedFrames()).toBe(0);
  });

  it('judges pictures only of a camera that was on at the look before, too', () => {
    const few = { framesPerSecond: 3 };
    quality.report({ links: [goodLink(BEN, few)] });
    expect(quality.of(BEN)?.bars).toBe(4);
    quality.report({ links: [goodLink(BEN, few)] });
    expect(quality.of(BEN)).toMatchObject({ bars: 1, words: 'Poor: only 3 pictures a second arrive' });
    change(callOf([ANA, BEN, CHIARA], { cameraOn: false }));
    quality.report({ links: [goodLink(BEN, few)] });
    expect(quality.of(BEN)?.bars).toBe(4);
  });

  it('adds up the pictures that were dropped', () => {
    quality.report({ links: [goodLink(BEN, { framesDropped: 3 }), goodLink(CHIARA, { framesDropped: 4 })] });
    change(null);
    change(callOf([ANA, BEN]));
    quality.report({ links: [goodLink(BEN, { framesDropped: 5 })] });
    expect(quality.droppedFrames()).toBe(12);
  });
});

describe('what was measured', () => {
  it('says nothing any more after 15 s without a word, and everybody is told at that moment', () => {
    quality.report({ links: [goodLink(BEN)] });
    time.advance(STALE_AFTER_MS - 1);
    expect(quality.of(BEN)?.bars).toBe(4);
    expect(told).toHaveLength(1);
    time.advance(1);
    expect(quality.of(BEN)).toMatchObject({ bars: 0, words: 'Not measured for 15 s' });
    expect(barsOf(told[1])).toEqual({ [BEN]: 0, [ANA]: 0 });
  });

  it('of one person grows old while others are still measured, and is not noted again', () => {
    quality.report({ links: [goodLink(BEN), goodLink(CHIARA)] });
    for (let look = 0; look < 3; look += 1) {
      time.advance(5_000);
      quality.report({ links: [goodLink(BEN)] });
    }
    expect(barsOf(told.at(-1))).toEqual({ [BEN]: 4, [CHIARA]: 0, [ANA]: 4 });
    expect(barsOf(noted.at(-1)?.people)).toEqual({ [BEN]: 4 });
  });

  it('is forgotten when a person leaves, and at the end of the call', () => {
    quality.report({ links: [goodLink(BEN), goodLink(CHIARA)] });
    change(callOf([ANA, BEN]));
    expect(barsOf(told.at(-1))).toEqual({ [BEN]: 4, [ANA]: 4 });
    expect(quality.of(CHIARA)).toBeNull();
    change(null);
    expect(told.at(-1)).toEqual([]);
    expect(quality.of(BEN)).toBeNull();
    change(callOf([ANA, BEN]));
    expect(quality.of(BEN)).toBeNull();
    time.advance(60_000);
    expect(told).toHaveLength(3);
  });

  it('in one call is not known in the next, even with nothing between them', () => {
    quality.report({ links: [goodLink(BEN)] });
    change(callOf([ANA, BEN], { id: '00000000-0000-4000-8000-00000000ca12' }));
    expect(quality.of(BEN)).toBeNull();
    expect(told.at(-1)).toEqual([]);
  });

  it('is told to nobody after the close', () => {
    quality.report({ links: [goodLink(BEN)] });
    quality.close();
    time.advance(60_000);
    expect(told).toHaveLength(1);
    expect(listeners.size).toBe(0);
  });
});
