import { describe, expect, it } from 'vitest';
import { reduceCall } from '../../renderer/call/call-state.ts';
import type { CallView } from '../../renderer/call/call-view.ts';
import { someCall, somePerson } from '../support/some-call.ts';

const id = (digit: number): string => `00000000-0000-0000-0000-00000000000${digit}`;
const person = (digit: number) =>
  somePerson({
    id: id(digit),
    peerId: id(digit + 5),
    name: `Person ${digit}`,
    role: digit === 1 ? 'host' : 'participant',
    order: digit,
  });
const callWith = (...digits: number[]) =>
  someCall({ id: id(9), selfId: id(1), hostId: id(1), participants: digits.map(person) });

const idle: CallView = { kind: 'idle', lastEnd: null };
// The reducer only passes streams on: any object tells whether it did.
const stream = {} as MediaStream;

function inCall(view: CallView): Extract<CallView, { kind: 'inCall' }> {
  if (view.kind !== 'inCall') throw new Error(`not in a call: ${view.kind}`);
  return view;
}

describe('the view of a call', () => {
  it('goes from the button to the call, and back when entering fails', () => {
    const entering = reduceCall(idle, { kind: 'enterPressed' });
    expect(entering.kind).toBe('entering');
    expect(reduceCall(entering, { kind: 'enterFailed' })).toEqual(idle);
    expect(reduceCall(entering, { kind: 'callChanged', call: callWith(1) }).kind).toBe('inCall');
  });

  it('shows the own person as connected and others as connecting until their link says more', () => {
    let view = reduceCall(idle, { kind: 'callChanged', call: callWith(1, 2) });
    expect(inCall(view).people.map((entry) => entry.connection)).toEqual(['connected', 'connecting']);
    view = reduceCall(view, { kind: 'linkChanged', participantId: id(2), state: 'reconnecting' });
    expect(inCall(view).people[1]?.connection).toBe('reconnecting');
  });

  it('keeps the pictures of those who stay when somebody comes or goes', () => {
    let view = reduceCall(idle, { kind: 'callChanged', call: callWith(1, 2) });
    view = reduceCall(view, { kind: 'mediaChanged', participantId: id(2), stream });
    view = reduceCall(view, { kind: 'callChanged', call: callWith(1, 2, 3) });
    expect(inCall(view).people.map((entry) => entry.stream)).toEqual([null, stream, null]);
    view = reduceCall(view, { kind: 'callChanged', call: callWith(1, 3) });
    expect(inCall(view).people.map((entry) => entry.participant.id)).toEqual([id(1), id(3)]);
  });

  it('keeps the first measured time to a picture', () => {
    let view = reduceCall(idle, { kind: 'callChanged', call: callWith(1, 2) });
    view = reduceCall(view, { kind: 'firstFrame', elapsedMs: 400 });
    view = reduceCall(view, { kind: 'firstFrame', elapsedMs: 900 });
    expect(inCall(view).joinToFirstFrameMs).toBe(400);
  });

  it('says why the call ended, and starts anew with another call', () => {
    const view = reduceCall(idle, { kind: 'callChanged', call: callWith(1, 2) });
    expect(reduceCall(view, { kind: 'callOver', reason: 'endedByHost' })).toEqual({
      kind: 'idle',
      lastEnd: 'endedByHost',
    });
  });

  it('is left alone by news of devices and links outside a call', () => {
    expect(reduceCall(idle, { kind: 'linkChanged', participantId: id(2), state: 'connected' })).toBe(idle);
    expect(reduceCall(idle, { kind: 'firstFrame', elapsedMs: 1 })).toBe(idle);
  });
});
