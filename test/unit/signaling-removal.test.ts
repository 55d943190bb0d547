import { describe, expect, test } from 'vitest';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import { banOfPeer, seatOfPeer } from '../../signaling/room-state.ts';
import { identityOf, idsOf, inviteOf, RECORDING, ROOM_LIMITS, roomsWorld } from '../support/rooms-world.ts';

const host = idsOf(1).participantId;

describe('removing somebody', () => {
  test('the removed one hears it from the host by name, then both their sockets go with a code of their own', () => {
    const { create, join, remove, told, state } = roomsWorld();
    create();
    join(2);
    const effects = remove(2);
    expect(told('c2')).toEqual([{ type: 'ended', from: host, to: idsOf(2).participantId, reason: 'removed' }]);
    expect(effects).toContainEqual({
      kind: 'close',
      connectionId: 'c2',
      code: CLOSE_CODES.removed,
      why: 'removed by the host',
    });
    expect(effects).toContainEqual({ kind: 'dropPeer', peerId: idsOf(2).peerId, code: CLOSE_CODES.removed });
    expect(seatOfPeer(state(), idsOf(2).peerId)).toBeNull();
  });

  test('everybody who stays hears who left and the new invite; the host hears all that before it is done', () => {
    const { create, join, remove, told, room } = roomsWorld();
    create();
    join(2);
    join(3);
    remove(2);
    const news = [
      { type: 'participantLeft', participantId: idsOf(2).participantId },
      { type: 'inviteChanged', from: host, invite: inviteOf(2).token },
    ];
    expect(told('c3')).toEqual(news);
    expect(told('c1')).toEqual([...news, { type: 'done', requestId: 8 }]);
    expect(room()?.invite).toEqual(inviteOf(2));
  });

  test('somebody whose connection is broken is removed all the same', () => {
    const { create, join, run, remove, told, resume, refusal, room } = roomsWorld();
    create();
    join(2);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 0 });
    remove(2);
    expect(told('c1').at(-1)).toEqual({ type: 'done', requestId: 8 });
    expect(room()?.seats).toHaveLength(1);
    resume(2, 'c2-again');
    expect(refusal('c2-again')).toBe('REMOVED_FROM_CALL');
  });

  test('a guest may not, of nobody, themselves included, and nobody else hears of the attempt', () => {
    const { create, join, remove, refusal, room } = roomsWorld();
    create();
    join(2);
    join(3);
    for (const n of [1, 2, 3, 9]) {
      expect(remove(n, 'c2')).toHaveLength(1);
      expect(refusal('c2')).toBe('NOT_HOST');
    }
    expect(remove(3, 'stranger')).toHaveLength(1);
    expect(refusal('stranger')).toBe('NOT_IN_CALL');
    expect(room()?.seats).toHaveLength(3);
    expect(room()?.invite).toEqual(inviteOf(1));
  });

  test('the host cannot remove themselves, nor somebody who is not there or in another call', () => {
    const { create, join, remove, refusal, room } = roomsWorld();
    create(1);
    create(4);
    join(5, { room: 4 });
    for (const n of [1, 5, 9]) {
      remove(n);
      expect(refusal('c1')).toBe('NOT_FOUND');
    }
    expect(room()?.invite).toEqual(inviteOf(1));
  });
});

describe('a removed identity', () => {
  test('stays out, whatever it comes back with: old invite, new invite, its secret', () => {
    const { create, join, remove, inspect, resume, told, refusal, room } = roomsWorld();
    create();
    join(2);
    remove(2);
    for (const invite of [1, 2]) {
      inspect('back', { identity: identityOf(2), invite });
      expect(told('back')).toMatchObject([{ error: { code: 'REMOVED_FROM_CALL', retryable: false } }]);
      join(7, { connectionId: 'back', identity: identityOf(2), invite, consented: true });
      expect(refusal('back')).toBe('REMOVED_FROM_CALL');
    }
    resume(2, 'back');
    expect(refusal('back')).toBe('REMOVED_FROM_CALL');
    expect(room()?.seats).toHaveLength(1);
  });

  test('is told so only with its own secret: a guess hears what every guess hears', () => {
    const { create, join, remove, resume, refusal } = roomsWorld();
    create();
    join(2);
    remove(2);
    const effects = resume(2, 'thief', 'x'.repeat(32));
    expect(refusal('thief')).toBe('NOT_IN_CALL');
    expect(effects).toMatchObject([{ kind: 'refuseGuess' }]);
  });

  test('is welcome in another call, and in the next one of the same host', () => {
    const { create, join, run, remove, told } = roomsWorld();
    create(1);
    create(4);
    join(2);
    remove(2);
    join(7, { room: 4, identity: identityOf(2) });
    expect(told('c7')[0]?.type).toBe('entered');
    run({ kind: 'end', connectionId: 'c1', requestId: 1 });
    create(3, '10.0.0.2');
    join(8, { room: 3, identity: identityOf(2) });
    expect(told('c8')[0]?.type).toBe('entered');
  });

  test('its peer token is remembered as that of a removed one, as long as the call lasts', () => {
    const { create, join, run, remove, state } = roomsWorld();
    create();
    join(2);
    expect(banOfPeer(state(), idsOf(2).peerId)).toBeNull();
    remove(2);
    expect(banOfPeer(state(), idsOf(2).peerId)?.peerToken).toBe(idsOf(2).peerToken);
    run({ kind: 'end', connectionId: 'c1', requestId: 1 });
    expect(banOfPeer(state(), idsOf(2).peerId)).toBeNull();
  });
});

