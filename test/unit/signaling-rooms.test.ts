import { describe, expect, test } from 'vitest';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import { seatOf, seatOfPeer } from '../../signaling/room-state.ts';
import type { RoomsInput } from '../../signaling/room-steps.ts';
import {
  callId,
  createInput,
  identityOf,
  idsOf,
  inviteOf,
  RECORDING,
  refusalIn,
  ROOM_LIMITS,
  roomsWorld,
} from '../support/rooms-world.ts';

describe('entering', () => {
  test('the creator of a room is its host, under a trimmed name, and gets the room, the secrets and the invite', () => {
    const { create, told } = roomsWorld();
    create();
    const [frame] = told('c1');
    expect(frame).toMatchObject({
      type: 'entered',
      requestId: 1,
      selfId: idsOf(1).participantId,
      peerId: idsOf(1).peerId,
      secret: idsOf(1).secret,
      peerToken: idsOf(1).peerToken,
      invite: inviteOf(1).token,
      room: {
        callId: callId(1),
        title: 'Standup',
        participantLimit: 6,
        hostId: idsOf(1).participantId,
        videoCodec: 'h264',
        recording: null,
        participants: [{ name: 'Ada', role: 'host', order: 0, present: true, microphoneOn: true, cameraOn: false }],
      },
    });
  });

  test('someone who joins is a participant, and the others (not they themselves) are told of them', () => {
    const { create, join, told } = roomsWorld();
    create();
    join(2);
    expect(told('c2')).toMatchObject([{ type: 'entered', selfId: idsOf(2).participantId }]);
    expect(told('c1')).toMatchObject([
      { type: 'participantJoined', participant: { id: idsOf(2).participantId, role: 'participant', order: 1 } },
    ]);
  });

  test('nobody is told a secret of somebody else', () => {
    const { create, join, run } = roomsWorld();
    const effects = [
      ...create(),
      ...join(2),
      ...run({ kind: 'media', connectionId: 'c2', microphoneOn: false, cameraOn: true }),
    ];
    const toHost = JSON.stringify(effects.filter((effect) => effect.kind === 'send' && effect.connectionId === 'c1'));
    expect(toHost).not.toContain(idsOf(2).secret);
    expect(toHost).not.toContain(idsOf(2).peerToken);
    expect(toHost).not.toContain(identityOf(2));
  });

  test('the order grows by one per join and is not given out again after someone left', () => {
    const { create, join, run, room } = roomsWorld();
    create();
    join(2);
    run({ kind: 'leave', connectionId: 'c2' });
    join(3);
    expect(room()?.seats.map((seat) => seat.participant.order)).toEqual([0, 2]);
  });

  test('six people fit into a room and the seventh is told why not', () => {
    const { create, join, told, room, state } = roomsWorld();
    create();
    for (let n = 2; n <= 6; n += 1) {
      join(n);
      expect(told(`c${n}`)[0]?.type).toBe('entered');
    }
    join(7);
    expect(told('c7')).toMatchObject([
      { type: 'refused', requestId: 7, error: { code: 'CALL_FULL', retryable: true, details: { limit: 6 } } },
    ]);
    expect(JSON.stringify(told('c7'))).toContain('sends its picture');
    expect(room()?.seats).toHaveLength(6);
    expect(seatOfPeer(state(), idsOf(7).peerId)).toBeNull();
  });

  test('a call takes as many people as its host said, up to what the server takes, and says whose limit it was', () => {
    const { create, join, told, refusal, state } = roomsWorld();
    create(1, '10.0.0.1', 2);
    join(2);
    expect(told('c2')).toMatchObject([{ type: 'entered', room: { participantLimit: 2 } }]);
    join(3);
    expect(told('c3')).toMatchObject([{ error: { code: 'CALL_FULL', details: { limit: 2 } } }]);
    expect(JSON.stringify(told('c3'))).toContain('its host set it for 2 people');
    create(4, '10.0.0.1', 6);
    expect(told('c4')).toMatchObject([{ type: 'entered', room: { participantLimit: 6 } }]);
    create(5, '10.0.0.2', 7);
    expect(told('c5')).toMatchObject([{ error: { code: 'INVALID_INPUT', retryable: false, details: { limit: 6 } } }]);
    expect(JSON.stringify(told('c5'))).toContain('sends its picture to each of the others');
    expect([refusal('c5'), state().rooms.size]).toEqual(['INVALID_INPUT', 2]);
  });

  test('a place in its grace counts as taken', () => {
    const { create, join, run, told } = roomsWorld({ ...ROOM_LIMITS, participantsPerRoom: 2 });
    create();
    join(2);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 0 });
    join(3);
    expect(refusalIn(told('c3'))).toBe('CALL_FULL');
  });

  test('a server takes as many rooms as its limit, and one address as many as its own', () => {
    const { create, told } = roomsWorld();
    create(1, '10.0.0.1');
    create(2, '10.0.0.1');
    create(3, '10.0.0.1');
    expect(refusalIn(told('c3'))).toBe('SIGNALING_REFUSED');
    create(4, '10.0.0.2');
    expect(told('c4')[0]?.type).toBe('entered');
    create(5, '10.0.0.3');
    expect(refusalIn(told('c5'))).toBe('SIGNALING_REFUSED');
  });

  test('a connection holds one place only', () => {
    const { create, join, told, run } = roomsWorld();
    create();
    join(2);
    join(5, { connectionId: 'c2', consented: true });
    expect(refusalIn(told('c2'))).toBe('ALREADY_IN_CALL');
    run({ ...createInput(6), connectionId: 'c2' });
    expect(refusalIn(told('c2'))).toBe('ALREADY_IN_CALL');
  });

  test('a call that this server never had is not found, one that ended is said to be over, with its reason', () => {
    const { create, join, run, told } = roomsWorld();
    join(2);
    expect(refusalIn(told('c2'))).toBe('CALL_NOT_FOUND');
    create();
    run({ kind: 'end', connectionId: 'c1', requestId: 3 });
    join(2);
    expect(told('c2')).toMatchObject([{ error: { code: 'CALL_ENDED', details: { reason: 'endedByHost' } } }]);
  });

  test('only the last ended calls are remembered', () => {
    const { create, join, run, told, state } = roomsWorld();
    for (const n of [1, 2, 3]) {
      create(n);
      run({ kind: 'end', connectionId: `c${n}`, requestId: 3 });
    }
    expect(state().ended.size).toBe(2);
    join(9, { room: 1 });
    expect(refusalIn(told('c9'))).toBe('CALL_NOT_FOUND');
    join(9, { room: 2 });
    expect(refusalIn(told('c9'))).toBe('CALL_ENDED');
  });

  test('an invite holder can look at the call without entering it', () => {
    const { create, inspect, run, told, state } = roomsWorld();
    create();
    run({ kind: 'recording', connectionId: 'c1', recording: RECORDING });
    inspect('x');
    expect(told('x')).toEqual([
      {
        type: 'inspected',
        requestId: 4,
        preview: {
          id: callId(1),
          title: 'Standup',
          hostName: 'Ada',
          participantCount: 1,
          full: false,
          recording: RECORDING,
        },
        joinToken: 'the-join-token-made-for-this',
      },
    ]);
    expect(seatOf(state(), 'x')).toBeNull();
    inspect('x', { room: 8 });
    expect(refusalIn(told('x'))).toBe('CALL_NOT_FOUND');
  });

  test('a preview says that the call is full', () => {
    const { create, join, inspect, told } = roomsWorld({ ...ROOM_LIMITS, participantsPerRoom: 2 });
    create();
    join(2);
    inspect('x');
    expect(told('x')).toMatchObject([{ preview: { full: true, participantCount: 2 } }]);
  });
});

