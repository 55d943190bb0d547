import { randomUUID } from 'node:crypto';
import { CLOSE_CODES, ROOM_PROTOCOL, roomEventSchema, type RoomEvent } from '../../contract/signaling.ts';
import { startSignalingServer } from '../../signaling/server.ts';
import {
  inspectFrame,
  joinFrame,
  joinTokenFor,
  ofType,
  peerFrame,
  recordingFrame,
  type RawSocket,
} from '../support/room-sockets.ts';
import { createRoom, enterRoom, isLetIn, offerTo, openPeer, openRooms, type Door, type Seat } from './attack-rooms.ts';
import type { RoleBook } from './role-book.ts';

const JOIN_TOKEN_LIFE_MS = 10 * 60 * 1000;
let lastRequestId = 1_000;

/** Guests, strangers and the removed at the signaling server, by raw sockets. */
export async function attackRoomRoles(book: RoleBook): Promise<void> {
  let passedMs = 0;
  const server = await startSignalingServer({
    host: '127.0.0.1',
    port: 0,
    wallNowMs: () => Date.now() + passedMs,
    // The attacks come from few addresses and must not stop at a count of guesses: each is to be refused for what it is.
    limits: { failedEntriesPerMinute: 10_000, roomFramesPerSecond: 1_000, roomFrameBurst: 1_000 },
  });
  const { port } = server.address;
  // Twenty sockets of one address are all that it may have.
  let sockets = 0;
  const door = (): Door => ({ port, localAddress: `127.0.0.${10 + Math.floor((sockets += 1) / 6)}` });
  try {
    const [a, b] = [await createRoom(door(), 'Ada'), await createRoom(door(), 'Bea')];
    const [ben, cara] = [
      await enterRoom(door(), a, randomUUID(), 'Ben'),
      await enterRoom(door(), a, randomUUID(), 'Cara'),
    ];
    await hostOnly(book, door, a, ben, cara);
    await tokens(book, door, a, b, (ms) => (passedMs += ms));
    await peers(book, door, a, b, ben);
    await removed(book, door, a, ben, cara);
  } finally {
    await server.close();
  }
}

type NewDoor = () => Door;

async function hostOnly(book: RoleBook, door: NewDoor, host: Seat, guest: Seat, other: Seat): Promise<void> {
  const recording = recordingFrame('Ada');
  const stranger = await openRooms(door());
  for (const [who, socket] of [
    ['a guest', guest.room],
    ['a stranger', stranger],
  ] as const) {
    for (const frame of [
      recording,
      { type: 'recording', recording: null },
      { ...recording, from: host.entered.selfId },
      { type: 'end', requestId: (lastRequestId += 1) },
      { type: 'remove', requestId: (lastRequestId += 1), participantId: host.entered.selfId },
      { type: 'remove', requestId: (lastRequestId += 1), participantId: other.entered.selfId },
      { type: 'ended', from: host.entered.selfId, to: null, reason: 'endedByHost' },
      { type: 'participantLeft', participantId: other.entered.selfId },
      { type: 'inviteChanged', from: host.entered.selfId, invite: 'x' },
      {
        type: 'end',
        requestId: (lastRequestId += 1),
        role: 'host',
        from: host.entered.selfId,
        __proto__: { role: 'host' },
      },
    ]) {
      await book.attack(`${who} sends ${frame.type}`, () => isHeard(socket, frame, [host.room, other.room]));
    }
  }
  await book.right('the host says that it records', async () => {
    host.room.send(recording);
    return (await guest.room.next(ofType('recording'))).from === host.entered.selfId;
  });
  host.room.send({ type: 'recording', recording: null });
  await guest.room.next(ofType('recording'));
  await other.room.next(ofType('recording'));
  await other.room.next(ofType('recording'));
  await book.attack('somebody creates a room and calls it by the id of another', async () => {
    const eve = await openRooms(door());
    const { callId } = host.entered.room;
    const entered = await ask(eve, { ...createOver(callId), callId, hostId: host.entered.selfId, role: 'host' });
    return entered?.type === 'entered' && entered.room.callId === callId;
  });
}

const createOver = (title: string): object => ({
  type: 'create',
  requestId: (lastRequestId += 1),
  protocol: ROOM_PROTOCOL,
  name: 'Eve',
  title,
  participantLimit: 6,
  videoCodec: 'h264',
  microphoneOn: true,
  cameraOn: true,
});

/** Whether anybody else heard of a frame but that its sender was refused. */
async function isHeard(socket: RawSocket, frame: object, others: readonly RawSocket[]): Promise<boolean> {
  for (const each of others) each.frames.length = 0;
  socket.frames.length = 0;
  socket.send(frame);
  await barrier(socket);
  for (const each of others) await barrier(each);
  const wasRefused = socket.frames.every((each) => roomEventSchema.parse(each).type === 'refused');
  return !wasRefused || others.some(({ frames }) => frames.length > 0);
}

