import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { callIdSchema, peerIdSchema, type PeerId } from '../../contract/ids.ts';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import type { GuardedSocket } from '../../signaling/guarded-socket.ts';
import { createPeers } from '../../signaling/peers.ts';

type FakeSocket = GuardedSocket & { sent: unknown[]; closed: number[]; heard: (atMs: number) => void };

function fakeSocket(): FakeSocket {
  const sent: unknown[] = [];
  const closed: number[] = [];
  let heardAtMs = 0;
  return {
    id: randomUUID(),
    sent,
    closed,
    send: (frame) => sent.push(frame),
    sendText: (text) => sent.push(JSON.parse(text)),
    close: (code) => closed.push(code),
    isOpen: () => closed.length === 0,
    heardAtMs: () => heardAtMs,
    sweep: () => undefined,
    heard: (atMs) => {
      heardAtMs = atMs;
    },
  };
}

/** Ada and Bob are in one call, Eve is in another. */
function door() {
  const call = callIdSchema.parse(randomUUID());
  const otherCall = callIdSchema.parse(randomUUID());
  const peer = (): PeerId => peerIdSchema.parse(randomUUID());
  const [ada, bob, eve, stranger] = [peer(), peer(), peer(), peer()];
  const places = new Map([
    [ada, { callId: call, peerToken: 'token-of-ada-0123456' }],
    [bob, { callId: call, peerToken: 'token-of-bob-0123456' }],
    [eve, { callId: otherCall, peerToken: 'token-of-eve-0123456' }],
  ]);
  const removed = new Map<PeerId, string>();
  let nowMs = 0;
  const peers = createPeers({
    placeOf: (peerId) => places.get(peerId) ?? null,
    removedToken: (peerId) => removed.get(peerId) ?? null,
    limits: { peerQuietMs: 12_000, peerQueueMs: 5000, peerQueueBytes: 2000 },
    nowMs: () => nowMs,
  });
  const connect = (peerId: PeerId): FakeSocket => {
    const socket = fakeSocket();
    socket.heard(nowMs);
    peers.open(peerId, socket);
    return socket;
  };
  return { peers, places, removed, ada, bob, eve, stranger, connect, at: (ms: number) => (nowMs = ms) };
}

const query = (id: string, token: string, key = 'peerjs') => new URLSearchParams({ key, id, token, version: '1.5.5' });
const offer = (dst: PeerId, note = '') => ({
  type: 'OFFER',
  dst,
  payload: { type: 'media', connectionId: 'mc_1', sdp: { type: 'offer', sdp: 'v=0' }, metadata: { note } },
});

test('a peer is admitted with the id and the token it was given, and hears OPEN', () => {
  const { peers, ada, connect } = door();
  expect(peers.admit(query(ada, 'token-of-ada-0123456'))).toEqual({ kind: 'peer', peerId: ada });
  expect(connect(ada).sent).toEqual([{ type: 'OPEN' }]);
});

test('a wrong token, the token of somebody else, an unknown id and no id all get the same answer', () => {
  const { peers, ada, stranger } = door();
  const answers = [
    peers.admit(query(ada, 'wrong')),
    peers.admit(query(ada, 'token-of-bob-0123456')),
    peers.admit(query(stranger, 'token-of-ada-0123456')),
    peers.admit(new URLSearchParams({ key: 'peerjs' })),
  ];
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({
    kind: 'refused',
    refusal: { frame: { type: 'ERROR' }, code: CLOSE_CODES.badToken },
    guess: true,
  });
});

test('a removed peer is told so by its close code, with the token it had and no other', () => {
  const { peers, places, removed, bob } = door();
  places.delete(bob);
  removed.set(bob, 'token-of-bob-0123456');
  expect(peers.admit(query(bob, 'token-of-bob-0123456'))).toMatchObject({
    refusal: { frame: { type: 'ERROR' }, code: CLOSE_CODES.removed },
    guess: false,
  });
  expect(peers.admit(query(bob, 'wrong'))).toMatchObject({ refusal: { code: CLOSE_CODES.badToken }, guess: true });
});