describe('after a removal', () => {
  test('invites and join tokens given out before are void for everybody, the new invite lets in', () => {
    const { create, join, remove, inspect, told, refusal } = roomsWorld();
    create();
    join(2);
    remove(2);
    join(3, { invite: 1 });
    expect(told('c3')).toMatchObject([{ error: { code: 'INVITE_INVALID', retryable: false } }]);
    expect(JSON.stringify(told('c3'))).toContain('replaced');
    inspect('x', { invite: 1 });
    expect(refusal('x')).toBe('INVITE_INVALID');
    join(3, { invite: 2 });
    expect(told('c3')).toMatchObject([{ type: 'entered', invite: inviteOf(2).token }]);
  });

  test('an old link is no guess: whoever has one counts as nobody who tries tokens', () => {
    const { create, join, remove } = roomsWorld();
    create();
    join(2);
    remove(2);
    expect(join(3, { invite: 1 }).map(({ kind }) => kind)).toEqual(['send']);
  });

  test('who was in the call stays in it, also over a broken connection, and finds the new invite', () => {
    const { create, join, run, remove, resume, told, room } = roomsWorld();
    create();
    join(2);
    join(3);
    run({ kind: 'broken', connectionId: 'c3', nowMs: 0 });
    remove(2);
    resume(3, 'c3-again');
    expect(told('c3-again')).toMatchObject([
      { type: 'entered', selfId: idsOf(3).participantId, invite: inviteOf(2).token },
    ]);
    expect(room()?.seats).toHaveLength(2);
  });

  test('each removal renews the invite again', () => {
    const { create, join, remove, refusal, room } = roomsWorld();
    create();
    join(2);
    join(3);
    remove(2);
    remove(3);
    expect(room()?.invite).toEqual(inviteOf(3));
    join(4, { invite: 2 });
    expect(refusal('c4')).toBe('INVITE_INVALID');
  });

  test('a call remembers as many removed people as its limit; the one forgotten needs an invite that is good', () => {
    const { create, join, remove, refusal, room } = roomsWorld();
    create();
    for (let n = 2; n <= ROOM_LIMITS.bansPerRoom + 1; n += 1) {
      join(n, { invite: n - 1 });
      remove(n);
    }
    expect(room()?.bans).toHaveLength(ROOM_LIMITS.bansPerRoom);
    const last = ROOM_LIMITS.bansPerRoom + 1;
    join(20, { identity: identityOf(2), invite: last });
    expect(refusal('c20')).toBe('REMOVED_FROM_CALL');
    join(last + 1, { invite: last });
    remove(last + 1);
    expect(room()?.bans).toHaveLength(ROOM_LIMITS.bansPerRoom);
    join(20, { identity: identityOf(2), invite: 1 });
    expect(refusal('c20')).toBe('INVITE_INVALID');
    join(20, { identity: identityOf(3), invite: last + 1 });
    expect(refusal('c20')).toBe('REMOVED_FROM_CALL');
  });
});

describe('one identity, one place', () => {
  test('who joins again gets a new place; the old one is gone for all, and its sockets are closed', () => {
    const { create, join, told, room, state } = roomsWorld();
    create();
    join(2);
    const effects = join(7, { identity: identityOf(2) });
    expect(told('c7')).toMatchObject([{ type: 'entered', selfId: idsOf(7).participantId }]);
    expect(told('c1')).toMatchObject([
      { type: 'participantLeft', participantId: idsOf(2).participantId },
      { type: 'participantJoined', participant: { id: idsOf(7).participantId, order: 2 } },
    ]);
    expect(effects).toContainEqual({
      kind: 'close',
      connectionId: 'c2',
      code: CLOSE_CODES.replaced,
      why: 'joined again',
    });
    expect(effects).toContainEqual({ kind: 'dropPeer', peerId: idsOf(2).peerId, code: CLOSE_CODES.replaced });
    expect(room()?.seats.map(({ participant }) => participant.id)).toEqual([host, idsOf(7).participantId]);
    expect(seatOfPeer(state(), idsOf(2).peerId)).toBeNull();
  });

  test('a place whose answer was lost on its way does not make the call full for the same person', () => {
    const { create, join, run, told, refusal, room } = roomsWorld();
    create(1, '10.0.0.1', 2);
    join(2);
    run({ kind: 'broken', connectionId: 'c2', nowMs: 0 });
    join(7, { identity: identityOf(2) });
    expect(told('c7')[0]?.type).toBe('entered');
    join(8);
    expect(refusal('c8')).toBe('CALL_FULL');
    expect(room()?.seats).toHaveLength(2);
  });

  test('a refused attempt to join again costs nobody their place', () => {
    const { create, join, run, refusal, room } = roomsWorld();
    create();
    join(2);
    run({ kind: 'recording', connectionId: 'c1', recording: RECORDING });
    join(7, { identity: identityOf(2), consented: false });
    expect(refusal('c7')).toBe('CONFLICT');
    expect(room()?.seats[1]?.connectionId).toBe('c2');
  });

  test('the same identity in two calls has a place in each', () => {
    const { create, join, state } = roomsWorld();
    create(1);
    create(4);
    join(2);
    join(7, { room: 4, identity: identityOf(2) });
    expect([...state().rooms.values()].map(({ seats }) => seats.length)).toEqual([2, 2]);
  });
});