describe('the notice of a recording', () => {
  test('the host tells everybody else, and whoever joins later finds it in the room', () => {
    const { create, join, run, told } = roomsWorld();
    create();
    join(2);
    run({ kind: 'recording', connectionId: 'c1', recording: RECORDING });
    expect(told('c2')).toEqual([{ type: 'recording', from: idsOf(1).participantId, recording: RECORDING }]);
    expect(told('c1')).toEqual([]);
    join(3, { consented: true });
    expect(told('c3')).toMatchObject([{ type: 'entered', room: { recording: RECORDING } }]);
  });

  test('nobody gets into a recorded call without having consented, and nobody inside notices the attempt', () => {
    const { create, join, run, told, room } = roomsWorld();
    create();
    run({ kind: 'recording', connectionId: 'c1', recording: RECORDING });
    const effects = join(2);
    expect(refusalIn(told('c2'))).toBe('CONFLICT');
    expect(effects).toHaveLength(1);
    expect(room()?.seats).toHaveLength(1);
    run({ kind: 'recording', connectionId: 'c1', recording: null });
    join(2);
    expect(told('c2')[0]?.type).toBe('entered');
  });

  test('a participant cannot set or clear it', () => {
    const { create, join, run, told, room } = roomsWorld();
    create();
    join(2);
    run({ kind: 'recording', connectionId: 'c1', recording: RECORDING });
    for (const recording of [null, RECORDING]) {
      const effects = run({ kind: 'recording', connectionId: 'c2', recording });
      expect(effects).toHaveLength(1);
      expect(told('c2')).toMatchObject([{ type: 'refused', requestId: null, error: { code: 'NOT_HOST' } }]);
    }
    expect(room()?.recording).toEqual(RECORDING);
  });
});

