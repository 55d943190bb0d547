import { Peer, util, type MediaConnection } from 'peerjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { peerRequestSchema, type RoomEvent } from '../../contract/signaling.ts';
import { startSignalingServer, type RunningSignalingServer } from '../../signaling/server.ts';
import { createFrame, joinBy, ofType, openRaw, type RawSocket } from '../support/room-sockets.ts';

/**
 * The real PeerJS client against the real server. Node has no WebRTC, so the peer connection below it (and nothing
 * else) is a stand-in that makes descriptions and candidates; what PeerJS does with them is what goes over the wire.
 */
class StandInPeerConnection {
  onicecandidate: ((event: { candidate: object }) => void) | null = null;
  iceConnectionState = 'new';
  signalingState = 'stable';
  received: unknown[] = [];
  static all: StandInPeerConnection[] = [];
  constructor() {
    StandInPeerConnection.all.push(this);
  }
  addTrack(): void {}
  createDataChannel(): EventTarget {
    return new EventTarget();
  }
  async createOffer(): Promise<object> {
    return { type: 'offer', sdp: 'v=0 offer' };
  }
  async createAnswer(): Promise<object> {
    return { type: 'answer', sdp: 'v=0 answer' };
  }
  async setLocalDescription(): Promise<void> {
    const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };
    // As in a browser, candidates are found after the description is in place.
    setImmediate(() => this.onicecandidate?.({ candidate }));
  }
  async setRemoteDescription(description: unknown): Promise<void> {
    this.received.push(description);
  }
  async addIceCandidate(candidate: unknown): Promise<void> {
    this.received.push(candidate);
  }
  close(): void {
    this.signalingState = 'closed';
  }
}
class StandInDescription {
  type: string;
  sdp: string;
  constructor(init: { type: string; sdp: string }) {
    this.type = init.type;
    this.sdp = init.sdp;
  }
}

type Entered = Extract<RoomEvent, { type: 'entered' }>;
const noTracks = { getTracks: () => [] } as unknown as MediaStream;

let server: RunningSignalingServer;
let peers: Peer[] = [];

beforeEach(async () => {
  vi.stubGlobal('RTCPeerConnection', StandInPeerConnection);
  vi.stubGlobal('RTCSessionDescription', StandInDescription);
  StandInPeerConnection.all = [];
  Object.assign(util.supports, { audioVideo: true, data: true });
  server = await startSignalingServer({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  for (const peer of peers) peer.destroy();
  peers = [];
  await server.close();
  vi.unstubAllGlobals();
});

async function enter(frame: object): Promise<{ room: RawSocket; entered: Entered }> {
  const room = await openRaw(`ws://127.0.0.1:${server.address.port}/rooms`);
  room.send(frame);
  return { room, entered: await room.next(ofType('entered')) };
}

async function twoPeople() {
  const ada = await enter(createFrame());
  const room = await openRaw(`ws://127.0.0.1:${server.address.port}/rooms`);
  const entered = await joinBy(room, { callId: ada.entered.room.callId, invite: ada.entered.invite });
  const bob = { room, entered };
  return { ada, bob };
}

function dial(entered: Pick<Entered, 'peerId' | 'peerToken'>, options: object = {}): Peer {
  const peer = new Peer(entered.peerId, {
    host: '127.0.0.1',
    port: server.address.port,
    path: '/',
    secure: false,
    token: entered.peerToken,
    config: { iceServers: [] },
    ...options,
  });
  peers.push(peer);
  return peer;
}
const opened = async (peer: Peer): Promise<void> => new Promise((resolve) => peer.once('open', () => resolve()));
const failed = async (peer: Peer): Promise<string> =>
  new Promise((resolve) => peer.once('error', (error) => resolve(error.type)));

test('PeerJS opens with the id and token of the room, calls, answers and passes candidates through the server', async () => {
  const { ada, bob } = await twoPeople();
  const [a, b] = [dial(ada.entered), dial(bob.entered)];
  await Promise.all([opened(a), opened(b)]);
  expect(a.id).toBe(ada.entered.peerId);
  const incoming = new Promise<MediaConnection>((resolve) => a.once('call', resolve));
  b.call(ada.entered.peerId, noTracks, { metadata: { hello: 'world' } });
  const call = await incoming;
  expect([call.peer, call.metadata]).toEqual([bob.entered.peerId, { hello: 'world' }]);
  call.answer(noTracks);
  const [caller, callee] = [
    () => StandInPeerConnection.all.find((connection) => JSON.stringify(connection.received).includes('v=0 answer')),
    () => StandInPeerConnection.all.find((connection) => JSON.stringify(connection.received).includes('v=0 offer')),
  ];
  await expect.poll(() => JSON.stringify(caller()?.received)).toContain('candidate:1');
  await expect.poll(() => JSON.stringify(callee()?.received)).toContain('candidate:1');
});

test('every frame that the client sends is in the contract', async () => {
  const { ada, bob } = await twoPeople();
  const sent: unknown[] = [];
  class ListeningWebSocket extends WebSocket {
    override send(data: string): void {
      sent.push(JSON.parse(data));
      super.send(data);
    }
  }
  vi.stubGlobal('WebSocket', ListeningWebSocket);
  const [a, b] = [dial(ada.entered, { pingInterval: 20 }), dial(bob.entered)];
  await Promise.all([opened(a), opened(b)]);
  const incoming = new Promise<MediaConnection>((resolve) => a.once('call', resolve));
  b.call(ada.entered.peerId, noTracks);
  (await incoming).answer(noTracks);
  b.connect(ada.entered.peerId);
  const types = () => new Set(sent.map((frame) => peerRequestSchema.parse(frame).type));
  await expect.poll(types).toEqual(new Set(['OFFER', 'CANDIDATE', 'ANSWER', 'HEARTBEAT']));
});

test('PeerJS understands each refusal by its own name', async () => {
  const { ada, bob } = await twoPeople();
  expect(await failed(dial({ ...bob.entered, peerToken: ada.entered.peerToken }))).toBe('server-error');
  expect(await failed(dial(bob.entered, { key: 'other' }))).toBe('invalid-key');
  await opened(dial(bob.entered));
  expect(await failed(dial(bob.entered))).toBe('unavailable-id');
});

test('PeerJS hears that a peer of the call is not there, and can come back itself with the same id', async () => {
  await server.close();
  server = await startSignalingServer({ host: '127.0.0.1', port: 0, limits: { peerQueueMs: 30, sweepEveryMs: 10 } });
  const { ada, bob } = await twoPeople();
  const b = dial(bob.entered);
  await opened(b);
  const missing = failed(b);
  b.call(ada.entered.peerId, noTracks);
  expect(await missing).toBe('peer-unavailable');
  expect(b.destroyed).toBe(false);
  b.disconnect();
  const again = opened(b);
  b.reconnect();
  await again;
  expect(b.id).toBe(bob.entered.peerId);
});

test('the sockets of a call that ended are closed: PeerJS is disconnected', async () => {
  const { ada } = await twoPeople();
  const a = dial(ada.entered);
  await opened(a);
  a.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => a.once('disconnected', () => resolve()));
  ada.room.send({ type: 'end', requestId: 3 });
  await gone;
  expect(a.disconnected).toBe(true);
});
