import { describe, expect, test } from 'vitest';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import { idsOf, RECORDING, refusalIn, roomsWorld } from '../support/rooms-world.ts';

describe('broken connections', () => {
  test('a participant whose connection broke is shown as away and keeps the place for the grace, not longer', () => {
    const { create, join, run, told, room } = roomsWorld();
    create();
    join(2);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 1000 });
    expect(told('c1')).toMatchObject([{ type: 'participantChanged', participant: { present: false } }]);
    run({ kind: 'tick', nowMs: 15_999 });
    expect(room()?.seats).toHaveLength(2);
    const effects = run({ kind: 'tick', nowMs: 16_000 });
    expect(told('c1')).toEqual([{ type: 'participantLeft', participantId: idsOf(2).participantId }]);
    expect(effects).toContainEqual({ kind: 'dropPeer', peerId: idsOf(2).peerId, code: CLOSE_CODES.callEnded });
    expect(room()?.seats).toHaveLength(1);
  });

  test('a host who does not come back within the grace ends the call with its recording notice', () => {
    const { create, join, run, told, state } = roomsWorld();
    create();
    join(2);
    run({ kind: 'recording', connectionId: 'c1', recording: RECORDING });
    run({ kind: 'broken', connectionId: 'c1', nowMs: 0 });
    run({ kind: 'tick', nowMs: 14_999 });
    expect(state().rooms.size).toBe(1);
    run({ kind: 'tick', nowMs: 15_000 });
    expect(told('c2')).toEqual([{ type: 'ended', from: null, to: null, reason: 'hostGone' }]);
    expect(state().rooms.size).toBe(0);
  });

  test('host and guest both away are both gone after the grace, whoever broke first', () => {
    const { create, join, run, state } = roomsWorld();
    create();
    join(2);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 0 });
    run({ kind: 'broken', connectionId: 'c1', nowMs: 0 });
    run({ kind: 'tick', nowMs: 20_000 });
    expect(state()).toMatchObject({ rooms: new Map(), seatOfConnection: new Map(), seatOfPeer: new Map() });
  });

  test('the place comes back to the one who knows its secret: same ids, no twin, the others see them present', () => {
    const { create, join, run, resume, told, room } = roomsWorld();
    create();
    join(2);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 0 });
    resume(2, 'c2-again');
    expect(told('c2-again')).toMatchObject([
      {
        type: 'entered',
        requestId: 9,
        selfId: idsOf(2).participantId,
        peerId: idsOf(2).peerId,
        peerToken: idsOf(2).peerToken,
      },
    ]);
    expect(told('c1')).toMatchObject([{ type: 'participantChanged', participant: { present: true } }]);
    expect(room()?.seats).toHaveLength(2);
    run({ kind: 'tick', nowMs: 60_000 });
    expect(room()?.seats).toHaveLength(2);
  });

  test('a return before the server noticed the break replaces the old connection silently', () => {
    const { create, join, run, resume, told, room } = roomsWorld();
    create();
    join(2);
    const effects = resume(2, 'c2-again');
    expect(effects).toContainEqual({
      kind: 'close',
      connectionId: 'c2',
      code: CLOSE_CODES.replaced,
      why: 'resumed elsewhere',
    });
    expect(told('c1')).toEqual([]);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 0 });
    expect(room()?.seats.map((seat) => seat.participant.present)).toEqual([true, true]);
  });

  test('a wrong secret, and a place that was given up, get the same answer', () => {
    const { create, join, run, resume, told, room } = roomsWorld();
    create();
    join(2);
    resume(2, 'thief', idsOf(1).secret);
    const wrong = told('thief');
    expect(refusalIn(wrong)).toBe('NOT_IN_CALL');
    expect(room()?.seats[1]?.connectionId).toBe('c2');
    run({ kind: 'leave', connectionId: 'c2' });
    resume(2, 'late');
    expect(told('late')).toEqual(wrong);
  });

  test('a host who comes back is the host still', () => {
    const { create, run, resume, told } = roomsWorld();
    create();
    run({ kind: 'broken', connectionId: 'c1', nowMs: 0 });
    resume(1, 'c1-again');
    run({ kind: 'end', connectionId: 'c1-again', requestId: 2 });
    expect(told('c1-again')).toEqual([{ type: 'done', requestId: 2 }]);
  });

  test('a return to a call that ended meanwhile hears why it ended', () => {
    const { create, join, run, resume, told } = roomsWorld();
    create();
    join(2);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 0 });
    run({ kind: 'end', connectionId: 'c1', requestId: 2 });
    resume(2, 'c2-again');
    expect(told('c2-again')).toMatchObject([{ error: { code: 'CALL_ENDED', details: { reason: 'endedByHost' } } }]);
  });
});