describe('rights', () => {
  test('a participant cannot end the call, and nobody else hears of the attempt', () => {
    const { create, join, run, told, room } = roomsWorld();
    create();
    join(2);
    const effects = run({ kind: 'end', connectionId: 'c2', requestId: 8 });
    expect(effects).toHaveLength(1);
    expect(told('c2')).toMatchObject([{ type: 'refused', requestId: 8, error: { code: 'NOT_HOST' } }]);
    expect(room()?.seats).toHaveLength(2);
  });

  test.each<RoomsInput>([
    { kind: 'end', connectionId: 'x', requestId: 1 },
    { kind: 'recording', connectionId: 'x', recording: null },
    { kind: 'media', connectionId: 'x', microphoneOn: true, cameraOn: true },
    { kind: 'leave', connectionId: 'x' },
  ])('a connection that entered no call is refused $kind', (input) => {
    const { create, run, told, state } = roomsWorld();
    create();
    const before = state();
    run(input);
    expect(refusalIn(told('x'))).toBe('NOT_IN_CALL');
    expect(state()).toBe(before);
  });

  test('the host of one call has no say in another', () => {
    const { create, run, state } = roomsWorld();
    create(1);
    create(2);
    run({ kind: 'end', connectionId: 'c2', requestId: 1 });
    expect([...state().rooms.keys()]).toEqual([callId(1)]);
  });
});

describe('media', () => {
  test('a change is told to the others once', () => {
    const { create, join, run, told } = roomsWorld();
    create();
    join(2);
    run({ kind: 'media', connectionId: 'c2', microphoneOn: false, cameraOn: true });
    expect(told('c1')).toMatchObject([
      { type: 'participantChanged', participant: { id: idsOf(2).participantId, microphoneOn: false, cameraOn: true } },
    ]);
    expect(told('c2')).toEqual([]);
    expect(run({ kind: 'media', connectionId: 'c2', microphoneOn: false, cameraOn: true })).toEqual([]);
  });
});

describe('leaving and ending', () => {
  test('a participant who leaves is gone for all, and their peer socket goes too', () => {
    const { create, join, run, told, state } = roomsWorld();
    create();
    join(2);
    const effects = run({ kind: 'leave', connectionId: 'c2' });
    expect(told('c1')).toEqual([{ type: 'participantLeft', participantId: idsOf(2).participantId }]);
    expect(effects).toContainEqual({ kind: 'dropPeer', peerId: idsOf(2).peerId, code: CLOSE_CODES.callEnded });
    expect(effects).toContainEqual({ kind: 'close', connectionId: 'c2', code: 1000, why: 'left' });
    expect(seatOfPeer(state(), idsOf(2).peerId)).toBeNull();
    expect(seatOf(state(), 'c2')).toBeNull();
  });

  test('the host ends the call for all: the host gets an answer, the others the end, and nothing is left', () => {
    const { create, join, run, told, state } = roomsWorld();
    create();
    join(2);
    const effects = run({ kind: 'end', connectionId: 'c1', requestId: 7 });
    expect(told('c1')).toEqual([{ type: 'done', requestId: 7 }]);
    expect(told('c2')).toEqual([{ type: 'ended', from: idsOf(1).participantId, to: null, reason: 'endedByHost' }]);
    expect(effects).toContainEqual({
      kind: 'close',
      connectionId: 'c2',
      code: CLOSE_CODES.callEnded,
      why: 'endedByHost',
    });
    expect(state().rooms.size + state().seatOfConnection.size + state().seatOfPeer.size).toBe(0);
  });

  test('a host who leaves ends the call for all', () => {
    const { create, join, run, told, state } = roomsWorld();
    create();
    join(2);
    run({ kind: 'leave', connectionId: 'c1' });
    expect(told('c2')).toEqual([{ type: 'ended', from: idsOf(1).participantId, to: null, reason: 'endedByHost' }]);
    expect(state().rooms.size).toBe(0);
  });

  test('a server that goes tells every call', () => {
    const { create, join, run, told, state } = roomsWorld();
    create(1);
    create(2);
    join(3);
    run({ kind: 'shutDown' });
    for (const connectionId of ['c1', 'c2', 'c3']) {
      expect(told(connectionId)).toEqual([{ type: 'ended', from: null, to: null, reason: 'serverGone' }]);
    }
    expect(state().rooms.size).toBe(0);
  });
});