test('another key is answered with INVALID-KEY', () => {
  const { peers, ada } = door();
  expect(peers.admit(query(ada, 'token-of-ada-0123456', 'other'))).toMatchObject({
    refusal: { frame: { type: 'INVALID-KEY' } },
  });
});

test('a second socket of a live peer is told ID-TAKEN; after silence it takes over', () => {
  const { peers, ada, connect, at } = door();
  const first = connect(ada);
  at(11_999);
  expect(peers.admit(query(ada, 'token-of-ada-0123456'))).toMatchObject({ refusal: { frame: { type: 'ID-TAKEN' } } });
  at(12_000);
  expect(peers.admit(query(ada, 'token-of-ada-0123456'))).toEqual({ kind: 'peer', peerId: ada });
  const second = connect(ada);
  expect(first.closed).toEqual([CLOSE_CODES.replaced]);
  peers.closed(ada, first);
  expect(second.closed).toEqual([]);
  expect(peers.admit(query(ada, 'token-of-ada-0123456'))).toMatchObject({ refusal: { frame: { type: 'ID-TAKEN' } } });
});

test('a peer that said goodbye comes back at once, before its old socket is all gone', () => {
  const { peers, ada, connect } = door();
  connect(ada).close(1000, 'bye');
  expect(peers.admit(query(ada, 'token-of-ada-0123456'))).toEqual({ kind: 'peer', peerId: ada });
});

test('a frame reaches a peer of the same call with the sender stamped by the server', () => {
  const { peers, ada, bob, eve, connect } = door();
  const [a, b] = [connect(ada), connect(bob)];
  expect(peers.take(ada, a, { ...offer(bob, 'hi'), src: eve })).toBe(true);
  expect(b.sent[1]).toEqual({ ...offer(bob, 'hi'), src: ada });
});

test('a frame to a peer of another call, to an unknown peer, or from somebody whose place is gone is dropped', () => {
  const { peers, places, ada, bob, eve, stranger, connect } = door();
  const [a, b, e] = [connect(ada), connect(bob), connect(eve)];
  peers.take(ada, a, offer(eve));
  peers.take(ada, a, offer(stranger));
  peers.take(ada, a, { type: 'LEAVE', dst: eve });
  places.delete(bob);
  peers.take(bob, b, offer(ada));
  peers.sweep(60_000);
  for (const socket of [a, b, e]) expect(socket.sent).toEqual([{ type: 'OPEN' }]);
});

test('frames wait for a peer whose socket is not open yet, and arrive in order', () => {
  const { peers, ada, bob, connect, at } = door();
  const a = connect(ada);
  peers.take(ada, a, offer(bob, '1'));
  peers.take(ada, a, offer(bob, '2'));
  at(4999);
  peers.sweep(4999);
  expect(connect(bob).sent).toEqual([
    { type: 'OPEN' },
    { ...offer(bob, '1'), src: ada },
    { ...offer(bob, '2'), src: ada },
  ]);
  peers.sweep(60_000);
  expect(a.sent).toEqual([{ type: 'OPEN' }]);
});

test('the sender of an offer that nobody came for hears EXPIRE, once', () => {
  const { peers, ada, bob, connect } = door();
  const a = connect(ada);
  peers.take(ada, a, offer(bob));
  peers.sweep(5000);
  peers.sweep(10_000);
  expect(a.sent).toEqual([{ type: 'OPEN' }, { type: 'EXPIRE', src: bob, dst: ada }]);
  expect(connect(bob).sent).toEqual([{ type: 'OPEN' }]);
});

test('frames past the bytes kept for an absent peer are answered with EXPIRE at once', () => {
  const { peers, ada, bob, connect } = door();
  const a = connect(ada);
  const padding = 'x'.repeat(800);
  peers.take(ada, a, offer(bob, padding));
  expect(a.sent).toHaveLength(1);
  peers.take(ada, a, offer(bob, padding));
  expect(a.sent[1]).toEqual({ type: 'EXPIRE', src: bob, dst: ada });
});

test('LEAVE reaches the one it names; without a name it closes the own socket', () => {
  const { peers, ada, bob, connect } = door();
  const [a, b] = [connect(ada), connect(bob)];
  peers.take(ada, a, { type: 'LEAVE', dst: bob });
  expect(b.sent[1]).toEqual({ type: 'LEAVE', src: ada, dst: bob });
  peers.take(ada, a, { type: 'LEAVE' });
  expect(a.closed).toEqual([1000]);
});

