import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { describe, expect, test } from 'vitest';
import { CLOSE_CODES, ROOM_PROTOCOL } from '../../contract/signaling.ts';
import { startSignalingServer, type RunningSignalingServer } from '../../signaling/server.ts';
import {
  createFrame,
  inspectFrame,
  joinFrame,
  joinTokenFor,
  ofType,
  peerFrame,
  recordingFrame,
} from '../support/room-sockets.ts';
import {
  guestAt as guest,
  hostAt as host,
  offer,
  openDoor as open,
  openPeer,
  peerPath,
  placeOf,
  settled,
  startServer as start,
  type Entered,
} from '../support/signaling-rig.ts';

async function upgradeStatus(server: RunningSignalingServer, path: string, options: ClientOptions): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.address.port}${path}`, options);
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
  });
}

describe('http', () => {
  test('/health answers 200, everything else 404', async () => {
    const server = await start();
    const base = `http://127.0.0.1:${server.address.port}`;
    const health = await fetch(`${base}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    for (const path of ['/', '/rooms', '/peerjs/id', '/peerjs/peerjs/id', '/health/x', '/../etc/passwd']) {
      expect((await fetch(`${base}${path}`)).status, path).toBe(404);
    }
    expect((await fetch(`${base}/health`, { method: 'POST' })).status).toBe(404);
  });

  test('a client that keeps its half of a refused connection open does not hold the server', async () => {
    const server = await start();
    const idle = connect(server.address.port, '127.0.0.1');
    idle.on('error', () => undefined);
    idle.write('GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const silent = connect(server.address.port, '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const startMs = performance.now();
    await server.close();
    expect(performance.now() - startMs).toBeLessThan(3000);
    idle.destroy();
    silent.destroy();
  });

  test('a port that is taken is a typed error', async () => {
    const server = await start();
    await expect(startSignalingServer({ host: '127.0.0.1', port: server.address.port })).rejects.toMatchObject({
      code: 'SIGNALING_PORT_TAKEN',
    });
  });

  test('a host that is not ours is a typed error', async () => {
    await expect(startSignalingServer({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'SIGNALING_UNREACHABLE',
    });
  });

  test('a request target that is no address does not take the server down', async () => {
    const server = await start();
    const stream = connect(server.address.port, '127.0.0.1').resume();
    stream.write('GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(stream, 'close');
    expect((await fetch(`http://127.0.0.1:${server.address.port}/health`)).status).toBe(200);
  });
});

describe('origins', () => {
  test.each([
    ['https://evil.example', 403],
    ['http://localhost:3000', 403],
    ['file://', 403],
    ['tallylight-app://app', 101],
    ['null', 403],
    [undefined, 101],
  ])('a socket from %j is answered with %i on both doors', async (origin, status) => {
    const server = await start();
    const options = origin === undefined ? {} : { headers: { Origin: origin } };
    expect(await upgradeStatus(server, '/rooms', options)).toBe(status);
    expect(await upgradeStatus(server, '/peerjs', options)).toBe(status);
  });

  test('a socket to any other path is refused', async () => {
    const server = await start();
    for (const path of ['/', '/rooms/x', '/peerjs/', '/health'])
      expect(await upgradeStatus(server, path, {})).toBe(404);
  });
});

