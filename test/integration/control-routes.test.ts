import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControlRig, type ControlRig } from '../support/control-rig.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(async () => {
  await rig.close();
});

const unknownId = '00000000-0000-4000-8000-00000000dead';

describe('the routes of the control API', () => {
  it('answers /health without a token, in the envelope', async () => {
    const { status, envelope, headers } = await rig.client(null).ask('health');
    expect(status).toBe(200);
    expect(envelope).toEqual({ success: true, data: { status: 'ok', version: '1.2.3' }, message: 'The app runs.' });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('says 201 for what was made and 200 for what was asked', async () => {
    const client = rig.client();
    expect((await client.ask('createCall', { body: { title: 'Standup' } })).status).toBe(201);
    expect((await client.ask('getCall', { params: { callId: rig.world.callId } })).status).toBe(200);
    const started = await client.ask('startRecording', { params: { callId: rig.world.callId } });
    expect(started.status).toBe(201);
    expect(started.envelope).toMatchObject({ data: { status: 'recording', callId: rig.world.callId } });
  });

  it('takes a body whose fields all have a default as one that was not sent', async () => {
    expect((await rig.client().ask('createCall')).status).toBe(201);
  });

  it('gives the typed error of a handler with its status', async () => {
    const client = rig.client();
    await client.data('startRecording', { params: { callId: rig.world.callId } });
    const again = await client.ask('startRecording', { params: { callId: rig.world.callId } });
    expect(again.status).toBe(409);
    expect(again.envelope).toEqual({
      success: false,
      error: { code: 'RECORDING_RUNNING', message: 'A recording is running.' },
    });
    expect((await client.ask('getCall', { params: { callId: unknownId } })).status).toBe(404);
  });

  it('tells nothing of a fault inside but tells the app of it', async () => {
    const answer = await rig.client().ask('stats');
    expect(answer.status).toBe(500);
    expect(answer.envelope).toMatchObject({ success: false, error: { code: 'INTERNAL' } });
    expect(answer.text).not.toContain('secret words');
    expect(rig.faults).toMatchObject([{ name: 'stats' }]);
  });

  it('finds an answer that the contract does not know to be a fault', async () => {
    rig.world.handlers.getCall = async () => ({ data: { callId: 'x' } as never, message: '' });
    const client = rig.client();
    expect((await client.ask('getCall', { params: { callId: rig.world.callId } })).status).toBe(500);
    rig.world.handlers.endCall = async () => ({ data: { ticket: 'a secret' } as never, message: '' });
    const more = await client.ask('endCall', { params: { callId: rig.world.callId } });
    expect([more.status, more.text.includes('a secret')]).toEqual([500, false]);
    expect(rig.faults).toHaveLength(2);
  });

  it.each([
    ['not an id', 'GET', '/api/video-calls/1', undefined, 'path.callId'],
    ['an empty id', 'GET', '/api/video-calls/', undefined, 'path.callId'],
    ['an id with dots', 'GET', '/api/video-calls/..%2f..%2fetc%2fpasswd', undefined, 'path.callId'],
    ['an id of 4000 characters', 'GET', `/api/video-calls/${'a'.repeat(4000)}`, undefined, 'path.callId'],
    ['an unknown field of the query', 'GET', '/api/video-calls?verbose=1', undefined, 'query.verbose'],
    ['an unknown field of a query that is not plain', 'GET', '/api/video-calls?%3Cb%3E=1', undefined, 'query'],
    ['a field of the query that is there twice', 'GET', '/api/recordings?limit=1&limit=2', undefined, 'query.limit'],
    ['a limit above the largest', 'GET', '/api/recordings?limit=201', undefined, 'query.limit'],
    ['an unknown field of the body', 'POST', '/api/recordings/cleanup', { maxAgeMs: 1, force: true }, 'body.force'],
    ['a field of another kind', 'POST', '/api/recordings/cleanup', { maxAgeMs: 'secret-value' }, 'body.maxAgeMs'],
    ['a missing field', 'POST', '/api/recordings/cleanup', {}, 'body.maxAgeMs'],
    ['a missing body', 'POST', '/api/recordings/cleanup', undefined, 'body.maxAgeMs'],
    ['a body that is a list', 'POST', '/api/recordings/cleanup', [], 'body'],
    ['a body where none is wanted', 'POST', `/api/video-calls/${unknownId}/end`, {}, 'body'],
    ['a body of GET', 'GET', '/api/video-calls', {}, 'body'],
    ['a body of /health', 'GET', '/health', {}, 'body'],
  ])('refuses %s by the name of the field and never its value', async (_what, method, target, body, field) => {
    const answer = await rig.client().send(method, target, { body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({
      success: false,
      error: { code: 'INVALID_INPUT', details: { field } },
    });
    expect(answer.text).not.toContain('secret-value');
    expect(rig.faults).toEqual([]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/api'],
    ['GET', '//api/video-calls'],
    ['GET', '/api/video-calls/../recordings'],
    ['GET', '/API/video-calls'],
    ['PUT', '/api/video-calls'],
    ['PATCH', '/api/video-calls'],
    ['HEAD', '/health'],
    ['OPTIONS', '/api/video-calls'],
    ['PROPFIND', '/api/video-calls'],
    ['TRACE', '/health'],
    ['POST', '/api/events'],
    ['DELETE', '/api/recordings'],
  ])('knows nothing at %s %s', async (method, target) => {
    const answer = await rig.client().send(method, target);
    expect(answer.status).toBe(404);
    if (method !== 'HEAD') expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'UNKNOWN_REQUEST' } });
  });

  it('refuses an address that cannot be decoded', async () => {
    const answer = await rig.client().send('GET', '/api/video-calls/%zz');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ success: false, error: { code: 'INVALID_INPUT' } });
  });

  it('says on every answer that it is not to be kept, guessed at or shown elsewhere, and not what it runs on', async () => {
    const client = rig.client();
    const answers = await Promise.all([
      client.send('GET', '/health'),
      client.send('GET', '/nothing'),
      client.send('GET', '/api/video-calls/%zz'),
      client.send('GET', '/health', { headers: { origin: 'https://example.org' } }),
      client.send('GET', '/api/openapi.json'),
    ]);
    for (const { headers } of answers) {
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['server']).toBeUndefined();
      expect(headers['x-powered-by']).toBeUndefined();
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});
