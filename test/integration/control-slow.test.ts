import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { closed, exchangeRaw } from '../support/control-client.ts';
import { holdRequests } from '../support/held-requests.ts';
import { openOne, startRawControl, statusesOf, wire } from '../support/raw-control.ts';

/** Opens connections that send a head byte by byte, or only a part of it. */
async function openSlow(port: number, count: number, text: string): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => openOne(port, text)));
}

const QUICK = { headMs: 300, requestMs: 600, lookEveryMs: 50, keepAliveMs: 200, answerMs: 300 };

describe('slow connections', () => {
  it.each([
    ['sends nothing', () => ''],
    ['stops inside the head', (host: string) => `GET /health HTTP/1.1\r\n${host}\r\nX-A: `],
    [
      'stops inside the body',
      (host: string, bearer: string) =>
        `POST /api/video-calls HTTP/1.1\r\n${host}\r\n${bearer}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    ],
    ['stays without a second request', (host: string) => `GET /health HTTP/1.1\r\n${host}\r\n\r\n`],
  ])('ends one that %s', async (_which, text) => {
    const { rig, port, host, bearer } = await startRawControl({ limits: QUICK });
    const socket = await openOne(port, text(host, bearer));
    await closed(socket);
    expect(rig.faults).toEqual([]);
  });

  it('ends one that goes on sending a byte at a time', async () => {
    const { port, host } = await startRawControl({ limits: QUICK });
    const socket = await openOne(port, `GET /health HTTP/1.1\r\n${host}\r\nX-A: `);
    const drip = setInterval(() => socket.write('a'), 50);
    await closed(socket);
    clearInterval(drip);
  });

  it('ends the connection of somebody who does not take an answer', async () => {
    const { port, host, bearer } = await startRawControl({ limits: QUICK });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause();
    // Its answers fill the buffers of both sides.
    const over = closed(socket);
    socket.write(`GET /api/openapi.json HTTP/1.1\r\n${host}\r\n${bearer}\r\n\r\n`.repeat(400));
    // A paused socket hears of its end only by writing.
    const poke = setInterval(() => socket.write('\r\n'), 50);
    await over;
    clearInterval(poke);
  });

  it('lets a request that is at work go on for longer than any of these limits', async () => {
    const { rig, port } = await startRawControl({ limits: QUICK });
    const held = holdRequests(rig.world);
    const asked = rig.client().ask('getCall', { params: { callId: rig.world.callId } });
    await held.begun;
    // As long as a connection that sends nothing lives: all limits but that of the answer have passed by then.
    const quiet = await openOne(port, '');
    await closed(quiet);
    const second = await openOne(port, '');
    await closed(second);
    held.finish();
    expect((await asked).status).toBe(200);
  });

  it('waits for a request at work with the answers behind it, if their sender did not', async () => {
    const { rig, port, host, bearer } = await startRawControl({ limits: QUICK });
    const held = holdRequests(rig.world);
    const long = `GET /api/video-calls/${rig.world.callId} HTTP/1.1\r\n${host}\r\n${bearer}\r\n\r\n`;
    const answers = exchangeRaw(port, long, wire(['GET /health HTTP/1.1', host]));
    await held.begun;
    for (let n = 0; n < 3; n += 1) await closed(await openOne(port, ''));
    held.finish();
    expect(statusesOf(await answers)).toEqual([200, 200]);
  });

  it('makes room for a program when slow connections have taken all places', async () => {
    const { rig, port } = await startRawControl({ limits: { maxConnections: 20 } });
    const slow = await openSlow(port, 60, 'GET /health HTTP/1.1\r\n');
    const client = rig.client();
    for (let n = 0; n < 5; n += 1) expect((await client.ask('listCalls')).status).toBe(200);
    await openSlow(port, 60, 'GET /health HTTP/1.1\r\n');
    expect((await client.ask('listCalls')).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });

  it('makes room among programs that are at rest when there is nobody else', async () => {
    const { rig } = await startRawControl({ limits: { maxConnections: 4 } });
    for (let n = 0; n < 12; n += 1) expect((await rig.client().ask('listCalls')).status).toBe(200);
  });

  it('with 200 of them open, answers each healthy request within 200 ms, and all are gone within 15 s', async () => {
    const { rig, port, host, bearer } = await startRawControl();
    const head = `GET /health HTTP/1.1\r\n${host}\r\nX-A: `;
    const length = 'Content-Type: application/json\r\nContent-Length: 60000';
    const body = `POST /api/video-calls HTTP/1.1\r\n${host}\r\n${bearer}\r\n${length}\r\n\r\n{`;
    const openedAtMs = performance.now();
    const slow = [
      ...(await openSlow(port, 40, '')),
      ...(await openSlow(port, 120, head)),
      ...(await openSlow(port, 40, body)),
    ];
    const drip = setInterval(() => {
      for (const socket of slow.slice(40)) if (socket.writable) socket.write('a');
    }, 1000);
    const gone = slow.map(async (socket) => {
      await closed(socket);
      return performance.now() - openedAtMs;
    });
    const client = rig.client();
    let slowestMs = 0;
    for (let n = 0; n < 100; n += 1) {
      const atMs = performance.now();
      // Each second one on a connection of its own.
      const answer = await (n % 2 === 0 ? client : rig.client()).ask('listCalls');
      slowestMs = Math.max(slowestMs, performance.now() - atMs);
      expect(answer.status).toBe(200);
    }
    expect(slow.filter((socket) => !socket.destroyed)).toHaveLength(200);
    const livesMs = await Promise.all(gone);
    clearInterval(drip);
    console.log(
      `slowest healthy request ${Math.round(slowestMs)} ms, longest slow connection ${Math.round(Math.max(...livesMs))} ms`,
    );
    expect(slowestMs).toBeLessThanOrEqual(200);
    expect(Math.max(...livesMs)).toBeLessThanOrEqual(15_000);
  }, 30_000);
});