describe('rooms', () => {
  test('two people meet, one changes media, one leaves', async () => {
    const server = await start();
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    expect(bob.entered.room.participants.map(({ name, role }) => [name, role])).toEqual([
      ['Ada', 'host'],
      ['Bob', 'participant'],
    ]);
    expect((await ada.room.next(ofType('participantJoined'))).participant.id).toBe(bob.entered.selfId);
    bob.room.send({ type: 'media', microphoneOn: false, cameraOn: false });
    expect((await ada.room.next(ofType('participantChanged'))).participant).toMatchObject({ microphoneOn: false });
    bob.room.send({ type: 'leave' });
    expect((await ada.room.next(ofType('participantLeft'))).participantId).toBe(bob.entered.selfId);
    expect(await bob.room.closed).toBe(1000);
  });

  test('a guest who talks to the server directly cannot record or end, and the others see nothing of it', async () => {
    const server = await start();
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const cleo = await guest(server, ada.entered);
    await ada.room.next(ofType('participantJoined'));
    await ada.room.next(ofType('participantJoined'));
    await bob.room.next(ofType('participantJoined'));
    const recording = recordingFrame('Bob');
    bob.room.send(recording);
    expect((await bob.room.next(ofType('refused'))).error.code).toBe('NOT_HOST');
    bob.room.send({ ...recording, from: ada.entered.selfId });
    expect((await bob.room.next(ofType('refused'))).error.code).toBe('NOT_HOST');
    bob.room.send({ type: 'end', requestId: 5 });
    expect(await bob.room.next(ofType('refused'))).toMatchObject({ requestId: 5, error: { code: 'NOT_HOST' } });
    await settled(ada.room);
    await settled(cleo.room);
    expect(ada.room.frames).toEqual([]);
    expect(cleo.room.frames).toEqual([]);
  });

  test('the seventh person is refused with the reason', async () => {
    const server = await start();
    const ada = await host(server);
    for (let n = 2; n <= 6; n += 1) await guest(server, ada.entered);
    const late = await open(server);
    late.send(joinFrame(await joinTokenFor(late, placeOf(ada.entered))));
    expect(await late.next(ofType('refused'))).toMatchObject({ requestId: 3, error: { code: 'CALL_FULL' } });
  });

  test('a wrong invite, one of another call and an expired one each get their own error', async () => {
    let nowMs = Date.now();
    const server = await start({ wallNowMs: () => nowMs });
    const ada = await host(server);
    const eve = await host(server);
    const late = await open(server);
    const ask = async (invite: string): Promise<string> => {
      late.send(inspectFrame({ callId: ada.entered.room.callId, invite, identity: randomUUID() }));
      return (await late.next(ofType('refused'))).error.code;
    };
    expect(await ask('x'.repeat(40))).toBe('INVITE_INVALID');
    expect(await ask(eve.entered.invite)).toBe('INVITE_INVALID');
    nowMs += 24 * 60 * 60 * 1000 - 1;
    await joinTokenFor(late, placeOf(ada.entered));
    nowMs += 1;
    expect(await ask(ada.entered.invite)).toBe('INVITE_EXPIRED');
  });

  test('an app of another protocol version is told so, even when its frames look different', async () => {
    const server = await start();
    const room = await open(server);
    room.send({ ...createFrame(), protocol: ROOM_PROTOCOL + 1 });
    expect(await room.next(ofType('refused'))).toMatchObject({ requestId: 1, error: { code: 'SIGNALING_REFUSED' } });
    room.send({ type: 'enter', requestId: 4, protocol: 99 });
    expect(await room.next(ofType('refused'))).toMatchObject({ requestId: 4, error: { code: 'SIGNALING_REFUSED' } });
  });

  test('a guest whose connection broke is away, then gone; the host gone for good ends the call', async () => {
    const server = await start({ limits: { graceMs: 150, sweepEveryMs: 20 } });
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const cleo = await guest(server, ada.entered);
    bob.room.socket.terminate();
    expect((await cleo.room.next(ofType('participantChanged'))).participant).toMatchObject({
      name: 'Bob',
      present: false,
    });
    expect((await cleo.room.next(ofType('participantLeft'))).participantId).toBe(bob.entered.selfId);
    ada.room.socket.terminate();
    expect(await cleo.room.next(ofType('ended'))).toEqual({ type: 'ended', from: null, to: null, reason: 'hostGone' });
    expect(await cleo.room.closed).toBe(CLOSE_CODES.callEnded);
  });

  test('a closing server tells its calls and closes every socket', async () => {
    const server = await start();
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const peer = await openPeer(server, bob.entered);
    await server.close();
    expect((await bob.room.next(ofType('ended'))).reason).toBe('serverGone');
    expect(await bob.room.closed).toBe(CLOSE_CODES.callEnded);
    expect(await peer.closed).toBe(CLOSE_CODES.callEnded);
    await expect(fetch(`http://127.0.0.1:${server.address.port}/health`)).rejects.toThrow();
  });
});

