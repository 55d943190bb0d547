import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { afterEach, describe, expect, test } from 'vitest';
import type { Call } from '../../contract/call.ts';
import { participantIdSchema } from '../../contract/ids.ts';
import { formatInviteLink, parseInviteLink } from '../../contract/invite.ts';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import { passingIdentity } from '../support/passing-identity.ts';
import { callsApp, type CallsApp } from '../support/calls-app.ts';
import { on, standalone } from '../support/calls-scene.ts';
import { createFrame, ofType, openRaw } from '../support/room-sockets.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const app = (options: Parameters<typeof callsApp>[1] = {}) => callsApp((close) => cleanUps.push(close), options);
const create = async (host: CallsApp, maxParticipants = 6) =>
  host.create({ name: 'Ada', title: 'Standup', maxParticipants, ...on });
const join = async (guest: CallsApp, link: string, name = 'Bob') => guest.join({ link, name, consented: false, ...on });
const idOf = (call: Call | null, name: string) =>
  call?.participants.find((participant) => participant.name === name)?.id ?? participantIdSchema.parse(randomUUID());

describe('removing somebody from a call', () => {
  test('ends it for them with that reason, for good; the others go on under a new link', async () => {
    const identityFor = passingIdentity();
    const [host, bob, cleo] = [app(), app({ identityFor }), app()];
    const { inviteLink: oldLink } = await create(host);
    await join(bob, oldLink);
    await join(cleo, oldLink, 'Cleo');
    await host.until(({ call }) => call?.participants.length === 3);
    await host.remove(idOf(host.current(), 'Bob'));
    // All of it is known to the host's app when the request is answered.
    expect(host.current()?.participants.map(({ name }) => name)).toEqual(['Ada', 'Cleo']);
    const newLink = host.current()?.inviteLink ?? '';
    expect(newLink).not.toBe(oldLink);
    expect(parseInviteLink(newLink)).toMatchObject({ ...parseInviteLink(oldLink), token: expect.any(String) });
    expect(await bob.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'removed' });
    await cleo.until(({ call }) => call?.inviteLink === newLink && call.participants.length === 2);
    for (const link of [oldLink, newLink]) {
      await expect(bob.inspect(link)).rejects.toMatchObject({ code: 'REMOVED_FROM_CALL', retryable: false });
      await expect(join(bob, link)).rejects.toMatchObject({ code: 'REMOVED_FROM_CALL', retryable: false });
    }
    // The same installation, started again.
    await expect(join(app({ identityFor }), newLink)).rejects.toMatchObject({ code: 'REMOVED_FROM_CALL' });
    expect(bob.changes.some(({ call }) => call?.connection === 'reconnecting')).toBe(false);
  });

  test('another installation gets in by the new link, and is told of it when it has the old one', async () => {
    const [host, bob, dora] = [app(), app(), app()];
    const { inviteLink: oldLink } = await create(host);
    await join(bob, oldLink);
    await host.until(({ call }) => call?.participants.length === 2);
    await host.remove(idOf(host.current(), 'Bob'));
    const failure = join(dora, oldLink, 'Dora');
    await expect(failure).rejects.toMatchObject({ code: 'INVITE_INVALID' });
    await expect(failure).rejects.toThrowError('Ask the host for the new one');
    const joined = await join(dora, host.current()?.inviteLink ?? '', 'Dora');
    expect(joined.participants.map(({ name }) => name)).toEqual(['Ada', 'Dora']);
  });

  test('a guest cannot, a host cannot remove themselves, and somebody unknown is not found', async () => {
    const [host, bob] = [app(), app()];
    const call = await create(host);
    const joined = await join(bob, call.inviteLink);
    await host.until(({ call }) => call?.participants.length === 2);
    await expect(bob.remove(call.selfId)).rejects.toMatchObject({ code: 'NOT_HOST' });
    await expect(host.remove(call.selfId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(host.remove(participantIdSchema.parse(randomUUID()))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect([host.current()?.inviteLink, bob.current()?.selfId]).toEqual([call.inviteLink, joined.selfId]);
    await expect(app().remove(call.selfId)).rejects.toMatchObject({ code: 'NOT_IN_CALL' });
  });

  test('somebody whose connection is broken at that moment hears of it when they come back', async () => {
    const { server } = await standalone();
    const proxy = await startTcpProxy(server.address.port);
    cleanUps.push(() => proxy.close());
    const [host, bob] = [app({ settings: { signalingServer: `ws://127.0.0.1:${server.address.port}` } }), app()];
    const call = await create(host);
    const link = formatInviteLink({ ...parseInviteLink(call.inviteLink), server: `ws://127.0.0.1:${proxy.port}` });
    await join(bob, link);
    await host.until(({ call }) => call?.participants.length === 2);
    proxy.target(null);
    proxy.cut();
    await host.until(({ call }) => call?.participants[1]?.present === false);
    await host.remove(idOf(host.current(), 'Bob'));
    proxy.target(server.address.port);
    expect(await bob.until(({ call }) => call === null)).toEqual({ call: null, endReason: 'removed' });
  });

  test('a guest who was away while somebody else was removed comes back to their place and finds the new link', async () => {
    const { server } = await standalone();
    const proxy = await startTcpProxy(server.address.port);
    cleanUps.push(() => proxy.close());
    const [host, bob, cleo] = [
      app({ settings: { signalingServer: `ws://127.0.0.1:${server.address.port}` } }),
      app(),
      app(),
    ];
    const call = await create(host);
    const viaProxy = `ws://127.0.0.1:${proxy.port}`;
    const joined = await join(
      cleo,
      formatInviteLink({ ...parseInviteLink(call.inviteLink), server: viaProxy }),
      'Cleo',
    );
    await join(bob, call.inviteLink);
    await host.until(({ call }) => call?.participants.length === 3);
    proxy.target(null);
    proxy.cut();
    await cleo.until(({ call }) => call?.connection === 'reconnecting');
    await host.remove(idOf(host.current(), 'Bob'));
    proxy.target(server.address.port);
    const back = await cleo.until(({ call }) => call?.connection === 'connected');
    expect(back.call).toMatchObject({ selfId: joined.selfId, participants: [{ name: 'Ada' }, { name: 'Cleo' }] });
    // The same permission as everybody's, by the way that this app goes itself.
    const { token } = parseInviteLink(host.current()?.inviteLink ?? '');
    expect(parseInviteLink(back.call?.inviteLink ?? '')).toMatchObject({ server: viaProxy, token });
  });

  test('what keeps people out is in no log', async () => {
    const lines: string[] = [];
    const log = {
      info: (facts: object, message: string) => void lines.push(JSON.stringify([facts, message])),
      warn: (facts: object, message: string) => void lines.push(JSON.stringify([facts, message])),
    };
    const identityFor = passingIdentity();
    const { server } = await standalone({ log });
    const [host, bob] = [
      app({ log, settings: { signalingServer: `ws://127.0.0.1:${server.address.port}` } }),
      app({ log, identityFor }),
    ];
    const call = await create(host);
    const joined = await join(bob, call.inviteLink);
    await host.until(({ call }) => call?.participants.length === 2);
    await host.remove(joined.selfId);
    await bob.until(({ call }) => call === null);
    await expect(join(bob, call.inviteLink)).rejects.toMatchObject({ code: 'REMOVED_FROM_CALL' });
    expect(lines.length).toBeGreaterThan(0);
    for (const secret of [identityFor(call.id), joined.ticket.token, parseInviteLink(call.inviteLink).token]) {
      expect(lines.join('\n')).not.toContain(secret);
    }
  });
});

describe('how many people a call takes', () => {
  test('as many as its host said: the one after is told why; more than the server takes is refused with the reason', async () => {
    const [host, bob, cleo] = [app(), app(), app()];
    const call = await create(host, 2);
    expect(call.participantLimit).toBe(2);
    await join(bob, call.inviteLink);
    const failure = join(cleo, call.inviteLink, 'Cleo');
    await expect(failure).rejects.toMatchObject({ code: 'CALL_FULL', details: { limit: 2 } });
    await expect(failure).rejects.toThrowError('its host set it for 2 people');
    const greedy = create(cleo, 7);
    await expect(greedy).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { limit: 6 } });
    await expect(greedy).rejects.toThrowError('at most 6 people');
    await expect(create(cleo, 6)).resolves.toMatchObject({ participantLimit: 6 });
  });
});

