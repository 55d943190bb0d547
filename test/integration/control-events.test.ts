import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { recordingEventSchema, type RecordingEvent } from '../../contract/recording.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import { closed, readEvents, type EventReader } from '../support/control-client.ts';
import { startControlRig, type ControlRig, type RigOptions } from '../support/control-rig.ts';

let rig: ControlRig;
const start = async (options?: RigOptions): Promise<void> => {
  rig = await startControlRig(options);
};
afterEach(async () => {
  await rig.close();
});

const deleted = (n: number): RecordingEvent => ({
  type: 'recordingDeleted',
  recordingId: recordingIdSchema.parse(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
});

/** An event of about this many bytes. */
const large = (sizeBytes: number): RecordingEvent => ({
  type: 'recordingHealth',
  recordingId: recordingIdSchema.parse('00000000-0000-4000-8000-000000000001'),
  callId: rig.world.callId,
  elapsedMs: 1,
  health: { kind: 'degraded', cause: 'disk', message: 'x'.repeat(sizeBytes) },
  tracks: [],
  space: null,
});

const read = (headers?: Record<string, string>): Promise<EventReader> =>
  readEvents({ port: rig.port(), token: rig.control.ownerToken() }, headers);

const numberOf = async (reader: EventReader): Promise<number> => {
  const event = recordingEventSchema.parse(JSON.parse((await reader.next()).data));
  return event.type === 'recordingDeleted' ? Number(event.recordingId.slice(-12)) : -1;
};

describe('the stream of events', () => {
  it('tells every recording event with its type, its data and an id', async () => {
    await start();
    const reader = await read();
    expect(reader.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(reader.headers['cache-control']).toBe('no-store');
    rig.publish(deleted(1));
    rig.publish(large(10));
    const [first, second] = [await reader.next(), await reader.next()];
    expect(first.event).toBe('recordingDeleted');
    expect(JSON.parse(first.data)).toEqual(deleted(1));
    expect(first.id).toMatch(/^[0-9a-f]{12}-1$/);
    expect([second.event, second.id.split('-')[1]]).toEqual(['recordingHealth', '2']);
    reader.close();
  });

  it('is for the owner only', async () => {
    await start();
    const { callId } = rig.world;
    const { token } = await rig
      .client()
      .data('issueToken', { params: { callId }, body: { userId: 'a', role: 'host' } });
    expect((await readEvents({ port: rig.port(), token })).status).toBe(403);
    expect((await readEvents({ port: rig.port(), token: null })).status).toBe(401);
  });

  it('goes on after the last event that a reader has', async () => {
    await start();
    const reader = await read();
    rig.publish(deleted(1));
    await reader.next();
    reader.close();
    await reader.ended;
    for (let n = 2; n <= 5; n += 1) rig.publish(deleted(n));
    const again = await read({ 'last-event-id': reader.lastEventId() });
    for (let n = 2; n <= 5; n += 1) expect(await numberOf(again)).toBe(n);
    rig.publish(deleted(6));
    expect(await numberOf(again)).toBe(6);
    again.close();
  });

  it('lets a reader come back that was cut off before any event', async () => {
    await start();
    const reader = await read();
    const alive = await read();
    rig.publish(deleted(1));
    await alive.next();
    const other = await read();
    // Its own first words came with its answer; an event that all get shows that it has read them.
    rig.publish(deleted(2));
    await other.next();
    const from = other.lastEventId();
    rig.publish(deleted(3));
    const again = await read({ 'last-event-id': from });
    expect(await numberOf(again)).toBe(3);
    for (const each of [reader, alive, other, again]) each.close();
  });

  it.each([
    ['of another run', 'ffffffffffff-3'],
    ['that is none', 'x\u00ff'],
    ['of a time to come', null],
  ])('says that something is missing to a reader with an id %s, and tells what is kept', async (_which, id) => {
    await start();
    const reader = await read();
    rig.publish(deleted(1));
    rig.publish(deleted(2));
    const run = (await reader.next()).id.split('-')[0];
    const again = await read({ 'last-event-id': id ?? `${run}-9` });
    const gap = await again.next();
    expect(gap).toMatchObject({ event: 'gap', data: '{}', id: `${run}-0` });
    expect(await numberOf(again)).toBe(1);
    expect(await numberOf(again)).toBe(2);
    reader.close();
    again.close();
  });

  it('says that something is missing to a reader that was away for too long', async () => {
    await start({ limits: { maxEvents: 10 } });
    const reader = await read();
    rig.publish(deleted(1));
    const { id } = await reader.next();
    reader.close();
    for (let n = 2; n <= 11; n += 1) rig.publish(deleted(n));
    const inTime = await read({ 'last-event-id': id });
    expect(await numberOf(inTime)).toBe(2);
    rig.publish(deleted(12));
    const late = await read({ 'last-event-id': id });
    expect((await late.next()).event).toBe('gap');
    expect(await numberOf(late)).toBe(3);
    inTime.close();
    late.close();
  });

  it('hands a reader that comes back everything that is kept, however much it is', async () => {
    await start({ limits: { maxWaitingBytes: 64 * 1024 } });
    const reader = await read();
    rig.publish(deleted(1));
    const { id } = await reader.next();
    reader.close();
    for (let n = 0; n < 200; n += 1) rig.publish(large(20_000));
    const again = await read({ 'last-event-id': id });
    for (let n = 0; n < 200; n += 1) expect((await again.next()).event).toBe('recordingHealth');
    again.close();
  });

  it('cuts a reader off that does not read', async () => {
    await start();
    const socket = connect(rig.port(), '127.0.0.1');
    socket.on('error', () => undefined);
    const token = rig.control.ownerToken();
    socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${rig.port()}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await once(socket, 'readable');
    socket.pause();
    const reader = await read();
    const over = closed(socket);
    // Far more than both sides of the loopback hold; the one who reads gets it all.
    for (let n = 0; n < 400; n += 1) {
      rig.publish(large(50_000));
      await reader.next();
    }
    const poke = setInterval(() => socket.write('\r\n'), 20);
    await over;
    clearInterval(poke);
    reader.close();
  });

  it('cuts a reader off that comes back and then takes nothing', async () => {
    await start({ limits: { heartbeatMs: 100 } });
    const reader = await read();
    rig.publish(deleted(1));
    const { id } = await reader.next();
    reader.close();
    for (let n = 0; n < 300; n += 1) rig.publish(large(50_000));
    const socket = connect(rig.port(), '127.0.0.1');
    socket.on('error', () => undefined);
    const token = rig.control.ownerToken();
    const head = `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${rig.port()}\r\nLast-Event-ID: ${id}\r\n`;
    socket.write(`${head}Authorization: Bearer ${token}\r\n\r\n`);
    await once(socket, 'readable');
    socket.pause();
    const poke = setInterval(() => socket.write('\r\n'), 50);
    await closed(socket);
    clearInterval(poke);
  });

  it('says in the middle that something is missing when a reader comes too slowly after what is kept', async () => {
    await start({ limits: { maxEvents: 50 } });
    const reader = await read();
    rig.publish(deleted(1));
    const { id } = await reader.next();
    reader.close();
    for (let n = 0; n < 50; n += 1) rig.publish(large(200_000));
    const socket = connect(rig.port(), '127.0.0.1');
    const token = rig.control.ownerToken();
    const head = `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${rig.port()}\r\nLast-Event-ID: ${id}\r\n`;
    socket.write(`${head}Authorization: Bearer ${token}\r\n\r\n`);
    await once(socket, 'readable');
    // Asked on another connection: by then the first one is as full as it gets.
    await rig.client().ask('listCalls');
    for (let n = 0; n < 100; n += 1) rig.publish(large(10));
    const ids: string[] = [];
    let text = '';
    const last = `${id.split('-')[0]}-151`;
    for await (const part of socket) {
      text += String(part);
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      ids.push(...lines.filter((line) => /^(id|event: gap)/.test(line)));
      if (ids.includes(`id: ${last}`)) break;
    }
    const gap = ids.indexOf('event: gap');
    expect(gap).toBeGreaterThan(2);
    expect(ids.slice(gap - 1)).toHaveLength(52);
    expect(ids[gap - 1]).toBe(`id: ${id.split('-')[0]}-101`);
  });

  it('shows by a comment that it is alive', async () => {
    await start({ limits: { heartbeatMs: 30 } });
    const reader = await read();
    await expect.poll(() => reader.comments()).toBeGreaterThan(2);
    reader.close();
  });

  it('has room for 16 readers, and again when one has left', async () => {
    await start();
    const readers = await Promise.all(Array.from({ length: 16 }, () => read()));
    const refused = await read();
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    readers[0]?.close();
    await expect
      .poll(async () => {
        const reader = await read();
        readers.push(reader);
        return reader.status;
      })
      .toBe(200);
    for (const reader of readers) reader.close();
  });

  it('ends when the token is renewed, and when the API is closed, without waiting for anybody', async () => {
    await start();
    const first = await read();
    await rig.control.renewToken();
    await first.ended;
    const second = await read();
    const socket = connect(rig.port(), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /health HTTP/1.1\r\n');
    await once(socket, 'connect');
    const atMs = performance.now();
    await rig.control.close();
    expect(performance.now() - atMs).toBeLessThan(1_000);
    await second.ended;
    expect(rig.control.status().state).toBe('off');
  });
});
