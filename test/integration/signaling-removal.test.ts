import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import type { SignalingConfig } from '../../signaling/server.ts';
import { inspectFrame, joinBy, joinFrame, joinTokenFor, ofType, peerFrame } from '../support/room-sockets.ts';
import type { RawSocket } from '../support/room-sockets.ts';
import {
  guestAt as guest,
  hostAt as host,
  offer,
  openDoor as open,
  openPeer,
  peerPath,
  placeOf,
  resumeFrame,
  settled,
  startServer as start,
  type Person,
} from '../support/signaling-rig.ts';

async function remove(by: Person, who: Person): Promise<void> {
  by.room.send({ type: 'remove', requestId: 50, participantId: who.entered.selfId });
  await by.room.next(ofType('done'));
}

async function refusalOf(room: RawSocket, frame: object) {
  room.send(frame);
  const { error } = await room.next(ofType('refused'));
  return [error.code, error.retryable];
}

/** Ada hosts; Bob (as the identity) and Cleo are her guests. */
async function threePeople(config: Partial<SignalingConfig> = {}) {
  const server = await start(config);
  const identity = randomUUID();
  const ada = await host(server);
  const bob = await guest(server, ada.entered, {}, identity);
  const cleo = await guest(server, ada.entered);
  return { server, identity, ada, bob, cleo };
}

describe('the host removes a guest', () => {
  test('whose two sockets are closed with their own code; the others are told, and get the new invite', async () => {
    const { server, ada, bob, cleo } = await threePeople();
    const peer = await openPeer(server, bob.entered);
    await remove(ada, bob);
    expect(await bob.room.next(ofType('ended'))).toEqual({
      type: 'ended',
      from: ada.entered.selfId,
      to: bob.entered.selfId,
      reason: 'removed',
    });
    expect(await bob.room.closed).toBe(CLOSE_CODES.removed);
    expect(await peer.closed).toBe(CLOSE_CODES.removed);
    expect((await cleo.room.next(ofType('participantLeft'))).participantId).toBe(bob.entered.selfId);
    const renewed = await cleo.room.next(ofType('inviteChanged'));
    expect(renewed.from).toBe(ada.entered.selfId);
    expect(renewed.invite).not.toBe(ada.entered.invite);
    expect((await ada.room.next(ofType('inviteChanged'))).invite).toBe(renewed.invite);
  });

  test('who is kept out by every way that led in: invite, new invite, join token, secret, peer token', async () => {
    const { server, identity, ada, bob } = await threePeople();
    const waiting = await open(server);
    const token = await joinTokenFor(waiting, { ...placeOf(ada.entered), identity });
    const peer = await openPeer(server, bob.entered);
    await remove(ada, bob);
    await peer.closed;
    const { invite } = await ada.room.next(ofType('inviteChanged'));
    const { callId } = ada.entered.room;
    const out = ['REMOVED_FROM_CALL', false];
    expect(await refusalOf(waiting, joinFrame(token, 'Not Bob', true))).toEqual(out);
    expect(await refusalOf(waiting, inspectFrame({ ...placeOf(ada.entered), identity }))).toEqual(out);
    expect(await refusalOf(waiting, inspectFrame({ callId, invite, identity }))).toEqual(out);
    const place = { callId, participantId: bob.entered.selfId, secret: bob.entered.secret };
    expect(await refusalOf(waiting, resumeFrame(9, place))).toEqual(out);
    const back = await open(server, peerPath(bob.entered));
    await back.next(peerFrame('ERROR'));
    expect(await back.closed).toBe(CLOSE_CODES.removed);
  });

  test('an identity made up for the occasion needs the new invite: old links and tokens are void for everybody', async () => {
    const { server, ada, bob, cleo } = await threePeople();
    const waiting = await open(server);
    const token = await joinTokenFor(waiting, placeOf(ada.entered));
    await remove(ada, bob);
    const { invite } = await cleo.room.next(ofType('inviteChanged'));
    expect(await refusalOf(waiting, joinFrame(token))).toEqual(['INVITE_INVALID', false]);
    waiting.send(inspectFrame({ ...placeOf(ada.entered), identity: randomUUID() }));
    const { error } = await waiting.next(ofType('refused'));
    expect([error.code, error.message]).toEqual([
      'INVITE_INVALID',
      expect.stringContaining('Ask the host for the new'),
    ]);
    const dora = await joinBy(waiting, { callId: ada.entered.room.callId, invite }, 'Dora');
    expect(dora.room.participants.map(({ name }) => name)).toEqual(['Ada', 'Bob', 'Dora']);
    expect(dora.invite).toBe(invite);
  });

  test('those who stay keep their places: they talk on, and come back by their secrets', async () => {
    const { server, ada, bob, cleo } = await threePeople();
    const [a, c] = [await openPeer(server, ada.entered), await openPeer(server, cleo.entered)];
    await remove(ada, bob);
    c.send(offer(ada.entered.peerId, 'still here'));
    await a.next(peerFrame('OFFER'));
    cleo.room.socket.terminate();
    const back = await open(server);
    const place = { callId: ada.entered.room.callId, participantId: cleo.entered.selfId, secret: cleo.entered.secret };
    back.send(resumeFrame(9, place));
    const again = await back.next(ofType('entered'));
    expect(again.selfId).toBe(cleo.entered.selfId);
    expect(again.invite).toBe((await ada.room.next(ofType('inviteChanged'))).invite);
    expect(again.room.participants).toHaveLength(2);
  });

  test('who cannot reach the others any more: frames to them are dropped with the socket', async () => {
    const { server, ada, bob } = await threePeople();
    const [a, b] = [await openPeer(server, ada.entered), await openPeer(server, bob.entered)];
    await remove(ada, bob);
    await b.closed;
    a.send(offer(bob.entered.peerId, 'nobody'));
    a.send(offer(ada.entered.peerId, 'settled'));
    expect(JSON.stringify(await a.next(peerFrame('OFFER')))).toContain('settled');
    expect(a.frames).toEqual([]);
  });
});

