import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { controlRoutes, type ControlRouteName } from '../../contract/control-routes.ts';
import { controlClient, type ControlClient } from '../support/control-client.ts';
import { exchange } from '../support/raw-http.ts';
import { statusOf } from '../support/windowless-app.ts';
import type { AttackedCall } from './attacked-call.ts';
import { openControlOf } from './fuzz-control.ts';
import type { RoleBook } from './role-book.ts';

const EXCHANGE_MS = 5_000;

/** What a participant of a call may not do by the control API. */
const FORBIDDEN: readonly ControlRouteName[] = [
  'createCall',
  'joinCall',
  'endCall',
  'leaveCall',
  'issueToken',
  'revokeToken',
  'startRecording',
  'stopRecording',
  'pauseRecording',
  'resumeRecording',
  'addMarker',
  'deleteRecording',
  'listRecordings',
  'exportRecording',
  'cleanUp',
  'stats',
];

/** Tokens of the control API, of identities that may less than they ask for. The call and its recording end in here. */
export async function attackControlRoles(book: RoleBook, scene: AttackedCall): Promise<void> {
  const { host, guest, call, recording } = scene;
  const { port, token: owner } = await openControlOf(host);
  const client = controlClient({ port, token: owner });
  const theirs = await openControlOf(guest);
  try {
    const issue = async (userId: string, role: 'participant' | 'host', validSeconds = 600): Promise<string> => {
      const input = { params: { callId: call.id }, body: { userId, role, validSeconds } };
      return (await client.data('issueToken', input)).token;
    };
    const ben = await issue('ben', 'participant');
    const cara = await issue('cara', 'host');
    const isTaken = taker(client, { callId: call.id, recordingId: recording.id, link: call.inviteLink });

    for (const name of FORBIDDEN) {
      await book.attack(`a participant's token asks for ${name}`, () => isTaken(name, ben));
      await book.attack(`no token asks for ${name}`, () => isTaken(name, null));
    }
    // A host of one call is no owner of the app.
    for (const name of [
      'createCall',
      'joinCall',
      'leaveCall',
      'listRecordings',
      'exportRecording',
      'cleanUp',
      'stats',
    ] as const) {
      await book.attack(`a host's token asks for ${name}`, () => isTaken(name, cara));
    }
    await book.right('a participant reads how the recording is', () => isTaken('getRecording', ben));
    await book.right('a participant reads the call', () => isTaken('getCall', ben));
    await book.right('a host adds a marker', () => isTaken('addMarker', cara));
    await book.right('the owner reads figures', () => isTaken('stats', owner));
    await book.attack(
      'a participant reads the stream of events',
      async () => (await client.send('GET', '/api/events', { token: ben })).status === 200,
    );

    for (const [who, token] of [
      ['a participant', ben],
      ['a host', cara],
      ['the owner', owner],
    ] as const) {
      for (const userId of ['dora', 'Ben', 'ben/', '', 'ben,cara', scene.guestCall.selfId]) {
        await book.attack(`${who} as “${userId}”`, () => isTaken('getRecording', token, { 'x-user-id': userId }));
      }
    }
    await book.attack('a participant as the owner', () => isTaken('getRecording', ben, { 'x-user-id': 'owner' }));
    await book.right('a participant by their name', () => isTaken('getRecording', ben, { 'x-user-id': 'ben' }));

    await wornOut(book, client, { issue, isTaken, callId: call.id });
    await smuggled(book, { port, ben, cara, callId: call.id, recordingId: recording.id });
    await guestsApp(book, theirs, { callId: call.id, recordingId: recording.id, owner });

    await afterTheCall(book, scene, { client, ben, cara });
  } finally {
    client.close();
  }
}

type IsTaken = (name: ControlRouteName, token: string | null, headers?: Record<string, string>) => Promise<boolean>;

/** Asks for a route in the right way with any token; whether it was given. */
function taker(client: ControlClient, ids: { callId: string; recordingId: string; link: string }): IsTaken {
  const params: Record<string, string> = { ...ids, userId: 'cara' };
  return async (name, token, headers = {}) => {
    const { method, path } = controlRoutes[name];
    const target = path.replaceAll(/:(\w+)/g, (_part, key: string) => params[key] ?? '');
    const bodies: Partial<Record<ControlRouteName, object>> = {
      createCall: { title: 'Mine' },
      joinCall: { link: ids.link },
      issueToken: { userId: 'eve', role: 'host' },
      addMarker: { name: 'Mine' },
      exportRecording: { format: 'mkv' },
      cleanUp: { maxAgeMs: 0 },
    };
    const body = bodies[name];
    const answer = await client.send(method, target, { token, headers, ...(body === undefined ? {} : { body }) });
    return answer.status < 300;
  };
}

/** Tokens that were taken away, are over, or were replaced. */
async function wornOut(
  book: RoleBook,
  client: ControlClient,
  how: {
    issue: (userId: string, role: 'participant' | 'host', validSeconds?: number) => Promise<string>;
    isTaken: IsTaken;
    callId: string;
  },
): Promise<void> {
  const { issue, isTaken, callId } = how;
  const revoked = await issue('rob', 'host');
  await book.right('a token before it is taken away', () => isTaken('addMarker', revoked));
  await client.data('revokeToken', { params: { callId, userId: 'rob' } });
  await book.attack('a token that was taken away', () => isTaken('getRecording', revoked));
  const first = await issue('sue', 'host');
  const second = await issue('sue', 'participant');
  await book.attack('a token that was replaced', () => isTaken('getRecording', first));
  await book.attack('what the replaced token allowed', () => isTaken('addMarker', second));
  const short = await issue('tom', 'host', 1);
  await book.right('a token of a second', () => isTaken('addMarker', short));
  await delay(1_200);
  await book.attack('a token of a second, later', () => isTaken('getRecording', short));
}

