import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RoomEvent } from '../../contract/signaling.ts';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import { createPermitSigner } from '../../signaling/tokens.ts';
import { callIdSchema, identitySchema } from '../../contract/ids.ts';
import {
  createFrame,
  inspectFrame,
  joinBy,
  joinFrame,
  joinTokenFor,
  ofType,
  peerFrame,
  recordingFrame,
} from '../support/room-sockets.ts';
import type { RawSocket } from '../support/room-sockets.ts';
import {
  guestAt as guest,
  hostAt as host,
  openDoor as open,
  openPeer,
  peerPath,
  placeOf,
  resumeFrame,
  settled,
  startServer as start,
} from '../support/signaling-rig.ts';

const TEN_MINUTES_MS = 10 * 60 * 1000;

/** What a socket is told when it sends a frame: the code of the refusal, or the type of the answer. */
async function answerTo(room: RawSocket, frame: object): Promise<string> {
  room.send(frame);
  const answer = await room.next((event): RoomEvent | null => ofType('refused')(event) ?? ofType('entered')(event));
  return answer.type === 'refused' ? answer.error.code : answer.type;
}

describe('a join token', () => {
  test('lets one identity into one call, as a participant', async () => {
    const server = await start();
    const ada = await host(server);
    const room = await open(server);
    const token = await joinTokenFor(room, placeOf(ada.entered));
    room.send({ ...joinFrame(token), role: 'host' });
    const { room: state, selfId } = await room.next(ofType('entered'));
    expect(state.participants.find(({ id }) => id === selfId)?.role).toBe('participant');
    expect(state.hostId).toBe(ada.entered.selfId);
  });

  test('is refused in another room, from another identity, and when another server signed it', async () => {
    const server = await start();
    const [ada, eve] = [await host(server), await host(server)];
    const room = await open(server);
    const token = await joinTokenFor(room, placeOf(ada.entered));
    expect(await answerTo(room, joinFrame({ ...token, callId: eve.entered.room.callId }))).toBe('INVITE_INVALID');
    expect(await answerTo(room, joinFrame({ ...token, identity: randomUUID() }))).toBe('INVITE_INVALID');
    const scope = {
      callId: callIdSchema.parse(token.callId),
      identity: identitySchema.parse(token.identity),
      role: 'participant',
      inviteId: token.joinToken.split('.')[1] ?? '',
    } as const;
    const foreign = createPermitSigner().signJoin(scope, Date.now() + 1000);
    expect(await answerTo(room, joinFrame({ ...token, joinToken: foreign }))).toBe('INVITE_INVALID');
    expect(await answerTo(room, joinFrame({ ...token, joinToken: ada.entered.invite }))).toBe('INVITE_INVALID');
    expect(await answerTo(room, joinFrame(token))).toBe('entered');
    await settled(eve.room);
    expect(eve.room.frames).toEqual([]);
  });

  test('holds for ten minutes to the millisecond, the invite it comes from for longer', async () => {
    const clock = { wallMs: Date.now() };
    const server = await start({ wallNowMs: () => clock.wallMs });
    const ada = await host(server);
    const [bob, cleo] = [await open(server), await open(server)];
    const tokens = [await joinTokenFor(bob, placeOf(ada.entered)), await joinTokenFor(cleo, placeOf(ada.entered))];
    clock.wallMs += TEN_MINUTES_MS - 1;
    expect(await answerTo(bob, joinFrame(tokens[0] ?? raise()))).toBe('entered');
    clock.wallMs += 1;
    expect(await answerTo(cleo, joinFrame(tokens[1] ?? raise()))).toBe('INVITE_EXPIRED');
    await joinBy(cleo, placeOf(ada.entered), 'Cleo');
  });

  test('can be used again when the answer was lost: the person is there once, and the call has room for them', async () => {
    const server = await start();
    const room = await open(server);
    room.send({ ...createFrame(), participantLimit: 2 });
    const entered = await room.next(ofType('entered'));
    const first = await open(server);
    const token = await joinTokenFor(first, placeOf(entered));
    first.send(joinFrame(token));
    const lost = await first.next(ofType('entered'));
    first.socket.terminate();
    const again = await open(server);
    expect(await answerTo(again, joinFrame(token))).toBe('entered');
    expect((await room.next(ofType('participantJoined'))).participant.id).toBe(lost.selfId);
    expect((await room.next(ofType('participantLeft'))).participantId).toBe(lost.selfId);
    const { participant } = await room.next(ofType('participantJoined'));
    expect([participant.name, participant.present]).toEqual(['Bob', true]);
  });

  test('used on two connections at once, it holds one place: the first is closed as replaced, its peer too', async () => {
    const server = await start();
    const ada = await host(server);
    const identity = randomUUID();
    const first = await guest(server, ada.entered, {}, identity);
    const peer = await openPeer(server, first.entered);
    const second = await guest(server, ada.entered, {}, identity);
    expect(await first.room.closed).toBe(CLOSE_CODES.replaced);
    expect(await peer.closed).toBe(CLOSE_CODES.replaced);
    expect(second.entered.room.participants).toHaveLength(2);
    const late = await open(server, peerPath(first.entered));
    await late.next(peerFrame('ERROR'));
    expect(await late.closed).toBe(CLOSE_CODES.badToken);
    await openPeer(server, second.entered);
  });

  test('does not get anybody past the notice of a recording', async () => {
    const server = await start();
    const ada = await host(server);
    const room = await open(server);
    const token = await joinTokenFor(room, placeOf(ada.entered));
    ada.room.send(recordingFrame('Ada'));
    await settled(ada.room);
    expect(await answerTo(room, joinFrame(token))).toBe('CONFLICT');
    expect(await answerTo(room, joinFrame(token, 'Bob', true))).toBe('entered');
  });

  test('an app that still joins by the invite is told that it is too old', async () => {
    const server = await start();
    const ada = await host(server);
    const room = await open(server);
    const old = {
      type: 'join',
      requestId: 2,
      protocol: 1,
      name: 'Bob',
      consented: true,
      ...placeOf(ada.entered),
      microphoneOn: true,
      cameraOn: true,
    };
    room.send(old);
    const { requestId, error } = await room.next(ofType('refused'));
    expect([requestId, error.code, error.retryable]).toEqual([2, 'SIGNALING_REFUSED', false]);
    expect(error.message).toMatch(/version 2.*version 1\. Update/);
  });
});