describe('what an app makes of each close code', () => {
  /** A server that lets a host enter by a real one behind it, then closes the connection with a code, once. */
  async function closingServer(code: number) {
    const { server } = await standalone();
    const relay = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(relay, 'listening');
    cleanUps.push(async () => {
      for (const client of relay.clients) client.terminate();
      relay.close();
    });
    let closes = 0;
    relay.on('connection', (socket) => {
      socket.on('error', () => undefined);
      const pass = async (): Promise<void> => {
        const upstream = await openRaw(`ws://127.0.0.1:${server.address.port}/rooms`);
        cleanUps.push(() => upstream.close());
        const [data] = await firstMessage;
        upstream.send(Buffer.isBuffer(data) ? data.toString('utf8') : '');
        socket.send(JSON.stringify(await upstream.next(ofType('entered'))));
        if ((closes += 1) > 1) return;
        socket.close(code);
        upstream.socket.terminate();
      };
      const firstMessage = once(socket, 'message');
      pass().catch(() => socket.terminate());
    });
    const address = relay.address();
    return `ws://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  }

  test.each([
    ['removed', 'removed'],
    ['callEnded', 'endedByHost'],
    ['replaced', 'serverGone'],
  ] as const)('%s ends the call as %s, without trying to come back', async (name, endReason) => {
    const host = app({ settings: { signalingServer: await closingServer(CLOSE_CODES[name]) } });
    await create(host);
    expect(await host.until(({ call }) => call === null)).toEqual({ call: null, endReason });
    expect(host.changes.some(({ call }) => call?.connection === 'reconnecting')).toBe(false);
  });

  test('the others are a wish to be left alone: the app comes back to its place three seconds later', async () => {
    const comeBack = async (code: number): Promise<void> => {
      const host = app({ settings: { signalingServer: await closingServer(code) } });
      const { selfId } = await create(host);
      await host.until(({ call }) => call?.connection === 'reconnecting');
      const lostAtMs = performance.now();
      const back = await host.until(({ call }) => call?.connection === 'connected');
      expect(performance.now() - lostAtMs, String(code)).toBeGreaterThan(2900);
      expect(back.call?.selfId).toBe(selfId);
    };
    const { tooFast, tooManySockets, badFrame, badToken } = CLOSE_CODES;
    await Promise.all([tooFast, tooManySockets, badFrame, badToken].map(comeBack));
  });

  test.each([
    ['tooFast', 'RATE_LIMITED', true],
    ['tooManySockets', 'RATE_LIMITED', true],
    ['removed', 'REMOVED_FROM_CALL', false],
    ['callEnded', 'CALL_ENDED', false],
    ['replaced', 'NOT_IN_CALL', false],
    ['badFrame', 'SIGNALING_REFUSED', false],
    ['badToken', 'SIGNALING_REFUSED', false],
  ] as const)('%s instead of an answer is the error %s', async (name, code, retryable) => {
    const curt = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(curt, 'listening');
    cleanUps.push(async () => curt.close());
    curt.on('connection', (socket) => socket.once('message', () => socket.close(CLOSE_CODES[name])));
    const address = curt.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(create(app({ settings: { signalingServer: `ws://127.0.0.1:${port}` } }))).rejects.toMatchObject({
      code,
      retryable,
    });
  });

  test('an address with too many sockets is told so in words, and so is one that guessed too often', async () => {
    const { server: crowded } = await standalone({ limits: { socketsPerAddress: 1 } });
    const first = await openRaw(`ws://127.0.0.1:${crowded.address.port}/rooms`);
    first.send(createFrame());
    const { room, invite } = await first.next(ofType('entered'));
    const at = (port: number, token: string) =>
      formatInviteLink({ callId: room.callId, server: `ws://127.0.0.1:${port}`, token });
    await expect(join(app(), at(crowded.address.port, invite))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      message: expect.stringContaining('Too many apps'),
    });
    const { server: strict } = await standalone({ limits: { failedEntriesPerMinute: 1 } });
    const wrong = at(strict.address.port, 'x'.repeat(40));
    await expect(join(app(), wrong)).rejects.toMatchObject({ code: 'INVITE_INVALID' });
    await expect(join(app(), wrong)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      message: expect.stringContaining('Wait a minute'),
    });
  });

  test('a server of the protocol before is named as older than the app', async () => {
    const old = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(old, 'listening');
    cleanUps.push(async () => old.close());
    // What version 1 of the server answers to every other version.
    const message = 'This signaling server speaks version 1, the app speaks version 2. Update the older one.';
    const error = { code: 'SIGNALING_REFUSED', message, retryable: false };
    old.on('connection', (socket) =>
      socket.once('message', () => socket.send(JSON.stringify({ type: 'refused', requestId: 1, error }))),
    );
    const address = old.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(create(app({ settings: { signalingServer: `ws://127.0.0.1:${port}` } }))).rejects.toMatchObject(error);
  });
});
