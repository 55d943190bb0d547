import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Call } from '../../contract/call.ts';
import { formatInviteLink, parseInviteLink } from '../../contract/invite.ts';
import type { Settings } from '../../contract/settings.ts';
import { app, create, join, on, recording, standalone } from '../support/calls-scene.ts';

const names = (call: Call | null) => call?.participants.map((participant) => participant.name);

async function portAnswers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    (response) => response.ok,
    () => false,
  );
}

describe('a call on the server inside the host’s app', () => {
  test('host and guest meet, see each other’s media, and the guest leaves', async () => {
    const [host, guest] = [app(), app()];
    const created = await create(host);
    expect(created).toMatchObject({ role: 'host', title: 'Standup', connection: 'connected', recording: null });
    const joined = await join(guest, created);
    expect(joined).toMatchObject({ id: created.id, role: 'participant', hostId: created.selfId });
    expect(names(joined)).toEqual(['Ada', 'Bob']);
    await host.until(({ call }) => call?.participants.length === 2);
    guest.setMedia({ microphoneOn: false, cameraOn: true });
    expect(guest.current()?.participants[1]).toMatchObject({ microphoneOn: false, cameraOn: true });
    await host.until(({ call }) => call?.participants[1]?.microphoneOn === false);
    await guest.leave();
    expect(guest.changes.at(-1)).toEqual({ call: null, endReason: 'left' });
    await host.until(({ call }) => call?.participants.length === 1);
  });

  test('the host ends the call for all, and the server goes after everybody heard it', async () => {
    const [host, guest] = [app(), app()];
    await join(guest, await create(host));
    const port = host.servers[0]?.address.port ?? 0;
    expect(await portAnswers(port)).toBe(true);
    await host.end();
    expect(await portAnswers(port)).toBe(false);
    expect(host.changes.at(-1)).toEqual({ call: null, endReason: 'endedByHost' });
    expect(await guest.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'endedByHost' });
  });

  test('a host who leaves, or whose app closes, ends the call for all', async () => {
    for (const goes of ['leave', 'close'] as const) {
      const [host, guest] = [app(), app()];
      await join(guest, await create(host));
      await host[goes]();
      expect(host.changes.at(-1)).toEqual({ call: null, endReason: 'left' });
      expect(await guest.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'endedByHost' });
      expect(await portAnswers(host.servers[0]?.address.port ?? 0)).toBe(false);
    }
  });

  test('the next call gets a server of its own, and the old link is no good', async () => {
    const [host, guest] = [app(), app()];
    const first = await create(host);
    await host.end();
    const second = await create(host);
    expect(host.servers).toHaveLength(2);
    await expect(join(guest, first)).rejects.toMatchObject({
      code: first.ticket.port === second.ticket.port ? 'INVITE_INVALID' : 'SIGNALING_UNREACHABLE',
    });
    await join(guest, second);
  });

  test('the invite names the address of the network, the own window stays on the loopback', async () => {
    const host = app({ signalingListenHost: '0.0.0.0' }, ['192.0.2.7']);
    const call = await create(host);
    expect(call.ticket.host).toBe('127.0.0.1');
    expect(parseInviteLink(call.inviteLink).server).toBe(`ws://192.0.2.7:${call.ticket.port}`);
  });

  test('the chosen format decides the codec of the call for everybody, the ICE servers are each app’s own', async () => {
    const iceServers = [{ urls: ['stun:stun.example.org'] }];
    const codecs = [];
    for (const format of ['webm', 'mp4', 'mkv'] as const) {
      const [host, guest] = [app({ format }), app({ iceServers })];
      const call = await create(host);
      const joined = await join(guest, call);
      codecs.push([call.ticket.videoCodec, joined.ticket.videoCodec]);
      expect([call.ticket.iceServers, joined.ticket.iceServers]).toEqual([[], iceServers]);
      await host.end();
    }
    expect(codecs).toEqual([
      ['vp8', 'vp8'],
      ['h264', 'h264'],
      ['h264', 'h264'],
    ]);
  });
});