test('a peer cannot say EXPIRE of another', () => {
  const { peers, ada, bob, connect } = door();
  const [a, b] = [connect(ada), connect(bob)];
  expect(peers.take(ada, a, { type: 'EXPIRE', dst: bob })).toBe(true);
  expect(b.sent).toEqual([{ type: 'OPEN' }]);
});

test('a peer whose place is gone loses its socket and the frames that waited for it', () => {
  const { peers, ada, bob, connect } = door();
  const [a, b] = [connect(ada), connect(bob)];
  peers.drop(bob, CLOSE_CODES.callEnded);
  expect(b.closed).toEqual([CLOSE_CODES.callEnded]);
  peers.take(ada, a, offer(bob));
  peers.drop(bob, CLOSE_CODES.callEnded);
  expect(connect(bob).sent).toEqual([{ type: 'OPEN' }]);
});

test('what somebody sent before they were removed does not reach those who open their socket later', () => {
  const { peers, ada, bob, connect } = door();
  const a = connect(ada);
  peers.take(ada, a, offer(bob, 'from the removed one'));
  peers.drop(ada, CLOSE_CODES.removed);
  expect(a.closed).toEqual([CLOSE_CODES.removed]);
  expect(connect(bob).sent).toEqual([{ type: 'OPEN' }]);
});

test.each([
  [undefined],
  [null],
  ['OFFER'],
  [[]],
  [{}],
  [{ type: 'OPEN' }],
  [{ type: 'OFFER' }],
  [{ type: 'OFFER', dst: 'bob', payload: {} }],
  [{ type: 'HEARTBEAT '.trim() + 'X' }],
])('the frame %j does not parse', (frame) => {
  const { peers, ada, connect } = door();
  expect(peers.take(ada, connect(ada), frame)).toBe(false);
});

test('an offer that would make the receiving client throw does not pass', () => {
  const { peers, ada, bob, connect } = door();
  const [a, b] = [connect(ada), connect(bob)];
  const data = { type: 'data', connectionId: 'dc_1', sdp: { type: 'offer', sdp: 'v=0' } };
  expect(peers.take(ada, a, { type: 'OFFER', dst: bob, payload: { ...data, serialization: 'constructor' } })).toBe(
    false,
  );
  expect(peers.take(ada, a, { type: 'ANSWER', dst: bob, payload: { type: 'media', connectionId: 'x' } })).toBe(false);
  expect(b.sent).toEqual([{ type: 'OPEN' }]);
});

test('an offer of a data connection is understood, and reaches nobody', () => {
  const { peers, ada, bob, connect } = door();
  const [a, b] = [connect(ada), connect(bob)];
  const payload = {
    type: 'data',
    connectionId: 'dc_1',
    sdp: { type: 'offer', sdp: 'v=0' },
    serialization: 'binary',
  };
  expect(peers.take(ada, a, { type: 'OFFER', dst: bob, payload })).toBe(true);
  expect(peers.take(ada, a, offer(bob))).toBe(true);
  expect(b.sent).toEqual([{ type: 'OPEN' }, { ...offer(bob), src: ada }]);
});

test('of a candidate only what a candidate is reaches the other side, so that nobody fills up its memory', () => {
  const { peers, ada, bob, connect } = door();
  const [a, b] = [connect(ada), connect(bob)];
  const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' };
  const payload = { type: 'media', connectionId: 'mc_1', candidate };
  const junk = 'x'.repeat(60_000);
  const frame = { type: 'CANDIDATE', dst: bob, payload: { ...payload, junk, candidate: { ...candidate, junk } } };
  expect(peers.take(ada, a, frame)).toBe(true);
  expect(b.sent[1]).toEqual({ type: 'CANDIDATE', src: ada, dst: bob, payload });
  const long = { ...payload, candidate: { ...candidate, candidate: 'x'.repeat(4097) } };
  expect(peers.take(ada, a, { type: 'CANDIDATE', dst: bob, payload: long })).toBe(false);
  expect(b.sent).toHaveLength(2);
});
