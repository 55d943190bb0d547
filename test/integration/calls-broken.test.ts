import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatInviteLink, parseInviteLink } from '../../contract/invite.ts';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import { app, create, on, recording, standalone } from '../support/calls-scene.ts';
import { ofType, openRaw } from '../support/room-sockets.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

describe('broken connections', () => {
  async function throughProxies() {
    const { server, signalingServer } = await standalone();
    const proxies = [await startTcpProxy(server.address.port), await startTcpProxy(server.address.port)] as const;
    for (const proxy of proxies) onTestFinished(() => proxy.close());
    const [hostProxy, guestProxy] = proxies;
    const host = app({ signalingServer: `ws://127.0.0.1:${hostProxy.port}` });
    const guest = app();
    const call = await create(host);
    const invite = parseInviteLink(call.inviteLink);
    const link = formatInviteLink({ ...invite, server: `ws://127.0.0.1:${guestProxy.port}` });
    const joined = await guest.join({ link, name: 'Bob', consented: true, ...on });
    await host.until(({ call }) => call?.participants.length === 2);
    return { server, signalingServer, host, guest, hostProxy, guestProxy, call, joined };
  }

  test('a guest whose socket was cut comes back as the same participant, with what they changed meanwhile', async () => {
    const { host, guest, guestProxy, server, joined } = await throughProxies();
    guestProxy.target(null);
    guestProxy.cut();
    await guest.until(({ call }) => call?.connection === 'reconnecting');
    await host.until(({ call }) => call?.participants[1]?.present === false);
    guest.setMedia({ microphoneOn: false, cameraOn: false });
    guestProxy.target(server.address.port);
    const back = await guest.until(({ call }) => call?.connection === 'connected');
    expect(back.call).toMatchObject({ selfId: joined.selfId, ticket: joined.ticket });
    const seen = await host.until(({ call }) => call?.participants[1]?.microphoneOn === false);
    expect(seen.call?.participants).toHaveLength(2);
    expect(seen.call?.participants[1]).toMatchObject({ id: joined.selfId, present: true, cameraOn: false });
  });

  test('a host whose socket was cut is the host still, and what it recorded meanwhile is told again', async () => {
    const { host, guest, hostProxy, server, call } = await throughProxies();
    hostProxy.target(null);
    hostProxy.cut();
    await host.until(({ call }) => call?.connection === 'reconnecting');
    host.publishRecording(recording);
    await guest.until(({ call }) => call?.participants[0]?.present === false);
    hostProxy.target(server.address.port);
    await guest.until(({ call }) => call?.recording?.health.kind === 'ok');
    expect(host.current()).toMatchObject({ role: 'host', selfId: call.selfId, connection: 'connected', recording });
    await host.end();
    expect(await guest.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'endedByHost' });
  });

  test('the light on a guest’s screen claims nothing while the host is away', async () => {
    const { host, guest, hostProxy, server } = await throughProxies();
    host.publishRecording(recording);
    await guest.until(({ call }) => call?.recording?.health.kind === 'ok');
    hostProxy.target(null);
    hostProxy.cut();
    await guest.until(({ call }) => call?.recording?.health.kind === 'degraded');
    hostProxy.target(server.address.port);
    await guest.until(({ call }) => call?.recording?.health.kind === 'ok');
  });

  test('a server that crashed and came back without its calls ends them typed', async () => {
    const { host, guest, hostProxy, guestProxy } = await throughProxies();
    const next = await standalone();
    for (const proxy of [hostProxy, guestProxy]) {
      proxy.target(next.server.address.port);
      proxy.cut();
    }
    for (const one of [host, guest]) {
      expect(await one.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'serverGone' });
      expect(one.changes.some(({ call }) => call?.connection === 'reconnecting')).toBe(true);
    }
  });

  test('a server that is closed in order ends its calls typed', async () => {
    const { host, guest, server } = await throughProxies();
    await server.close();
    for (const one of [host, guest]) {
      expect(await one.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'serverGone' });
    }
  });

  test('a host that ends the call while the server is out of reach is out at once', async () => {
    const { host, hostProxy } = await throughProxies();
    hostProxy.target(null);
    hostProxy.cut();
    await host.until(({ call }) => call?.connection === 'reconnecting');
    await host.end();
    expect(host.changes.at(-1)).toEqual({ call: null, endReason: 'endedByHost' });
  });

  test('a guest who was away too long is told that the place is gone', async () => {
    const { server, signalingServer } = await standalone({ limits: { graceMs: 50, sweepEveryMs: 10 } });
    const proxy = await startTcpProxy(server.address.port);
    onTestFinished(() => proxy.close());
    const [host, guest] = [app({ signalingServer }), app()];
    const call = await create(host);
    const link = formatInviteLink({ ...parseInviteLink(call.inviteLink), server: `ws://127.0.0.1:${proxy.port}` });
    await guest.join({ link, name: 'Bob', consented: false, ...on });
    await host.until(({ call }) => call?.participants.length === 2);
    proxy.target(null);
    proxy.cut();
    await host.until(({ call }) => call?.participants.length === 1);
    proxy.target(server.address.port);
    expect(await guest.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'serverGone' });
  });

  test('a place that was taken over by another connection is not fought for', async () => {
    const hostile = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(hostile, 'listening');
    onTestFinished(async () => hostile.close());
    const address = hostile.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { signalingServer } = await standalone();
    // A relay in front of the real server that, once the call stands, closes with the code of a takeover.
    hostile.on('connection', (socket) => {
      socket.once('message', (data) => {
        const relay = async (): Promise<void> => {
          const upstream = await openRaw(`${signalingServer}/rooms`);
          upstream.send(Buffer.isBuffer(data) ? data.toString('utf8') : '');
          socket.send(JSON.stringify(await upstream.next(ofType('entered'))));
          socket.close(CLOSE_CODES.replaced);
          upstream.socket.terminate();
        };
        relay().catch(() => socket.terminate());
      });
    });
    const host = app({ signalingServer: `ws://127.0.0.1:${port}` });
    await create(host);
    expect(await host.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'serverGone' });
  });
});