describe('wrong tokens', () => {
  const junk = (callId: string, requestId = 2): object =>
    inspectFrame({ callId, invite: 'x'.repeat(60), identity: randomUUID() }, requestId);
  const elsewhere = { localAddress: '127.0.0.3' };

  test('twenty of one address are answered as what they are, the next one with RATE_LIMITED and goodbye', async () => {
    const server = await start({ limits: { roomFrameBurst: 1000 } });
    const ada = await host(server);
    const guesser = await open(server, '/rooms', elsewhere);
    const codes: string[] = [];
    for (let n = 0; n < 20; n += 1) codes.push(await answerTo(guesser, junk(ada.entered.room.callId)));
    expect(new Set(codes)).toEqual(new Set(['INVITE_INVALID']));
    guesser.send(junk(ada.entered.room.callId));
    expect((await guesser.next(ofType('refused'))).error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(await guesser.closed).toBe(CLOSE_CODES.tooFast);
  });

  test('a new connection of the same address has no new budget; another address has its own', async () => {
    const server = await start({ limits: { failedEntriesPerMinute: 1 } });
    const ada = await host(server);
    const { callId } = ada.entered.room;
    const first = await open(server, '/rooms', elsewhere);
    expect(await answerTo(first, junk(callId))).toBe('INVITE_INVALID');
    const second = await open(server, '/rooms', elsewhere);
    expect(await answerTo(second, junk(callId))).toBe('RATE_LIMITED');
    expect(await second.closed).toBe(CLOSE_CODES.tooFast);
    const other = await open(server, '/rooms', { localAddress: '127.0.0.4' });
    expect(await answerTo(other, junk(callId))).toBe('INVITE_INVALID');
  });

  test('who brings a right one from the same address gets in, and stays in', async () => {
    const server = await start({ limits: { failedEntriesPerMinute: 1 } });
    const ada = await host(server);
    const bob = await guest(server, ada.entered, elsewhere);
    for (let n = 0; n < 5; n += 1) {
      await answerTo(await open(server, '/rooms', elsewhere), junk(ada.entered.room.callId));
    }
    const cleo = await guest(server, ada.entered, elsewhere);
    expect(cleo.entered.room.participants).toHaveLength(3);
    bob.room.send({ type: 'media', microphoneOn: false, cameraOn: false });
    await cleo.room.next(ofType('participantChanged'));
    bob.room.socket.terminate();
    const back = await open(server, '/rooms', elsewhere);
    const place = {
      callId: ada.entered.room.callId,
      participantId: bob.entered.selfId,
      secret: bob.entered.secret,
    };
    expect(await answerTo(back, resumeFrame(5, place))).toBe('entered');
  });

  test('join tokens, secrets of places, unknown calls and peer tokens are counted together', async () => {
    const server = await start({ limits: { failedEntriesPerMinute: 5 } });
    const ada = await host(server);
    const { callId } = ada.entered.room;
    const guesser = await open(server, '/rooms', elsewhere);
    const wrongJoin = joinFrame({ callId, identity: randomUUID(), joinToken: 'x' });
    expect(await answerTo(guesser, junk(callId))).toBe('INVITE_INVALID');
    expect(await answerTo(guesser, wrongJoin)).toBe('INVITE_INVALID');
    const taken = { callId, participantId: ada.entered.selfId };
    expect(await answerTo(guesser, resumeFrame(3, taken))).toBe('NOT_IN_CALL');
    expect(await answerTo(guesser, resumeFrame(4))).toBe('CALL_NOT_FOUND');
    const wrongPeer = { peerId: ada.entered.peerId, peerToken: 'y'.repeat(32) };
    const fifth = await open(server, peerPath(wrongPeer), elsewhere);
    expect(await fifth.closed).toBe(CLOSE_CODES.badToken);
    const sixth = await open(server, peerPath(wrongPeer), elsewhere);
    await sixth.next(peerFrame('ERROR'));
    expect(await sixth.closed).toBe(CLOSE_CODES.tooFast);
    expect(await answerTo(guesser, resumeFrame(5))).toBe('RATE_LIMITED');
    expect(await guesser.closed).toBe(CLOSE_CODES.tooFast);
  });

  test('what was right once is no guess: an old invite, a call that is over', async () => {
    const clock = { wallMs: Date.now() };
    const server = await start({ wallNowMs: () => clock.wallMs, limits: { failedEntriesPerMinute: 1 } });
    const [ada, eve] = [await host(server), await host(server)];
    const late = await open(server, '/rooms', elsewhere);
    eve.room.send({ type: 'end', requestId: 9 });
    await eve.room.next(ofType('done'));
    const over = { callId: eve.entered.room.callId, participantId: eve.entered.selfId, secret: eve.entered.secret };
    for (let n = 0; n < 3; n += 1) {
      expect(await answerTo(late, inspectFrame({ ...placeOf(eve.entered), identity: randomUUID() }))).toBe(
        'CALL_ENDED',
      );
      expect(await answerTo(late, resumeFrame(5, over))).toBe('CALL_ENDED');
    }
    clock.wallMs += 24 * 60 * 60 * 1000;
    for (let n = 0; n < 3; n += 1) {
      expect(await answerTo(late, inspectFrame({ ...placeOf(ada.entered), identity: randomUUID() }))).toBe(
        'INVITE_EXPIRED',
      );
    }
    expect(await answerTo(late, junk(ada.entered.room.callId))).toBe('INVITE_INVALID');
  });
});

function raise(): never {
  throw new Error('there is no such token');
}