describe('host frames of a guest', () => {
  test('are refused, whatever they claim, and reach nobody', async () => {
    const { ada, bob, cleo } = await threePeople();
    await ada.room.next(ofType('participantJoined'));
    await ada.room.next(ofType('participantJoined'));
    await bob.room.next(ofType('participantJoined'));
    const forged = { from: ada.entered.selfId, role: 'host', connectionId: 'x' };
    const frames = [
      { type: 'recording', recording: null, ...forged },
      { type: 'end', requestId: 1, ...forged },
      { type: 'remove', requestId: 2, participantId: cleo.entered.selfId, ...forged },
      { type: 'remove', requestId: 3, participantId: ada.entered.selfId, ...forged },
      { type: 'remove', requestId: 4, participantId: bob.entered.selfId, ...forged },
    ];
    for (const frame of frames) expect(await refusalOf(bob.room, frame)).toEqual(['NOT_HOST', false]);
    await settled(ada.room);
    await settled(cleo.room);
    expect([ada.room.frames, cleo.room.frames, bob.room.frames]).toEqual([[], [], []]);
  });

  test('frames that only the server says are no frames of a guest', async () => {
    const { ada, bob, cleo } = await threePeople();
    await ada.room.next(ofType('participantJoined'));
    await ada.room.next(ofType('participantJoined'));
    const { entered } = ada;
    const frames = [
      { type: 'ended', from: entered.selfId, to: cleo.entered.selfId, reason: 'removed' },
      { type: 'inviteChanged', from: entered.selfId, invite: 'x'.repeat(40) },
      { type: 'participantLeft', participantId: entered.selfId },
    ];
    for (const frame of frames) expect(await refusalOf(bob.room, frame)).toEqual(['INVALID_INPUT', false]);
    await settled(cleo.room);
    await settled(ada.room);
    expect([ada.room.frames, cleo.room.frames]).toEqual([[], []]);
  });

  test('a host of another call has no say either, and cannot be removed by themselves', async () => {
    const { server, ada, bob, cleo } = await threePeople();
    const eve = await host(server);
    const of = (person: Person, requestId: number) => ({
      type: 'remove',
      requestId,
      participantId: person.entered.selfId,
    });
    expect(await refusalOf(eve.room, of(bob, 1))).toEqual(['NOT_FOUND', false]);
    expect(await refusalOf(ada.room, of(ada, 2))).toEqual(['NOT_FOUND', false]);
    expect(await refusalOf(ada.room, { ...of(ada, 3), participantId: randomUUID() })).toEqual(['NOT_FOUND', false]);
    await settled(cleo.room);
    expect(cleo.room.frames).toEqual([]);
  });
});

describe('frames of PeerJS between people of one call', () => {
  test('carry the true sender; LEAVE speaks for its sender only, EXPIRE for nobody, data connections reach nobody', async () => {
    const { server, ada, bob, cleo } = await threePeople();
    const [a, b, c] = [
      await openPeer(server, ada.entered),
      await openPeer(server, bob.entered),
      await openPeer(server, cleo.entered),
    ];
    const src = ada.entered.peerId;
    const data = { type: 'data', connectionId: 'dc_1', sdp: { type: 'offer', sdp: 'v=0' }, serialization: 'json' };
    b.send({ type: 'EXPIRE', src, dst: cleo.entered.peerId });
    b.send({ type: 'OFFER', src, dst: cleo.entered.peerId, payload: data });
    b.send({ type: 'LEAVE', src, dst: cleo.entered.peerId });
    expect(await c.next(peerFrame('LEAVE'))).toEqual({
      type: 'LEAVE',
      src: bob.entered.peerId,
      dst: cleo.entered.peerId,
    });
    b.send({ ...offer(cleo.entered.peerId, 'last'), src });
    expect(await c.next(peerFrame('OFFER'))).toMatchObject({ src: bob.entered.peerId });
    expect([a.frames, c.frames]).toEqual([[], []]);
  });
});