/** Waits until the server has read all that was sent here, and this socket all that the server said. */
async function barrier(socket: RawSocket): Promise<void> {
  const requestId = (lastRequestId += 1);
  const callId = randomUUID();
  socket.send({
    type: 'resume',
    requestId,
    protocol: ROOM_PROTOCOL,
    callId,
    participantId: randomUUID(),
    secret: 'x'.repeat(32),
  });
  await socket.next((frame) => (Reflect.get(Object(frame) as object, 'requestId') === requestId ? true : null));
}

/** The answer to a frame with a requestId; null when the connection was ended instead. */
async function ask(socket: RawSocket, frame: object): Promise<RoomEvent | null> {
  socket.send(frame);
  const requestId: unknown = Reflect.get(frame, 'requestId');
  const answer = socket.next((each) => {
    const event = roomEventSchema.parse(each);
    return 'requestId' in event && event.requestId === requestId ? event : null;
  });
  answer.catch(() => undefined);
  return Promise.race([answer, socket.closed.then(() => null)]);
}

const gotIn = (answer: RoomEvent | null): boolean => answer?.type === 'entered' || answer?.type === 'inspected';

async function tokens(book: RoleBook, door: NewDoor, a: Seat, b: Seat, pass: (ms: number) => void): Promise<void> {
  const [inA, inB] = [a, b].map(({ entered }) => ({ callId: entered.room.callId, invite: entered.invite }));
  if (inA === undefined || inB === undefined) throw new Error('There are two rooms.');
  const eve = await openRooms(door());
  const identity = randomUUID();
  const token = await joinTokenFor(eve, { ...inA, identity });
  const tryJoin = async (place: { callId: string; joinToken: string; identity: string }): Promise<boolean> =>
    gotIn(await ask(eve, joinFrame(place)));
  await book.attack('an invite of room A for room B', async () =>
    gotIn(await ask(eve, inspectFrame({ ...inB, invite: inA.invite, identity }))),
  );
  await book.attack('a join token of room A in room B', () => tryJoin({ ...token, callId: inB.callId }));
  await book.attack('a join token of another identity', () => tryJoin({ ...token, identity: randomUUID() }));
  await book.attack('an invite as a join token', () => tryJoin({ ...token, joinToken: inA.invite }));
  await book.attack('a join token as an invite', async () =>
    gotIn(await ask(eve, inspectFrame({ ...inA, invite: token.joinToken, identity }))),
  );
  for (const [what, changed] of [
    ['whose life was made longer', token.joinToken.replace(/\.([0-9a-z]+)\./, '.zzzzzzzz.')],
    ['without its seal', token.joinToken.replace(/\.[\w-]+$/, '.')],
    ['with the seal of the invite', token.joinToken.replace(/[\w-]+$/, inA.invite.split('.').at(-1) ?? '')],
    ['of another version', token.joinToken.replace(/^2/, '1')],
  ] as const) {
    await book.attack(`a join token ${what}`, () => tryJoin({ ...token, joinToken: changed }));
  }
  await book.attack('a join token that is too old', async () => {
    pass(JOIN_TOKEN_LIFE_MS + 1_000);
    return tryJoin(token);
  });
  for (const victim of [a, b]) {
    await book.attack("somebody else's place, with a secret of one's own", async () =>
      gotIn(
        await ask(eve, {
          type: 'resume',
          requestId: (lastRequestId += 1),
          protocol: ROOM_PROTOCOL,
          callId: victim.entered.room.callId,
          participantId: victim.entered.selfId,
          secret: victim === a ? b.entered.secret : victim.entered.peerToken,
        }),
      ),
    );
  }
  const fresh = await joinTokenFor(eve, { ...inA, identity });
  await book.attack('a join token that makes its bearer the host', async () => {
    const answer = await ask(eve, { ...joinFrame(fresh), role: 'host', hostId: identity });
    if (answer?.type !== 'entered') return true;
    return answer.room.participants.find(({ id }) => id === answer.selfId)?.role !== 'participant';
  });
  await book.right('a join token where it belongs', async () => {
    const zoe = await openRooms(door());
    const entered = await ask(zoe, joinFrame(await joinTokenFor(zoe, inB)));
    zoe.socket.terminate();
    return gotIn(entered);
  });
}

