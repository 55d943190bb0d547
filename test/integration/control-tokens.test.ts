import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONTROL_HOST } from '../../contract/control.ts';
import { startControlRig, type ControlRig } from '../support/control-rig.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(async () => {
  await rig.close();
});

const unknownId = '00000000-0000-4000-8000-00000000dead';
const issue = async (role: 'host' | 'participant', userId = 'deck', validSeconds = 60): Promise<string> => {
  const { callId } = rig.world;
  const { token } = await rig.client().data('issueToken', { params: { callId }, body: { userId, role, validSeconds } });
  return token;
};

describe('tokens of the control API', () => {
  it('asks for one everywhere but at /health', async () => {
    const client = rig.client(null);
    for (const target of ['/api/video-calls', '/api/recordings', '/api/stats', '/api/events', '/api/openapi.json']) {
      const answer = await client.send('GET', target);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect(JSON.parse(answer.text)).toMatchObject({ success: false, error: { code: 'UNAUTHORIZED' } });
    }
    expect((await client.ask('health')).status).toBe(200);
  });

  it('looks at the token before it looks at what was asked', async () => {
    const answer = await rig.client(null).send('GET', '/api/video-calls/not-an-id?x=1');
    expect(answer.status).toBe(401);
  });

  it.each([
    ['one that was never given out', 'A'.repeat(43)],
    ['half of the real one', (token: string) => token.slice(0, 20)],
    ['the real one and a letter more', (token: string) => `${token}A`],
    ['an endless one', 'a'.repeat(5000)],
  ])('refuses %s', async (_what, token) => {
    const sent = typeof token === 'string' ? token : token(rig.control.ownerToken());
    expect((await rig.client(sent).ask('listCalls')).status).toBe(401);
  });

  it.each(['Basic', 'Bearer:', 'Token', ''])('refuses the real token under the scheme "%s"', async (scheme) => {
    const headers = { authorization: `${scheme} ${rig.control.ownerToken()}` };
    expect((await rig.client(null).ask('listCalls', { headers })).status).toBe(401);
  });

  it('takes the scheme in any case', async () => {
    const headers = { authorization: `bEARER ${rig.control.ownerToken()}` };
    expect((await rig.client(null).ask('listCalls', { headers })).status).toBe(200);
  });

  it('lets a participant see its call and nothing that hosts or the owner do', async () => {
    const { callId } = rig.world;
    const client = rig.client(await issue('participant'));
    expect((await client.ask('getCall', { params: { callId } })).status).toBe(200);
    const refused = await client.ask('startRecording', { params: { callId } });
    expect([refused.status, refused.envelope]).toMatchObject([403, { error: { code: 'NOT_HOST' } }]);
    for (const name of ['listRecordings', 'createCall'] as const) {
      const { status, envelope } = await client.ask(name);
      expect([status, envelope]).toMatchObject([403, { error: { code: 'FORBIDDEN' } }]);
    }
    expect((await client.ask('getCall', { params: { callId: unknownId } })).status).toBe(403);
    expect((await client.send('GET', '/api/events')).status).toBe(403);
    expect(rig.world.starts()).toBe(0);
  });

  it('lets a host of the call record', async () => {
    const client = rig.client(await issue('host'));
    expect((await client.ask('startRecording', { params: { callId: rig.world.callId } })).status).toBe(201);
  });

  it('gives an identity one token at a time, and takes it away at once', async () => {
    const { callId } = rig.world;
    const first = rig.client(await issue('host'));
    const second = rig.client(await issue('participant'));
    expect((await first.ask('getCall', { params: { callId } })).status).toBe(401);
    expect((await second.ask('getCall', { params: { callId } })).status).toBe(200);
    await rig.client().data('revokeToken', { params: { callId, userId: 'deck' } });
    expect((await second.ask('getCall', { params: { callId } })).status).toBe(401);
    expect((await rig.client().ask('revokeToken', { params: { callId, userId: 'deck' } })).status).toBe(404);
  });

  it('takes away with a token what was given by it: whoever was shut out has no other one', async () => {
    const { callId } = rig.world;
    const deck = rig.client(await issue('host'));
    const body = { userId: 'deck-again', role: 'host' as const };
    const { token } = await deck.data('issueToken', { params: { callId }, body });
    const again = rig.client(token);
    expect((await again.ask('getCall', { params: { callId } })).status).toBe(200);
    await rig.client().data('revokeToken', { params: { callId, userId: 'deck' } });
    expect((await again.ask('getCall', { params: { callId } })).status).toBe(401);
  });

  it('does nothing for a body that ends after its sender was shut out', async () => {
    const { callId } = rig.world;
    const token = await issue('host');
    await rig.client().data('startRecording', { params: { callId } });
    const socket = connect(rig.port(), CONTROL_HOST);
    const body = JSON.stringify({ name: 'late' });
    socket.write(
      `POST /api/video-calls/${callId}/recording/markers HTTP/1.1\r\nHost: ${CONTROL_HOST}:${rig.port()}\r\n` +
        `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n` +
        `Content-Length: ${body.length}\r\n\r\n`,
    );
    // The token was good when the head was read.
    expect(String((await once(socket, 'data'))[0])).toContain('100 Continue');
    await rig.client().data('revokeToken', { params: { callId, userId: 'deck' } });
    socket.write(body);
    expect(String((await once(socket, 'data'))[0])).toContain('401 Unauthorized');
    socket.destroy();
  });

  it('lets a token die with its time', async () => {
    const client = rig.client(await issue('host', 'deck', 10));
    rig.passMs(9_000);
    expect((await client.ask('listCalls')).status).toBe(200);
    rig.passMs(1_000);
    expect((await client.ask('listCalls')).status).toBe(401);
  });

  it('takes X-User-Id only if it is the identity of the token', async () => {
    const member = await issue('participant', 'deck');
    const ask = async (token: string | undefined, userId: string): Promise<number> =>
      (await rig.client(token).ask('listCalls', { headers: { 'x-user-id': userId } })).status;
    expect(await ask(undefined, 'owner')).toBe(200);
    expect(await ask(undefined, rig.world.selfId)).toBe(200);
    expect(await ask(undefined, 'deck')).toBe(403);
    expect(await ask(undefined, unknownId)).toBe(403);
    expect(await ask(member, 'deck')).toBe(200);
    expect(await ask(member, 'owner')).toBe(403);
    expect(await ask(member, rig.world.selfId)).toBe(403);
    expect(await ask(member, 'Deck')).toBe(403);
    expect(await ask(member, '')).toBe(403);
  });

  it('does not look at wrong tokens for a minute after 20 of them, and serves a good one all the while', async () => {
    const wrong = rig.client('x'.repeat(43));
    const member = rig.client(await issue('host'));
    for (let n = 0; n < 20; n += 1) expect((await wrong.ask('listCalls')).status).toBe(401);
    const locked = await wrong.ask('listCalls');
    expect([locked.status, locked.envelope]).toMatchObject([429, { error: { code: 'RATE_LIMITED' } }]);
    const seconds = Number(locked.headers['retry-after']);
    expect(seconds).toBeGreaterThan(55);
    expect(seconds).toBeLessThanOrEqual(60);
    expect((await rig.client(null).ask('listCalls')).status).toBe(429);
    expect((await rig.client().ask('listCalls')).status).toBe(200);
    expect((await member.ask('listCalls')).status).toBe(200);
    expect((await rig.client(null).ask('health')).status).toBe(200);
    rig.passMs(seconds * 1000);
    expect((await wrong.ask('listCalls')).status).toBe(401);
  });

  it('counts no request that came without a token', async () => {
    const client = rig.client(null);
    for (let n = 0; n < 30; n += 1) expect((await client.ask('listCalls')).status).toBe(401);
  });

  it('refuses the old owner token as soon as there is a new one', async () => {
    const before = rig.control.ownerToken();
    await rig.control.renewToken();
    expect(rig.control.ownerToken()).not.toBe(before);
    expect((await rig.client(before).ask('listCalls')).status).toBe(401);
    expect((await rig.client().ask('listCalls')).status).toBe(200);
  });

  it('says no token in the log, in an answer or in a fault', async () => {
    const member = await issue('host');
    const owner = rig.control.ownerToken();
    const client = rig.client();
    const answers = await Promise.all([
      client.send('GET', '/api/stats'),
      client.send('GET', '/api/video-calls'),
      client.send('GET', `/api/video-calls/${owner}`),
      client.send('GET', '/api/openapi.json'),
      rig.client(member).send('POST', '/api/recordings/cleanup', { body: { [member]: 1 } }),
    ]);
    await rig.control.renewToken();
    await rig.control.close();
    const said = JSON.stringify([answers, rig.logged, rig.faults, rig.control.status()]);
    for (const token of [owner, member, rig.control.ownerToken()].filter((each) => each !== '')) {
      expect(said).not.toContain(token);
    }
    expect(rig.logged).toHaveLength(3);
  });
});