/** Requests that say one thing to one reader and another to the next. */
async function smuggled(
  book: RoleBook,
  {
    port,
    ben,
    cara,
    callId,
    recordingId,
  }: { port: number; ben: string; cara: string; callId: string; recordingId: string },
): Promise<void> {
  const markers = `/api/video-calls/${callId}/recording/markers`;
  const status = `/api/video-calls/${callId}/recording/${recordingId}`;
  const isTaken = async (line: string, headers: readonly string[], body = ''): Promise<boolean> => {
    const json = body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`];
    const head = [`${line} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, ...json, 'Connection: close'].join('\r\n');
    const { answers } = await exchange(port, Buffer.from(`${head}\r\n\r\n${body}`), EXCHANGE_MS);
    return answers.some((answer) => answer.status < 300);
  };
  const [asBen, asCara] = [`Authorization: Bearer ${ben}`, `Authorization: Bearer ${cara}`];
  await book.right('a marker by a host, in raw bytes', () => isTaken(`POST ${markers}`, [asCara], '{}'));
  for (const headers of [
    [asBen, asCara],
    [asCara, asBen],
    [`${asBen}, Bearer ${cara}`],
    [asBen, `authorization : Bearer ${cara}`],
    [asBen, `Proxy-Authorization: Bearer ${cara}`, `X-Authorization: Bearer ${cara}`, `Cookie: token=${cara}`],
    [`X-A: 1\r\n ${asCara}`, asBen],
  ]) {
    await book.attack(`two tokens: ${headers.length} headers`, () => isTaken(`POST ${markers}`, headers, '{}'));
  }
  for (const where of [
    `${markers}?token=${cara}`,
    `${markers}?access_token=${cara}`,
    `${markers}?authorization=Bearer%20${cara}`,
  ]) {
    await book.attack('a token in the address', () => isTaken(`POST ${where}`, [], '{}'));
  }
  for (const method of ['DELETE', 'POST']) {
    const headers = [
      asBen,
      `X-HTTP-Method-Override: ${method}`,
      `X-HTTP-Method: ${method}`,
      `X-Method-Override: ${method}`,
    ];
    await book.attack(`another method by a header (${method})`, async () => {
      await isTaken(`GET ${status}?_method=${method}`, headers);
      await isTaken(`GET ${status}`, headers);
      // Reading it is a participant's right; it must still be there.
      return !(await isTaken(`GET ${status}`, [asBen]));
    });
  }
  // Pipelined behind a request of their own: what was proved for the first says nothing of the second.
  await book.attack('a second request behind a good one, without a token', async () => {
    const first = `GET ${status} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${asCara}\r\n\r\n`;
    const second = `DELETE ${status} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
    const { answers } = await exchange(port, Buffer.from(first + second), EXCHANGE_MS);
    return (answers[1]?.status ?? 401) < 300;
  });
}

/** The guest's own app is its owner's; the host's call is not. */
async function guestsApp(
  book: RoleBook,
  theirs: { port: number; token: string },
  { callId, recordingId, owner }: { callId: string; recordingId: string; owner: string },
): Promise<void> {
  const client = controlClient(theirs);
  try {
    const isTaken = taker(client, { callId, recordingId, link: '' });
    const names = [
      'endCall',
      'issueToken',
      'startRecording',
      'stopRecording',
      'pauseRecording',
      'addMarker',
      'deleteRecording',
      'getRecording',
    ] as const;
    for (const name of names) {
      await book.attack(`the owner of a guest's app asks it for ${name}`, () => isTaken(name, theirs.token));
    }
    await book.attack("the owner's token of one app at another", () => isTaken('stats', owner));
    await book.right("the owner of a guest's app reads the call", () => isTaken('getCall', theirs.token));
  } finally {
    client.close();
  }
}

/** The next call of the same app, and what is left of the one before. */
async function afterTheCall(
  book: RoleBook,
  { host, recording, trackId, segment, call }: AttackedCall,
  { client, ben, cara }: { client: ControlClient; ben: string; cara: string },
): Promise<void> {
  const recordingId = recording.id;
  await host.ask('call.end', {});
  await host.ask('recording.closeSegment', { recordingId, trackId, segment, reason: 'stopped' });
  await statusOf(host, 'completed');
  const next = await client.data('createCall', { body: { name: 'Ana', title: 'Next' } });
  const { id: another } = await client.data('startRecording', { params: { callId: next.callId } });
  const inNext = taker(client, { callId: next.callId, recordingId: another, link: next.inviteLink });
  const mixed = taker(client, { callId: call.id, recordingId: another, link: next.inviteLink });
  const names = [
    'getCall',
    'endCall',
    'issueToken',
    'stopRecording',
    'pauseRecording',
    'addMarker',
    'getRecording',
    'deleteRecording',
  ] as const;
  for (const [who, token] of [
    ['a participant', ben],
    ['a host', cara],
  ] as const) {
    for (const name of names) {
      await book.attack(`${who} of the call before asks the next one for ${name}`, () => inNext(name, token));
    }
    for (const name of ['getRecording', 'deleteRecording'] as const) {
      await book.attack(`${who} of the call before, for ${name} of the next one's recording`, () => mixed(name, token));
    }
  }
  for (const callId of [randomUUID(), next.callId]) {
    const elsewhere = taker(client, { callId, recordingId, link: '' });
    await book.attack('a host of the call before, for its recording as if of another call', () =>
      elsewhere('deleteRecording', cara),
    );
  }
  await book.right('the owner reads how the next recording is', async () => {
    return (
      (await client.data('getRecording', { params: { callId: next.callId, recordingId: another } })).id === another
    );
  });
  await host.ask('call.end', {});
}