describe('peers', () => {
  test('a peer reaches another of its call, stamped by the server, but none of another call', async () => {
    const server = await start();
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const eve = await host(server);
    const [a, b, e] = [
      await openPeer(server, ada.entered),
      await openPeer(server, bob.entered),
      await openPeer(server, eve.entered),
    ];
    e.send({ ...offer(ada.entered.peerId), src: bob.entered.peerId });
    e.send({ type: 'LEAVE', dst: ada.entered.peerId });
    // A peer that e can reach would hear this after the two above; e itself is the only one in its call.
    e.send(offer(eve.entered.peerId, 'to myself'));
    await e.next(peerFrame('OFFER'));
    b.send({ ...offer(ada.entered.peerId, 'hello'), src: eve.entered.peerId });
    expect(await a.next(peerFrame('OFFER'))).toEqual({
      ...offer(ada.entered.peerId, 'hello'),
      src: bob.entered.peerId,
    });
    expect(a.frames).toEqual([]);
  });

  test('a peer token opens nothing with another id, while its owner is connected, or after its owner left', async () => {
    const server = await start();
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const refusedAs = async (entered: Pick<Entered, 'peerId' | 'peerToken'>, type: string): Promise<number> => {
      const socket = await open(server, peerPath(entered));
      await socket.next(peerFrame(type));
      return socket.closed;
    };
    expect(await refusedAs({ ...bob.entered, peerToken: ada.entered.peerToken }, 'ERROR')).toBe(CLOSE_CODES.badToken);
    expect(await refusedAs({ ...bob.entered, peerId: ada.entered.peerId }, 'ERROR')).toBe(CLOSE_CODES.badToken);
    const peer = await openPeer(server, bob.entered);
    expect(await refusedAs(bob.entered, 'ID-TAKEN')).toBe(CLOSE_CODES.replaced);
    peer.send({ type: 'HEARTBEAT' });
    const a = await openPeer(server, ada.entered);
    a.send(offer(bob.entered.peerId, 'still there'));
    await peer.next(peerFrame('OFFER'));
    bob.room.send({ type: 'leave' });
    expect(await peer.closed).toBe(CLOSE_CODES.callEnded);
    expect(await refusedAs(bob.entered, 'ERROR')).toBe(CLOSE_CODES.badToken);
  });

  test('an owner whose socket closed comes back with the same token at once', async () => {
    const server = await start();
    const ada = await host(server);
    const first = await openPeer(server, ada.entered);
    await first.close();
    await openPeer(server, ada.entered);
  });

  test('frames sent before the other window opened its socket arrive when it does', async () => {
    const server = await start();
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const b = await openPeer(server, bob.entered);
    b.send(offer(ada.entered.peerId, 'early'));
    b.send(offer(bob.entered.peerId, 'settled'));
    await b.next(peerFrame('OFFER'));
    const a = await openPeer(server, ada.entered);
    expect(await a.next(peerFrame('OFFER'))).toEqual({
      ...offer(ada.entered.peerId, 'early'),
      src: bob.entered.peerId,
    });
  });

  test('an offer that nobody comes for is answered with EXPIRE', async () => {
    const server = await start({ limits: { peerQueueMs: 50, sweepEveryMs: 10 } });
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const b = await openPeer(server, bob.entered);
    b.send(offer(ada.entered.peerId));
    expect(await b.next(peerFrame('EXPIRE'))).toEqual({
      type: 'EXPIRE',
      src: ada.entered.peerId,
      dst: bob.entered.peerId,
    });
  });
});