describe('permissions', () => {
  test('one call at a time, also while the first is still being entered', async () => {
    const host = app();
    const first = create(host);
    await expect(create(host)).rejects.toMatchObject({ code: 'ALREADY_IN_CALL' });
    const call = await first;
    await expect(join(host, call)).rejects.toMatchObject({ code: 'ALREADY_IN_CALL' });
    expect(host.servers).toHaveLength(1);
  });

  test('outside a call nothing is allowed; in one, only the host may end it or tell of a recording', async () => {
    const [host, guest] = [app(), app()];
    const notInCall = expect.objectContaining({ code: 'NOT_IN_CALL' });
    const notHost = expect.objectContaining({ code: 'NOT_HOST' });
    expect(() => guest.requireParticipant()).toThrowError(notInCall);
    expect(() => guest.requireHost()).toThrowError(notInCall);
    expect(() => guest.setMedia(on)).toThrowError(notInCall);
    await expect(guest.leave()).rejects.toThrowError(notInCall);
    await expect(guest.end()).rejects.toThrowError(notInCall);
    guest.publishRecording(null);
    const call = await create(host);
    await join(guest, call);
    expect(host.requireHost().id).toBe(call.id);
    expect(guest.requireParticipant().id).toBe(call.id);
    expect(() => guest.requireHost()).toThrowError(notHost);
    expect(() => guest.publishRecording(recording)).toThrowError(notHost);
    await expect(guest.end()).rejects.toThrowError(notHost);
    expect(host.current()?.recording).toBeNull();
  });

  test('a closed service takes no more calls', async () => {
    const host = app();
    await host.close();
    await expect(create(host)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('closing while a call is being entered leaves nothing behind', async () => {
    const host = app();
    const entering = expect(create(host)).rejects.toMatchObject({ code: expect.any(String) });
    await host.close();
    await entering;
    expect(host.current()).toBeNull();
    for (const server of host.servers) expect(await portAnswers(server.address.port)).toBe(false);
  });
});

describe('the notice of a recording', () => {
  test('it reaches the guests, is in the preview, and lets nobody in who did not consent', async () => {
    const [host, guest, late] = [app(), app(), app()];
    const call = await create(host);
    await join(guest, call);
    host.publishRecording(recording);
    expect(host.current()?.recording).toEqual(recording);
    await guest.until(({ call }) => call?.recording?.state === 'recording');
    expect(await late.inspect(call.inviteLink)).toMatchObject({ hostName: 'Ada', participantCount: 2, recording });
    await expect(join(late, call)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(late.current()).toBeNull();
    const joined = await join(late, call, true);
    expect(joined.recording).toEqual(recording);
    // The refused attempt was seen by nobody: the next one after the guest is this one.
    await host.until(({ call }) => call?.participants.length === 3);
    expect(host.changes.filter(({ call }) => call?.participants.length === 3)).toHaveLength(1);
    host.publishRecording(null);
    await guest.until(({ call }) => call?.recording === null);
  });

  test('the light on a guest’s screen claims nothing when the host’s app falls silent, until it speaks again', async () => {
    const [host, guest] = [app(), app()];
    await join(guest, await create(host));
    host.publishRecording(recording);
    await guest.until(({ call }) => call?.recording?.health.kind === 'ok');
    const litAtMs = performance.now();
    const silent = await guest.until(({ call }) => call?.recording?.health.kind === 'degraded');
    expect(performance.now() - litAtMs).toBeLessThan(3_500);
    expect(silent.call?.recording?.health).toMatchObject({ cause: 'captureLost' });
    host.publishRecording(recording);
    await guest.until(({ call }) => call?.recording?.health.kind === 'ok');
    expect(host.current()?.recording?.health.kind).toBe('ok');
  });
});

describe('doors that do not open', () => {
  test('a full call is refused with the reason', async () => {
    const host = app();
    const call = await create(host);
    for (let n = 2; n <= 6; n += 1) await join(app(), call);
    const late = app();
    expect(await late.inspect(call.inviteLink)).toMatchObject({ full: true, participantCount: 6 });
    await expect(join(late, call)).rejects.toMatchObject({ code: 'CALL_FULL', retryable: true });
    await expect(create(late)).resolves.toMatchObject({ role: 'host' });
  });

  test('links that are no links, wrong tokens and calls that are over are typed errors', async () => {
    const { server, signalingServer } = await standalone();
    const [host, guest] = [app({ signalingServer }), app()];
    const call = await create(host);
    const invite = parseInviteLink(call.inviteLink);
    const link = (changes: Partial<typeof invite>) => formatInviteLink({ ...invite, ...changes });
    const attempt = async (text: string) => guest.join({ link: text, name: 'Bob', consented: true, ...on });
    await expect(attempt('https://example.org')).rejects.toMatchObject({ code: 'INVITE_INVALID' });
    await expect(attempt(link({ token: 'x'.repeat(50) }))).rejects.toMatchObject({ code: 'INVITE_INVALID' });
    const other = await create(app({ signalingServer }));
    await expect(attempt(link({ token: parseInviteLink(other.inviteLink).token }))).rejects.toMatchObject({
      code: 'INVITE_INVALID',
    });
    await host.end();
    await expect(attempt(call.inviteLink)).rejects.toMatchObject({ code: 'CALL_ENDED' });
    await expect(guest.inspect(call.inviteLink)).rejects.toMatchObject({ code: 'CALL_ENDED' });
    await server.close();
    await expect(attempt(call.inviteLink)).rejects.toMatchObject({ code: 'SIGNALING_UNREACHABLE' });
  });

  test('an unreachable server is named in the error, and a call can be created afterwards', async () => {
    const { server, signalingServer } = await standalone();
    await server.close();
    const settings: Partial<Settings> = { signalingServer };
    const host = app(settings);
    const failure = create(host);
    await expect(failure).rejects.toMatchObject({ code: 'SIGNALING_UNREACHABLE', retryable: true });
    await expect(failure).rejects.toThrowError(signalingServer);
    settings.signalingServer = '';
    expect(host.current()).toBeNull();
  });

  test('a web server behind the address is not followed and not believed', async () => {
    const seen: string[] = [];
    const web = createServer((_request, response) => response.writeHead(200).end());
    web.on('upgrade', (request, stream) => {
      seen.push(request.url ?? '');
      stream.end('HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n');
    });
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    onTestFinished(() => void web.close());
    const address = web.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(create(app({ signalingServer: `ws://127.0.0.1:${port}` }))).rejects.toMatchObject({
      code: 'SIGNALING_REFUSED',
    });
    expect(seen).toEqual(['/rooms']);
  });

  test.each([
    ['an oversized frame', 'x'.repeat(64 * 1024 + 1)],
    ['frames that are not in the contract', '{"type":"entered","requestId":1}'],
  ])('a server that answers with %s is given up', async (_what, text) => {
    const hostile = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(hostile, 'listening');
    hostile.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', () => {
        for (let n = 0; n < 5; n += 1) socket.send(text);
      });
    });
    onTestFinished(() => hostile.close());
    const address = hostile.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(create(app({ signalingServer: `ws://127.0.0.1:${port}` }))).rejects.toMatchObject({
      code: 'SIGNALING_UNREACHABLE',
    });
  });

  test('a server that accepts and then says nothing is given up after five seconds', async () => {
    const silent = createTcpServer((stream) => stream.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const startMs = performance.now();
    await expect(create(app({ signalingServer: `ws://127.0.0.1:${port}` }))).rejects.toMatchObject({
      code: 'SIGNALING_UNREACHABLE',
    });
    expect(performance.now() - startMs).toBeLessThan(6000);
  });

  test('an address with a path is refused before anything is sent', async () => {
    const host = app({ signalingServer: 'wss://calls.example.org/path' });
    await expect(create(host)).rejects.toMatchObject({ code: 'SIGNALING_REFUSED' });
  });
});