async function peers(book: RoleBook, door: NewDoor, a: Seat, b: Seat, guest: Seat): Promise<void> {
  const [ofHost, ofOther] = [await openPeer(door(), a.entered), await openPeer(door(), b.entered)];
  await book.right('a PeerJS socket by its own token', async () => (await isLetIn(ofHost)) && (await isLetIn(ofOther)));
  const { peerId } = a.entered;
  for (const [what, peerToken] of [
    ["a guest's token", guest.entered.peerToken],
    ["the token of another room's host", b.entered.peerToken],
    ['a secret of a place', guest.entered.secret],
    ['an invite', a.entered.invite],
    ['nothing', ''],
  ] as const) {
    await book.attack(`the host's PeerJS id by ${what}`, async () =>
      isLetIn(await openPeer(door(), { peerId, peerToken })),
    );
  }
  const mine = await openPeer(door(), guest.entered);
  await isLetIn(mine);
  for (const frame of [
    offerTo(peerId, { src: b.entered.peerId }),
    offerTo(peerId, { src: peerId, from: peerId }),
    { type: 'LEAVE', dst: peerId, src: b.entered.peerId },
  ]) {
    await book.attack('a message to a peer in the name of another', async () => {
      mine.send(frame);
      const heard = await ofHost.next(peerFrame(String(Reflect.get(frame, 'type'))));
      return heard['src'] !== guest.entered.peerId;
    });
  }
  for (const frame of [
    offerTo(b.entered.peerId),
    offerTo(b.entered.peerId, {}, 'data'),
    { type: 'LEAVE', dst: b.entered.peerId },
  ]) {
    await book.attack('a message to a peer of another room', () => arrives(mine, frame, ofOther));
  }
  for (const frame of [
    { type: 'EXPIRE', dst: peerId, src: b.entered.peerId },
    { type: 'OPEN', dst: peerId },
    { type: 'ID-TAKEN', dst: peerId },
    { type: 'ERROR', dst: peerId, payload: { msg: 'go' } },
    { type: 'recording', dst: peerId, recording: null },
    { type: 'ended', dst: peerId, from: a.entered.selfId, reason: 'endedByHost' },
  ]) {
    await book.attack(`a word of the server (${frame.type}) to a peer`, () => arrives(mine, frame, ofHost));
  }
  await book.right('an offer to somebody in the room', async () => {
    const again = await openPeer(door(), guest.entered).then(async (peer) => ((await isLetIn(peer)) ? peer : mine));
    again.send(offerTo(peerId));
    return (await ofHost.next(peerFrame('OFFER')))['src'] === guest.entered.peerId;
  });
}

/** Whether a frame reached somebody, asked by a pong of each on its way. */
async function arrives(from: RawSocket, frame: object, to: RawSocket): Promise<boolean> {
  to.frames.length = 0;
  if (from.socket.readyState !== from.socket.OPEN) return false;
  from.send(frame);
  for (const { socket, closed } of [from, to]) {
    const ponged = new Promise<void>((resolve) => socket.once('pong', () => resolve()));
    if (socket.readyState === socket.OPEN) socket.ping();
    await Promise.race([ponged, closed]);
  }
  return to.frames.length > 0;
}

async function removed(book: RoleBook, door: NewDoor, host: Seat, guest: Seat, other: Seat): Promise<void> {
  const { callId } = host.entered.room;
  const old = { callId, invite: host.entered.invite };
  const eve = await openRooms(door());
  const stored = await joinTokenFor(eve, { ...old, identity: guest.identity });
  const storedForAnother = await joinTokenFor(eve, old);
  const done = await ask(host.room, {
    type: 'remove',
    requestId: (lastRequestId += 1),
    participantId: guest.entered.selfId,
  });
  await book.right(
    'the host removes somebody',
    async () => done?.type === 'done' && (await guest.room.closed) === CLOSE_CODES.removed,
  );
  const renewed = (await other.room.next(ofType('inviteChanged'))).invite;
  const resume = {
    type: 'resume',
    requestId: (lastRequestId += 1),
    protocol: ROOM_PROTOCOL,
    callId,
    participantId: guest.entered.selfId,
    secret: guest.entered.secret,
  };
  const again = async (frame: object): Promise<boolean> => gotIn(await ask(await openRooms(door()), frame));
  await book.attack('the removed with the secret of their place', () => again(resume));
  await book.attack('the removed with a join token that they kept', () => again(joinFrame(stored)));
  await book.attack('the removed as somebody new, with a join token that they kept', () =>
    again(joinFrame(storedForAnother)),
  );
  await book.attack('the removed with the old invite', () => again(inspectFrame({ ...old, identity: guest.identity })));
  await book.attack('the removed as somebody new, with the old invite', () =>
    again(inspectFrame({ ...old, identity: randomUUID() })),
  );
  await book.attack('the removed with the new invite', () =>
    again(inspectFrame({ callId, invite: renewed, identity: guest.identity })),
  );
  await book.attack('the removed at the PeerJS door', async () => isLetIn(await openPeer(door(), guest.entered)));
  await book.right('somebody new with the new invite', async () => {
    const zoe = await openRooms(door());
    return gotIn(await ask(zoe, joinFrame(await joinTokenFor(zoe, { callId, invite: renewed }))));
  });
  await book.right('who stayed comes back by their secret', async () => {
    const { selfId, secret } = other.entered;
    return again({ ...resume, requestId: (lastRequestId += 1), participantId: selfId, secret });
  });
}
