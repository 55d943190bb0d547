import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import { CLOSE_CODES, MAX_FRAME_BYTES, type RoomEvent } from '../../contract/signaling.ts';
import { type RunningSignalingServer } from '../../signaling/server.ts';
import { createFrame, ofType, peerFrame } from '../support/room-sockets.ts';
import {
  guestAt as guest,
  hostAt as host,
  offer,
  openDoor as open,
  openPeer,
  peerPath,
  settled,
  startServer as start,
} from '../support/signaling-rig.ts';

describe('limits', () => {
  test('a frame of exactly the limit is read, one byte more closes the socket', async () => {
    const server = await start();
    const fits = await open(server);
    fits.send(JSON.stringify({ type: 'nothing', requestId: 3 }).padEnd(MAX_FRAME_BYTES, ' '));
    expect(await fits.next(ofType('refused'))).toMatchObject({ requestId: 3, error: { code: 'INVALID_INPUT' } });
    const tooLarge = await open(server);
    tooLarge.send(' '.repeat(MAX_FRAME_BYTES + 1));
    expect(await tooLarge.closed).toBe(1009);
  });

  test('frames that do not parse are answered, and the fifth closes the socket', async () => {
    const server = await start();
    const room = await open(server);
    const unconvertible = JSON.stringify({ type: 'resume', secret: { length: { toString: 1, valueOf: 1 } } });
    const bad = ['{', 'null', unconvertible, JSON.stringify({ type: 'create', requestId: -1 })];
    for (const frame of bad) {
      room.send(frame);
      expect(await room.next(ofType('refused'))).toMatchObject({ requestId: null, error: { code: 'INVALID_INPUT' } });
    }
    room.send(createFrame());
    await room.next(ofType('entered'));
    room.send(Buffer.from('binary'));
    expect(await room.closed).toBe(CLOSE_CODES.badFrame);
  });

  test('a frame nested thousands deep takes nobody down', async () => {
    const server = await start();
    const ada = await host(server);
    const bob = await guest(server, ada.entered);
    const b = await openPeer(server, bob.entered);
    const deep = `${'['.repeat(25_000)}${']'.repeat(25_000)}`;
    const text = JSON.stringify(offer(ada.entered.peerId, 'DEEP')).replace('"DEEP"', deep);
    b.send(text);
    const a = await openPeer(server, ada.entered);
    for (let n = 0; n < 5; n += 1) b.send(text);
    // Whatever became of the sender, the others go on.
    a.send(offer(ada.entered.peerId, 'to myself'));
    await a.next((frame) => (JSON.stringify(peerFrame('OFFER')(frame)).includes('to myself') ? frame : null));
    await settled(ada.room);
  });

  test('an address gets as many sockets as the limit; another address is not affected', async () => {
    const server = await start({ limits: { socketsPerAddress: 3 } });
    const first = await open(server);
    await open(server);
    await open(server);
    const fourth = await open(server);
    expect(await fourth.closed).toBe(CLOSE_CODES.tooManySockets);
    const elsewhere = await host(server, { localAddress: '127.0.0.2' });
    expect(elsewhere.entered.selfId).toHaveLength(36);
    await first.close();
    // The server counts a socket until its own side closed, which may be a moment later.
    await expect.poll(async () => (await tryCreate(server))?.type, { timeout: 5000 }).toBe('entered');
  });

  test('twenty sockets of an address are open on both doors together, the next one is not', async () => {
    const server = await start();
    const ada = await host(server);
    await openPeer(server, ada.entered);
    for (let n = 3; n <= 20; n += 1) expect((await open(server)).socket.readyState).toBe(WebSocket.OPEN);
    expect(await (await open(server)).closed).toBe(CLOSE_CODES.tooManySockets);
    expect(await (await open(server, peerPath(ada.entered))).closed).toBe(CLOSE_CODES.tooManySockets);
    await settled(ada.room);
  });

  test('connections that never become sockets are counted too', async () => {
    const server = await start({ limits: { connectionsPerAddress: 2 } });
    const streams = [connect(server.address.port, '127.0.0.1'), connect(server.address.port, '127.0.0.1')];
    for (const stream of streams) await once(stream, 'connect');
    const third = connect(server.address.port, '127.0.0.1');
    await once(third, 'close');
    for (const stream of streams) {
      expect(stream.destroyed).toBe(false);
      stream.destroy();
    }
  });

  test('a burst is taken, the frame after it closes the socket', async () => {
    const server = await start({ limits: { roomFramesPerSecond: 0, roomFrameBurst: 4 } });
    const ada = await host(server);
    for (let n = 0; n < 3; n += 1) ada.room.send({ type: 'media', microphoneOn: n % 2 === 0, cameraOn: true });
    const look = await guest(server, ada.entered);
    expect(look.entered.room.participants[0]?.present).toBe(true);
    ada.room.send({ type: 'media', microphoneOn: true, cameraOn: true });
    expect(await ada.room.closed).toBe(CLOSE_CODES.tooFast);
  });

  test('a socket that enters no call in time is closed, one in a call stays', async () => {
    const server = await start({ limits: { entryMs: 100, sweepEveryMs: 20 } });
    const ada = await host(server);
    const idle = await open(server);
    expect(await idle.closed).toBe(1000);
    await settled(ada.room);
  });

  test('a socket that does not answer pings is cut, one that does stays', async () => {
    const server = await start({ limits: { pingEveryMs: 30, deadAfterMs: 200, sweepEveryMs: 10, graceMs: 10 } });
    const ada = await host(server);
    const bob = await guest(server, ada.entered, { autoPong: false });
    expect((await ada.room.next(ofType('participantLeft'))).participantId).toBe(bob.entered.selfId);
    expect(await bob.room.closed).toBe(1006);
    await settled(ada.room);
  });

  test('a storm of malformed and oversized frames on twenty sockets does not disturb a healthy pair', async () => {
    // The pair talks as fast as it can, which is no call's rate.
    const server = await start({ limits: { peerFramesPerSecond: 1_000_000, peerFrameBurst: 1_000_000 } });
    const healthy = { localAddress: '127.0.0.2' };
    const ada = await host(server, healthy);
    const bob = await guest(server, ada.entered, healthy);
    const [a, b] = [await openPeer(server, ada.entered, healthy), await openPeer(server, bob.entered, healthy)];

    const storm = { going: true };
    const junk = [
      '{',
      '[]',
      '{"type":"end"}',
      Buffer.alloc(100),
      ' '.repeat(MAX_FRAME_BYTES + 1),
      '\u0000'.repeat(1000),
    ];
    let sent = 0;
    const attacker = async (): Promise<void> => {
      // Closed for bad frames, an attacker comes back until its share of the 1,000 frames is sent.
      let mine = 0;
      while (mine < 50) {
        const socket = await open(server).catch(() => null);
        if (socket === null) continue;
        for (
          let n = 0;
          n < 10 && mine < 50 && socket.socket.readyState === WebSocket.OPEN;
          n += 1, mine += 1, sent += 1
        ) {
          socket.send(junk[mine % junk.length]);
        }
        await socket.closed;
      }
    };
    const stormOver = Promise.all(Array.from({ length: 20 }, attacker)).finally(() => (storm.going = false));

    const roundTripsMs: number[] = [];
    do {
      const startMs = performance.now();
      a.send(offer(bob.entered.peerId, 'ping'));
      await b.next(peerFrame('OFFER'));
      b.send(offer(ada.entered.peerId, 'pong'));
      await a.next(peerFrame('OFFER'));
      roundTripsMs.push(performance.now() - startMs);
    } while (storm.going);
    await stormOver;
    expect(sent).toBe(1000);
    expect(roundTripsMs.length).toBeGreaterThan(1);
    expect(Math.max(...roundTripsMs)).toBeLessThan(200);
    await settled(ada.room);
  });
});

async function tryCreate(server: RunningSignalingServer): Promise<RoomEvent | null> {
  const room = await open(server);
  room.send(createFrame());
  return Promise.race([room.next(ofType('entered')), room.closed.then(() => null)]);
}
