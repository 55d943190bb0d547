import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { startControlRig, type ControlRig } from '../support/control-rig.ts';
import { holdRequests } from '../support/held-requests.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(async () => {
  await rig.close();
});

const start = (key: string | null, token?: string) =>
  rig.client(token).ask('startRecording', {
    params: { callId: rig.world.callId },
    headers: key === null ? {} : { 'idempotency-key': key },
  });

describe('an Idempotency-Key', () => {
  it('gives the same answer again and does nothing a second time', async () => {
    const first = await start('start-1');
    const second = await start('start-1');
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect([second.status, second.headers['idempotency-replayed']]).toEqual([201, 'true']);
    expect(second.text).toBe(first.text);
    expect(rig.world.starts()).toBe(1);
  });

  it('lets those who come meanwhile wait for the first', async () => {
    const held = holdRequests(rig.world);
    const first = start('start-1');
    await held.begun;
    const others = [start('start-1'), start('start-1')];
    // Answered while the first is at work: the others are with the app by then.
    await rig.client().ask('listCalls');
    held.finish();
    const answers = await Promise.all([first, ...others]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(rig.world.starts()).toBe(1);
  });

  it('keeps a refusal as well', async () => {
    await start(null);
    const refused = await start('start-2');
    await rig.client().data('stopRecording', { params: { callId: rig.world.callId } });
    const again = await start('start-2');
    expect([refused.status, again.status, again.headers['idempotency-replayed']]).toEqual([409, 409, 'true']);
    expect((await start('start-3')).status).toBe(201);
  });

  it('does not keep a fault, so that the next try is a real one', async () => {
    let fails = 1;
    rig.world.before = async () => {
      if (fails-- > 0) throw new Error('broken');
    };
    expect((await start('start-1')).status).toBe(500);
    expect((await start('start-1')).status).toBe(201);
  });

  it('does not keep that there was too much to do', async () => {
    let fails = 1;
    rig.world.before = async () => {
      if (fails-- > 0) throw new AppError('RATE_LIMITED', 'Later.');
    };
    expect((await start('start-1')).status).toBe(429);
    expect((await start('start-1')).status).toBe(201);
  });

  it('does not keep an error that may be over at the next try', async () => {
    let fails = 1;
    rig.world.before = async () => {
      if (fails-- > 0) throw new AppError('SIGNALING_UNREACHABLE', 'No way.', { retryable: true });
    };
    expect((await start('start-1')).status).toBe(409);
    expect((await start('start-1')).status).toBe(201);
  });

  it('forgets after ten minutes', async () => {
    await start('start-1');
    rig.passMs(10 * 60_000 - 1_000);
    expect((await start('start-1')).status).toBe(201);
    rig.passMs(1_000);
    expect((await start('start-1')).status).toBe(409);
  });

  it('refuses the same key with another body or for another call', async () => {
    const client = rig.client();
    const headers = { 'idempotency-key': 'one' };
    const first = await client.ask('createCall', { body: { title: 'A' }, headers });
    const same = await client.ask('createCall', { body: { title: 'A', maxParticipants: undefined }, headers });
    const other = await client.ask('createCall', { body: { title: 'B' }, headers });
    expect([first.status, same.status]).toEqual([201, 201]);
    expect([other.status, other.envelope]).toMatchObject([409, { error: { code: 'CONFLICT' } }]);
    await start('two');
    const params = { callId: '00000000-0000-4000-8000-00000000dead' };
    const elsewhere = await client.ask('startRecording', { params, headers: { 'idempotency-key': 'two' } });
    expect([elsewhere.status, elsewhere.envelope]).toMatchObject([409, { error: { code: 'CONFLICT' } }]);
  });

  it('belongs to one identity, one role and one route', async () => {
    const { callId } = rig.world;
    const deck = { userId: 'deck', role: 'host' as const };
    const { token } = await rig.client().data('issueToken', { params: { callId }, body: deck });
    expect((await start('same', token)).status).toBe(201);
    expect((await start('same')).status).toBe(409);
    const stop = await rig
      .client(token)
      .ask('stopRecording', { params: { callId }, headers: { 'idempotency-key': 'same' } });
    expect(stop.status).toBe(200);
    const lower = await rig.client().data('issueToken', { params: { callId }, body: { userId: 'deck' } });
    const after = await start('same', lower.token);
    expect([after.status, after.envelope]).toMatchObject([403, { error: { code: 'NOT_HOST' } }]);
  });

  it.each([[''], ['a b'], ['ä'], ['x'.repeat(201)]])('of the form "%s" is refused', async (key) => {
    const encoded = Buffer.from(key, 'utf8').toString('latin1');
    const answer = await start(encoded);
    expect([answer.status, answer.envelope]).toMatchObject([400, { error: { details: { field: 'idempotency-key' } } }]);
    expect(rig.world.starts()).toBe(0);
  });

  it('of 200 characters is taken', async () => {
    expect((await start('~'.repeat(200))).status).toBe(201);
  });
});
