import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CONTROL_LIMITS } from '../../main/control/control-limits.ts';
import { closed, exchangeRaw } from '../support/control-client.ts';
import { startRawControl, statusesOf, wire } from '../support/raw-control.ts';

describe('requests that are not what they seem', () => {
  it.each([
    ['an absolute target with a foreign host', 'GET http://example.org/api/video-calls HTTP/1.1', 400],
    ['an absolute target of this host', 'GET http://127.0.0.1/health HTTP/1.1', 400],
    ['the target of the whole server', 'OPTIONS * HTTP/1.1', 400],
    ['a target with a fragment', 'GET /health#x HTTP/1.1', 400],
  ])('refuses %s', async (_which, line, status) => {
    const { port, host, bearer } = await startRawControl();
    const answer = await exchangeRaw(port, wire([line, host, bearer]));
    expect(statusesOf(answer)).toEqual([status]);
    expect(answer).toContain('"code":"INVALID_INPUT"');
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a handshake of TLS', Buffer.from('16030100f8010000f40303', 'hex')],
    ['a request line of an unknown version', 'GET / HTTP/7.5\r\n\r\n'],
    ['a header with a line break inside', 'GET /health HTTP/1.1\r\nX: a\rb\r\n\r\n'],
    ['a folded header', 'GET /health HTTP/1.1\r\nX: a\r\n b: c\r\n d\r\n\x00\r\n\r\n'],
    ['a header without a name', 'GET /health HTTP/1.1\r\n: a\r\n\r\n'],
    ['two lengths', 'POST /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length and pieces', 'POST /x HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a length that is no number', 'POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n'],
    ['a length beyond all numbers', `POST /x HTTP/1.1\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\n`],
    ['a head beyond 8 KiB', `GET /health HTTP/1.1\r\nX: ${'a'.repeat(9000)}\r\n\r\n`],
    ['a target beyond 8 KiB', `GET /${'a'.repeat(9000)} HTTP/1.1\r\n\r\n`],
    ['a tunnel', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'],
  ])('answers %s with a plain 400 and closes', async (_which, text) => {
    const { rig, port } = await startRawControl();
    const answer = await exchangeRaw(port, text);
    expect(statusesOf(answer)).toEqual([400]);
    expect(answer).toContain('\r\n\r\nBad Request\n');
    expect((await rig.client(null).ask('health')).status).toBe(200);
    expect(rig.faults).toEqual([]);
  });

  it('refuses a body of plain JSON whose fields convert to nothing as bad input', async () => {
    const { rig, port, host, bearer } = await startRawControl();
    const body = '{"name":{"length":{"toString":1,"valueOf":1}}}';
    const head = ['POST /api/video-calls HTTP/1.1', host, bearer, 'Content-Type: application/json'];
    const answer = await exchangeRaw(port, wire([...head, `Content-Length: ${body.length}`], body));
    expect(statusesOf(answer)).toEqual([400]);
    expect(answer).toContain('"code":"INVALID_INPUT"');
    expect(rig.faults).toEqual([]);
  });

  it.each([
    ['a piece of a length that is no number', 'zz\r\nhello\r\n'],
    ['a piece that is longer than it said', '2\r\nhello\r\n0\r\n\r\n'],
  ])('does not run a request whose body has %s', async (_which, body) => {
    const { port, host, bearer } = await startRawControl();
    const head = ['POST /api/video-calls HTTP/1.1', host, bearer, 'Content-Type: application/json'];
    const answer = await exchangeRaw(port, wire([...head, 'Transfer-Encoding: chunked'], body));
    expect(statusesOf(answer).filter((status) => status !== 400)).toEqual([]);
  });

  it('reads a body that comes in pieces', async () => {
    const { port, host, bearer } = await startRawControl();
    const head = ['POST /api/video-calls HTTP/1.1', host, bearer, 'Content-Type: application/json; charset=UTF-8'];
    const body = '4\r\n{"ti\r\nc\r\ntle":"Talk"}\r\n0\r\nTrailer-Field: x\r\n\r\n';
    const answer = await exchangeRaw(port, wire([...head, 'Transfer-Encoding: chunked'], body));
    expect(statusesOf(answer)).toEqual([201]);
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/json; charset=latin1'],
    ['application/json, text/plain'],
    ['application/jsonp'],
    ['application/json; charset=utf-8; x=y'],
    [''],
  ])('refuses a body of type "%s"', async (type) => {
    const { port, host, bearer } = await startRawControl();
    const head = ['POST /api/video-calls HTTP/1.1', host, bearer, `Content-Type: ${type}`, 'Content-Length: 2'];
    expect(statusesOf(await exchangeRaw(port, wire(head, '{}')))).toEqual([400]);
  });

  it('refuses a coding of transfer that it does not know', async () => {
    const { port, host, bearer } = await startRawControl();
    const head = ['POST /api/video-calls HTTP/1.1', host, bearer, 'Content-Type: application/json'];
    expect(statusesOf(await exchangeRaw(port, wire([...head, 'Transfer-Encoding: gzip, chunked'])))).toEqual([400]);
  });

  it('refuses a body without a type, and one that is compressed', async () => {
    const { port, host, bearer } = await startRawControl();
    const head = ['POST /api/video-calls HTTP/1.1', host, bearer, 'Content-Length: 2'];
    expect(statusesOf(await exchangeRaw(port, wire(head, '{}')))).toEqual([400]);
    const packed = [...head, 'Content-Type: application/json', 'Content-Encoding: gzip'];
    expect(statusesOf(await exchangeRaw(port, wire(packed, '{}')))).toEqual([400]);
  });

  it.each([
    ['half of an object', '{"title":'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['nothing but spaces', '   '],
    ['60,000 lists in each other', '['.repeat(60_000)],
    ['a prototype', '{"__proto__":{"title":"x"}}'],
    ['a constructor', '{"constructor":{"prototype":{}}}'],
  ])('refuses %s as a body and quotes none of it', async (_which, body) => {
    const { rig, port, host, bearer } = await startRawControl();
    const bytes = Buffer.from(body);
    const head = wire([
      'POST /api/video-calls HTTP/1.1',
      host,
      bearer,
      'Content-Type: application/json',
      `Content-Length: ${bytes.length}`,
    ]);
    const answer = await exchangeRaw(port, head, bytes);
    expect(statusesOf(answer)).toEqual([400]);
    expect(answer).toContain('"code":"INVALID_INPUT"');
    expect(rig.faults).toEqual([]);
  });

  it('takes a body of 64 KiB and refuses one byte more, by its length and by its pieces', async () => {
    const { rig, port, host, bearer } = await startRawControl();
    const client = rig.client();
    const body = (sizeBytes: number): string => `{"maxAgeMs":1${' '.repeat(sizeBytes - 14)}}`;
    const lines = ['POST /api/recordings/cleanup HTTP/1.1', host, bearer, 'Content-Type: application/json'];
    const limit = CONTROL_LIMITS.maxBodyBytes;
    const whole = (sizeBytes: number): string => {
      const text = body(sizeBytes);
      return wire([...lines, `Content-Length: ${text.length}`], text);
    };
    const inPieces = (sizeBytes: number): string => {
      const text = body(sizeBytes);
      return wire([...lines, 'Transfer-Encoding: chunked'], `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
    };
    expect(body(limit)).toHaveLength(limit);
    expect(statusesOf(await exchangeRaw(port, whole(limit)))).toEqual([200]);
    expect(statusesOf(await exchangeRaw(port, inPieces(limit)))).toEqual([200]);
    for (const request of [whole(limit + 1), inPieces(limit + 1)]) {
      const answer = await exchangeRaw(port, request);
      expect(statusesOf(answer)).toEqual([413]);
      expect(answer).toContain('"code":"PAYLOAD_TOO_LARGE"');
    }
    expect((await client.ask('health')).status).toBe(200);
  });

  it('reads no body of somebody without a token, and only a bounded part of what is sent on', async () => {
    const { port, host } = await startRawControl({ limits: { maxRefusedBytes: 256 * 1024 } });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (part: Buffer) => {
      answer += part.toString('latin1');
    });
    const type = 'Content-Type: application/json';
    socket.write(`POST /api/video-calls HTTP/1.1\r\n${host}\r\n${type}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await once(socket, 'data');
    expect(statusesOf(answer)).toEqual([401]);
    const piece = `4000\r\n${'a'.repeat(0x4000)}\r\n`;
    let sentBytes = 0;
    const over = closed(socket);
    const push = (): void => {
      while (!socket.destroyed && sentBytes < 64 * 1024 * 1024) {
        sentBytes += piece.length;
        if (!socket.write(piece)) break;
      }
    };
    socket.on('drain', push);
    push();
    await over;
    expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
  });

  it('refuses an expectation that it does not know', async () => {
    const { port, host } = await startRawControl();
    const answer = await exchangeRaw(port, wire(['GET /health HTTP/1.1', host, 'Expect: cake']));
    expect(statusesOf(answer)).toEqual([400]);
  });

  it('asks for a body that is announced first only when the head is right', async () => {
    const { port, host, bearer } = await startRawControl();
    const lines = (first: string): string =>
      wire([
        'POST /api/recordings/cleanup HTTP/1.1',
        first,
        bearer,
        'Expect: 100-continue',
        'Content-Type: application/json',
        'Content-Length: 14',
      ]);
    expect(statusesOf(await exchangeRaw(port, lines(host), '{"maxAgeMs":1}'))).toEqual([100, 200]);
    expect(statusesOf(await exchangeRaw(port, lines('Host: example.org'), '{"maxAgeMs":1}'))).toEqual([403]);
  });

  it('speaks no other protocol, however it is asked for', async () => {
    const { port, host } = await startRawControl();
    for (const protocol of ['websocket', 'h2c']) {
      const lines = [
        'GET /health HTTP/1.1',
        host,
        `Upgrade: ${protocol}`,
        'Connection: Upgrade',
        'HTTP2-Settings: AAMAAABk',
      ];
      expect(statusesOf(await exchangeRaw(port, wire(lines)))).toEqual([200]);
    }
  });

  it.each([
    ['authorization', 'Authorization: Bearer x'],
    ['x-user-id', 'X-User-Id: owner'],
    ['idempotency-key', 'Idempotency-Key: 1'],
    ['content-type', 'Content-Type: application/json'],
  ])('refuses two headers %s', async (field, line) => {
    const { port, host } = await startRawControl();
    const answer = await exchangeRaw(port, wire(['GET /api/video-calls HTTP/1.1', host, line, line]));
    expect(statusesOf(answer)).toEqual([400]);
    expect(answer).toContain(`"field":"${field}"`);
  });

  it('answers requests that are sent without waiting, in their order', async () => {
    const { port, host, bearer } = await startRawControl();
    const requests = [
      `GET /health HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET /api/video-calls HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET /api/video-calls HTTP/1.1\r\n${host}\r\n${bearer}\r\n\r\n`,
      `GET /nothing HTTP/1.1\r\n${host}\r\n\r\n`,
    ];
    const answer = await exchangeRaw(port, requests.join(''), wire(['GET /health HTTP/1.1', host]));
    expect(statusesOf(answer)).toEqual([200, 401, 200, 404, 200]);
  });

  it('does not take the rest of a longer body for a request', async () => {
    const { rig, port, host, bearer } = await startRawControl();
    const hidden = `POST /api/video-calls/${rig.world.callId}/recording/start HTTP/1.1\r\n${host}\r\n${bearer}\r\n\r\n`;
    const type = 'Content-Type: application/json';
    const length = `Content-Length: ${hidden.length}`;
    // Refused before its body is read: what follows is still its body.
    const first = `POST /api/video-calls HTTP/1.1\r\n${host}\r\n${type}\r\n${length}\r\n\r\n${hidden}`;
    const answer = await exchangeRaw(port, first, wire(['GET /health HTTP/1.1', host]));
    expect(statusesOf(answer)).toEqual([401, 200]);
    expect(rig.world.starts()).toBe(0);
  });

  it('closes a connection after its last request', async () => {
    const { port, host } = await startRawControl({ limits: { requestsPerConnection: 3 } });
    const answer = await exchangeRaw(port, `GET /health HTTP/1.1\r\n${host}\r\n\r\n`.repeat(10));
    expect(statusesOf(answer)).toEqual([200, 200, 200]);
  });

  it('does nothing that is asked for behind the last request', async () => {
    const { rig, port, host, bearer } = await startRawControl({ limits: { requestsPerConnection: 2 } });
    const record = `POST /api/video-calls/${rig.world.callId}/recording/start HTTP/1.1\r\n${host}\r\n${bearer}\r\n\r\n`;
    const answer = await exchangeRaw(port, `GET /health HTTP/1.1\r\n${host}\r\n\r\n`.repeat(2) + record);
    expect(statusesOf(answer)).toEqual([200, 200]);
    expect((await rig.client().ask('startRecording', { params: { callId: rig.world.callId } })).status).toBe(201);
    expect(rig.world.starts()).toBe(1);
  });
});
