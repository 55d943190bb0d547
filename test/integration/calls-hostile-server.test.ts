import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import type { Call } from '../../contract/call.ts';
import { formatInviteLink, parseInviteLink } from '../../contract/invite.ts';
import { app, create, join, on, recording, standalone } from '../support/calls-scene.ts';
import { joinBy, ofType, openRaw } from '../support/room-sockets.ts';

const names = (call: Call | null) => call?.participants.map((participant) => participant.name);

test.each<[string, (frame: string) => string, string]>([
  [
    'shows a recording that was not consented to',
    (frame) => frame.replace('"recording":null', `"recording":${JSON.stringify(recording)}`),
    'CONFLICT',
  ],
  [
    'makes a guest the host',
    (frame) => frame.replace(/"hostId":"[^"]*"(.*"selfId":("[^"]*"))/, '"hostId":$2$1'),
    'SIGNALING_REFUSED',
  ],
])('an answer that %s is not entered, and the others see us leave at once', async (_what, tamper, code) => {
  const { signalingServer } = await standalone();
  const relay = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(relay, 'listening');
  onTestFinished(() => relay.close());
  relay.on('connection', (socket) => {
    const upstream = new WebSocket(`${signalingServer}/rooms`);
    const opened = once(upstream, 'open');
    const textOf = (data: unknown): string => (Buffer.isBuffer(data) ? data.toString('utf8') : '');
    socket.on('message', (data) => void opened.then(() => upstream.send(textOf(data))));
    upstream.on('message', (data) => socket.send(tamper(textOf(data))));
    upstream.on('close', () => socket.close());
    socket.on('close', () => upstream.close());
  });
  const address = relay.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const [host, guest] = [app({ signalingServer }), app()];
  const call = await create(host);
  const link = formatInviteLink({ ...parseInviteLink(call.inviteLink), server: `ws://127.0.0.1:${port}` });
  await expect(guest.join({ link, name: 'Bob', consented: false, ...on })).rejects.toMatchObject({ code });
  expect([guest.current(), guest.changes]).toEqual([null, []]);
  await host.until(({ call }) => call?.participants.length === 1 && host.changes.length >= 3);
  expect(host.changes.map(({ call }) => call?.participants.map(({ present }) => present))).toEqual([
    [true],
    [true, true],
    [true],
  ]);
});

test('a guest who sends host frames over a socket of their own changes nothing for the apps in the call', async () => {
  const [host, guest] = [app(), app()];
  const call = await create(host);
  await join(guest, call);
  const { callId, token } = parseInviteLink(call.inviteLink);
  const raw = await openRaw(`ws://127.0.0.1:${call.ticket.port}/rooms`);
  await joinBy(raw, { callId, invite: token }, 'Eve', true);
  raw.send({ type: 'recording', recording });
  await raw.next(ofType('refused'));
  raw.send({ type: 'end', requestId: 2 });
  await raw.next(ofType('refused'));
  for (const participantId of [call.selfId, ...(guest.current()?.participants.map(({ id }) => id) ?? [])]) {
    raw.send({ type: 'remove', requestId: 3, participantId });
    expect((await raw.next(ofType('refused'))).error.code).toBe('NOT_HOST');
  }
  raw.send({ type: 'media', microphoneOn: false, cameraOn: false });
  for (const one of [host, guest]) {
    const { call } = await one.until(({ call }) => call?.participants[2]?.cameraOn === false);
    expect(call?.recording).toBeNull();
    expect(names(call)).toEqual(['Ada', 'Bob', 'Eve']);
    expect(call?.inviteLink).toBe(one.changes[0]?.call?.inviteLink);
  }
});
